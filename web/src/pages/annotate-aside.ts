/* A way to the server that takes no frame of the page: a worker hands long bodies to the network. */
import { pause, type Wire } from '../core/api';
import { startWorker } from '../core/trusted';
import type { Said } from './aside.worker';
import workerUrl from './aside.worker?worker&url';

let worker: Worker | null = null, n = 0;
const open = new Map<number, [(r: Response) => void, (e: Error) => void]>();

function begin(): Worker {
  const w = startWorker(workerUrl);
  w.onmessage = (e: MessageEvent<Said>) => {
    const { n, reply } = e.data, [yes, no] = open.get(n) ?? [];
    open.delete(n);
    if (reply) yes?.(new Response(reply.text || null, { status: reply.status, headers: reply.headers })); else no?.(new TypeError('no connection'));
  };
  w.onerror = () => {                        // its code did not come: the line is down, and the next time is a new one
    worker = null;
    for (const [, no] of open.values()) no(new TypeError('no worker'));
    open.clear();
  };
  return w;
}

export const aside: Wire = {
  fetch: (url, init) => new Promise((yes, no) => {
    worker ??= begin();
    open.set(++n, [yes, no]);
    worker.postMessage({ n, url, init });
  }),
  sleep: pause,
  random: Math.random,
};
