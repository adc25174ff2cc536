/* The one way to the server. Promise: a write is sent with the CSRF token and one Idempotency-Key for all its attempts,
   so a repeat after a lost answer is the same act. Busy answers (429, 503) are tried again after the time the server
   names; a lost connection only where repeating is safe. Errors carry the server's sentence and field paths. */

export interface ErrorBody {
  detail?: string;
  code?: string;
  fields?: Record<string, string>;
  request_id?: string;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, string>;
  readonly requestId: string;
  readonly body: unknown;

  /** `raw` is the answer as it came; `body` what all answers have in common. */
  constructor(status: number, body: ErrorBody, fallback: string, raw: unknown = body) {
    super(body.detail || fallback);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code ?? (status === 0 ? 'E_NETWORK' : `E_HTTP_${status}`);
    this.fields = body.fields ?? {};
    this.requestId = body.request_id ?? '';
    this.body = raw;
  }
}

export interface Options {
  body?: unknown;                         // JSON value, or FormData, Blob, string (sent as they are)
  type?: string;                          // content type of a raw body
  query?: Record<string, string | number | boolean | null | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  idempotency?: string;                   // own key; else a write gets a fresh one; '' for none
  keepalive?: boolean;
  retries?: number;
  onResponse?: (reply: Response) => void; // to read headers such as ETag
}

/** What the sender needs from outside; tests replace it. */
export interface Wire {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  random: () => number;
}

const wire: Wire = {
  fetch: (url, init) => fetch(url, init),
  sleep: pause,
  random: Math.random,
};

let csrf = '';
let lost: () => void = () => {};

export function setCsrf(token: string): void { csrf = token; }
export function csrfToken(): string { return csrf; }
/** Called when the server says the session is over (401 on anything but the session itself). */
export function onSessionLost(hook: () => void): void { lost = hook; }

export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, no) => {
    if (signal?.aborted) { no(signal.reason); return; }
    const stop = () => { clearTimeout(timer); no(signal?.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); done(); }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('');
}

/** Milliseconds to wait before attempt n + 1 (n from 0): 1, 2, 4 … 60 s with jitter, never less than Retry-After. */
export function backoff(attempt: number, retryAfter: string | null, random: number, now = Date.now()): number {
  const own = Math.min(60_000, 1000 * 2 ** attempt) * (0.5 + random / 2);
  if (!retryAfter) return own;
  const secs = Number(retryAfter);
  const asked = Number.isFinite(secs) ? secs * 1000 : Date.parse(retryAfter) - now;
  return Number.isFinite(asked) && asked > 0 ? Math.min(60_000, Math.max(asked, own / 4)) : own;
}

export function withQuery(path: string, query: Options['query']): string {
  if (!query) return path;
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}${path.includes('?') ? '&' : '?'}${text}` : path;
}

const writes = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

function initOf(method: string, o: Options): RequestInit {
  const headers: Record<string, string> = { Accept: 'application/json', ...o.headers };
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (o.signal) init.signal = o.signal;
  if (o.keepalive) init.keepalive = true;
  if (writes.has(method)) {
    if (csrf) headers['X-CSRF-Token'] = csrf;
    if (o.idempotency !== '') headers['Idempotency-Key'] = o.idempotency ?? newKey();
  }
  const body = o.body;
  if (body === undefined) return init;
  if (typeof body === 'string' || body instanceof Blob || body instanceof FormData) {
    init.body = body;
    if (o.type) headers['Content-Type'] = o.type;
  } else {
    init.body = JSON.stringify(body);
    headers['Content-Type'] = 'application/json';
  }
  return init;
}

async function readBody(reply: Response): Promise<unknown> {
  if (reply.status === 204) return null;
  const text = await reply.text();
  if (!text) return null;
  const type = reply.headers.get('content-type') ?? '';
  if (!type.includes('json')) return text;
  try { return JSON.parse(text); } catch { return text; }
}

/** Label Studio's validation errors are `{field: [sentence]}`; ours are `{detail, fields}`. Both become one shape. */
export function errorBody(value: unknown): ErrorBody {
  if (typeof value !== 'object' || value === null) return {};
  const raw = value as Record<string, unknown>;
  const out: ErrorBody = {};
  if (typeof raw.detail === 'string') out.detail = raw.detail;
  if (typeof raw.code === 'string') out.code = raw.code;
  if (typeof raw.request_id === 'string') out.request_id = raw.request_id;
  const fields: Record<string, string> = {};
  const from = (typeof raw.fields === 'object' && raw.fields !== null ? raw.fields
    : typeof raw.validation_errors === 'object' && raw.validation_errors !== null ? raw.validation_errors
    : out.detail ? {} : raw) as Record<string, unknown>;
  for (const [key, why] of Object.entries(from)) {
    const text = Array.isArray(why) ? why.filter(x => typeof x === 'string').join(' ') : why;
    if (typeof text === 'string' && text) fields[key] = text;
  }
  if (Object.keys(fields).length) out.fields = fields;
  if (!out.detail) { const first = Object.values(fields)[0]; if (first) out.detail = first; }
  return out;
}

const plain: Record<number, string> = {
  0: 'The server cannot be reached. Check the connection and try again.',
  401: 'Please log in again.',
  403: 'You may not do this.',
  404: 'This does not exist, or you may not see it.',
  412: 'Somebody else changed this in the meantime.',
  413: 'This is too big.',
  429: 'The server is busy. Try again in a moment.',
  503: 'The server is busy. Try again in a moment.',
  507: 'The server has no room left on its disk.',
};

export async function send<T>(method: string, path: string, o: Options = {}, via: Wire = wire): Promise<T> {
  const init = initOf(method, o);
  const url = withQuery(path, o.query);
  const tries = (o.retries ?? 3) + 1;
  for (let attempt = 0; ; attempt++) {
    let reply: Response;
    try {
      reply = await via.fetch(url, init);
    } catch (cause) {
      if (o.signal?.aborted) throw cause;
      if (attempt + 1 >= Math.min(tries, 3)) throw new ApiError(0, {}, plain[0]!);
      await via.sleep(backoff(attempt, null, via.random()), o.signal);
      continue;
    }
    const busy = reply.status === 429 || reply.status === 503;
    if (busy && attempt + 1 < tries) {
      await via.sleep(backoff(attempt, reply.headers.get('retry-after'), via.random()), o.signal);
      continue;
    }
    o.onResponse?.(reply);
    const value = await readBody(reply);
    if (reply.ok) return value as T;
    if (reply.status === 401 && !path.startsWith('/api/session')) lost();
    throw new ApiError(reply.status, errorBody(value), plain[reply.status] ?? 'Something went wrong on the server.', value);
  }
}

export const get = <T>(path: string, o?: Options) => send<T>('GET', path, o);
export const post = <T>(path: string, body?: unknown, o?: Options) => send<T>('POST', path, { ...o, body });
export const put = <T>(path: string, body?: unknown, o?: Options) => send<T>('PUT', path, { ...o, body });
export const patch = <T>(path: string, body?: unknown, o?: Options) => send<T>('PATCH', path, { ...o, body });
export const del = <T>(path: string, o?: Options) => send<T>('DELETE', path, o);

/** A file on its way up, with progress (fetch cannot report it). `seen` gets a share from 0 to 1. */
export function upload<T>(path: string, body: Blob | FormData, seen: (share: number) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((done, no) => {
    const x = new XMLHttpRequest();
    x.open('POST', path);
    x.setRequestHeader('Accept', 'application/json');
    if (csrf) x.setRequestHeader('X-CSRF-Token', csrf);
    x.setRequestHeader('Idempotency-Key', newKey());
    if (body instanceof Blob && !body.type) x.setRequestHeader('Content-Type', 'application/octet-stream');
    x.upload.onprogress = e => { if (e.lengthComputable && e.total > 0) seen(e.loaded / e.total); };
    x.onerror = () => no(new ApiError(0, {}, plain[0]!));
    x.onabort = () => no(new DOMException('stopped', 'AbortError'));
    x.onload = () => {
      let value: unknown = null;
      try { value = JSON.parse(x.responseText); } catch { /* an answer without JSON keeps the plain sentence */ }
      if (x.status >= 200 && x.status < 300) { seen(1); done(value as T); return; }
      if (x.status === 401) lost();
      no(new ApiError(x.status, errorBody(value), plain[x.status] ?? 'Something went wrong on the server.', value));
    };
    signal?.addEventListener('abort', () => x.abort(), { once: true });
    x.send(body);
  });
}
