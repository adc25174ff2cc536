/* The one Trusted Types policy. It lets hashed scripts of this origin be workers, and nothing else: there is no way
   here to turn text into HTML or into code. */

interface ScriptUrlPolicy { createScriptURL(url: string): string }
interface Factory { createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptUrlPolicy }

export function allowedScript(url: string, origin: string): string {
  const u = new URL(url, origin);
  if (u.origin !== origin || !/^\/assets\/[\w.-]+\.m?js$/.test(u.pathname)) throw new TypeError(`not a script of ours: ${u.pathname}`);
  return u.href;
}

const rules = { createScriptURL: (url: string) => allowedScript(url, location.origin) };
const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const policy: ScriptUrlPolicy = factory ? factory.createPolicy('annotary', rules) : rules;

/** Starts a module worker whose address came from `import url from './x?worker&url'`. */
export function startWorker(url: string): Worker {
  return new Worker(policy.createScriptURL(url), { type: 'module' });
}
