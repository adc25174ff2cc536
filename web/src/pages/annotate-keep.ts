/*
 * annotate-keep.ts -- what survives a reload, a crash, a lost connection: drafts
 * and answers on their way.  IndexedDB; where there is none (private windows of
 * some browsers) a Map that lives as long as the page.
 * Erased at logout: task data belongs to nobody else at this machine.
 */
import { onLogout } from '../core/session';

export interface Keeper<T> {
  all(): Promise<T[]>;
  get(key: string): Promise<T | undefined>;
  put(key: string, value: T): Promise<void>;
  remove(key: string): Promise<void>;
}

const DB = 'annotary-work';
const STORES = ['drafts', 'queue'] as const;
export type StoreName = (typeof STORES)[number];

let opened: Promise<IDBDatabase | null> | null = null;

function open(): Promise<IDBDatabase | null> {
  return opened ??= new Promise((done) => {
    if (typeof indexedDB === 'undefined') { done(null); return; }
    let ask: IDBOpenDBRequest;
    try { ask = indexedDB.open(DB, 1); } catch { done(null); return; }
    ask.onupgradeneeded = () => { for (const s of STORES) ask.result.createObjectStore(s); };
    ask.onsuccess = () => {
      ask.result.onversionchange = () => { ask.result.close(); opened = null; };
      done(ask.result);
    };
    ask.onerror = ask.onblocked = () => done(null);
  });
}

const settled = <T>(r: IDBRequest<T>): Promise<T> => new Promise((done, no) => { r.onsuccess = () => done(r.result); r.onerror = () => no(r.error); });

export function memoryKeeper<T>(): Keeper<T> {
  const m = new Map<string, T>();
  return {
    all: () => Promise.resolve([...m.values()]),
    get: (k) => Promise.resolve(m.get(k)),
    put: (k, v) => { m.set(k, structuredClone(v)); return Promise.resolve(); },
    remove: (k) => { m.delete(k); return Promise.resolve(); },
  };
}

const spare: Record<StoreName, Keeper<never>> = { drafts: memoryKeeper(), queue: memoryKeeper() };

export function keeper<T>(store: StoreName): Keeper<T> {
  const other = spare[store] as unknown as Keeper<T>;
  async function use<R>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<R>, without: () => Promise<R>): Promise<R> {
    const db = await open();
    if (!db) return without();
    try {
      const tx = db.transaction(store, mode);
      const value = await settled(act(tx.objectStore(store)));
      if (mode === 'readwrite') await new Promise<void>((done, no) => { tx.oncomplete = () => done(); tx.onabort = tx.onerror = () => no(tx.error); });
      return value;
    } catch { return without(); }
  }
  return {
    all: () => use('readonly', (s) => s.getAll() as IDBRequest<T[]>, () => other.all()),
    get: (k) => use('readonly', (s) => s.get(k) as IDBRequest<T | undefined>, () => other.get(k)),
    put: async (k, v) => { await use('readwrite', (s) => s.put(v, k), async () => { await other.put(k, v); return k as IDBValidKey; }); },
    remove: async (k) => { await use('readwrite', (s) => s.delete(k), async () => { await other.remove(k); return undefined; }); },
  };
}

export async function eraseKept(): Promise<void> {
  const db = await open();
  if (!db) return;
  const tx = db.transaction([...STORES], 'readwrite');
  for (const s of STORES) tx.objectStore(s).clear();
}

onLogout(() => { void eraseKept(); });
