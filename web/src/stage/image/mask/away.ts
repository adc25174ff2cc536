/* The worker of masks, for whoever needs their pixels. */
import { startWorker } from '../../../core/trusted';
import type { Ask } from './worker';
import workerUrl from './worker?worker&url';

/* The worker: one for the page, asked by number. */
class Away {
  private w: Worker | null = null;
  private n = 0;
  private open = new Map<number, [(v: never) => void, (e: Error) => void]>();

  ask<T>(ask: Ask): Promise<T> {
    this.w ??= this.start();
    return new Promise<T>((yes, no) => { this.open.set(++this.n, [yes as (v: never) => void, no]); this.w!.postMessage({ n: this.n, ask }); });
  }

  private start(): Worker {
    const w = startWorker(workerUrl);
    w.onmessage = (e: MessageEvent<{ n: number; value?: unknown; error?: string }>) => {
      const [yes, no] = this.open.get(e.data.n) ?? [];
      this.open.delete(e.data.n);
      if (e.data.error === undefined) yes?.(e.data.value as never); else no?.(new Error(e.data.error));
    };
    return w;
  }
}
export const away = new Away();
