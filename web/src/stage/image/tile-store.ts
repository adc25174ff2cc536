/*
 * tile-store.ts -- which pieces of a huge picture are here, and which are fetched.
 *
 * Promise: at most AT_ONCE are on their way; what is no longer wanted is given
 * up; of those that are here the one not used for longest goes first, and all
 * of them together stay within `most` pixels.  What `keep` names never goes.
 */
import type { Source } from './tile-source';

const AT_ONCE = 6, TRIES = 3;

export interface Place { level: number; x: number; y: number }
export const placeKey = (p: Place): string => `${p.level}/${p.x}/${p.y}`;

export class TileStore {
  readonly tiles = new Map<string, ImageBitmap>();
  private asked = new Map<string, AbortController>();
  private broken = new Map<string, number>();
  private pixels = 0;
  most = 32_000_000;
  pause = 300;                           // ms before a second try, and twice that before a third

  constructor(private source: Source, private changed: () => void, private failed: (key: string) => void) {}

  get waiting(): number { return this.asked.size; }

  use(p: Place): ImageBitmap | undefined {
    const k = placeKey(p), t = this.tiles.get(k);
    if (t) { this.tiles.delete(k); this.tiles.set(k, t); }
    return t;
  }

  /* Everything that is wanted now, the most wanted first. */
  want(list: readonly Place[]): void {
    const keys = new Set(list.map(placeKey));
    for (const [k, c] of this.asked) if (!keys.has(k)) { c.abort(); this.asked.delete(k); }
    for (const p of list) {
      if (this.asked.size >= AT_ONCE) break;
      const k = placeKey(p);
      if (!this.tiles.has(k) && !this.asked.has(k) && (this.broken.get(k) ?? 0) < TRIES) void this.fetch(p, k);
    }
    this.drop(keys);
  }

  private async fetch(p: Place, k: string): Promise<void> {
    const c = new AbortController();
    this.asked.set(k, c);
    try {
      const t = await this.source.get(p.level, p.x, p.y, c.signal);
      if (c.signal.aborted) { t.close(); return; }
      this.tiles.set(k, t);
      this.pixels += t.width * t.height;
    } catch {
      if (c.signal.aborted) return;
      const n = (this.broken.get(k) ?? 0) + 1;
      this.broken.set(k, n);
      if (n >= TRIES) this.failed(k);
      else await new Promise((go) => setTimeout(go, this.pause * n));         // and it is on its way all the while
    } finally {
      if (this.asked.get(k) === c) { this.asked.delete(k); this.changed(); }
    }
  }

  private drop(keys: ReadonlySet<string>): void {
    for (const [k, t] of this.tiles) {
      if (this.pixels <= this.most) break;
      if (keys.has(k)) continue;
      this.tiles.delete(k);
      this.pixels -= t.width * t.height;
      t.close();
    }
  }

  stop(): void {
    for (const c of this.asked.values()) c.abort();
    for (const t of this.tiles.values()) t.close();
    this.asked.clear();
    this.tiles.clear();
    this.source.stop();
  }
}
