/* The little of Node's test modules that our unit tests use; the code itself runs in browsers and must not see Node's types. */
declare module 'node:test' {
  export function test(name: string, body: () => void | Promise<void>): void;
}
declare module 'node:assert/strict' {
  interface Assert {
    (value: unknown, message?: string): asserts value;
    ok(value: unknown, message?: string): asserts value;
    equal(actual: unknown, expected: unknown, message?: string): void;
    notEqual(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(text: string, pattern: RegExp, message?: string): void;
    throws(body: () => unknown, kind?: unknown, message?: string): void;
    rejects(body: Promise<unknown> | (() => Promise<unknown>), check?: unknown, message?: string): Promise<void>;
  }
  const assert: Assert;
  export default assert;
}
