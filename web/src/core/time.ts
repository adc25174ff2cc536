/* Times as people read them, and the clock of active work.
   Active means: the tab is visible and there was input within 60 s. Idle time is never counted afterwards. */

import { language } from './i18n';

export function clockTime(iso: string, lang = language.value): string {
  const d = new Date(iso);
  return Number.isNaN(d.getTime()) ? '' : new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short' }).format(d);
}

const spans: [Intl.RelativeTimeFormatUnit, number][] =
  [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60]];

/** "4 minutes ago"; below a minute the language's own word for now. */
export function ago(iso: string, now = Date.now(), lang = language.value): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return '';
  const secs = Math.round((at - now) / 1000);
  const [unit, size] = spans.find(([, size]) => Math.abs(secs) >= size) ?? ['second', Infinity];
  return new Intl.RelativeTimeFormat(lang, { numeric: 'auto' }).format(Math.trunc(secs / size), unit);
}

/** 74 → "1:14", 3725 → "1:02:05". */
export function duration(secs: number): string {
  const s = Math.max(0, Math.round(secs)), two = (n: number) => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

export class ActiveClock {
  #total = 0;
  #since: number | null = null;   // active since, or null while idle or hidden
  #input = 0;
  #now: () => number;
  readonly idleAfter: number;

  constructor(now: () => number = () => performance.now(), idleAfter = 60_000) {
    this.#now = now;
    this.idleAfter = idleAfter;
  }

  /** Any key, pointer or wheel. */
  input(): void {
    this.#settle();
    this.#input = this.#now();
    if (this.#since === null) this.#since = this.#input;
  }

  hidden(): void { this.#settle(); this.#since = null; }

  get ms(): number { this.#settle(); return Math.round(this.#total); }

  /** Back to zero for the next task, still running if the person is. */
  restart(total = 0): void { this.#settle(); this.#total = total; }

  #settle(): void {
    if (this.#since === null) return;
    const now = this.#now(), end = Math.min(now, this.#input + this.idleAfter);
    if (end > this.#since) this.#total += end - this.#since;
    this.#since = now > this.#input + this.idleAfter ? null : now;
  }

  /** Listens on the document; returns the way to stop. */
  watch(doc: Document = document): () => void {
    const on = () => this.input(), vis = () => { if (doc.visibilityState === 'hidden') this.hidden(); else this.input(); };
    const kinds = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;
    for (const k of kinds) doc.addEventListener(k, on, { passive: true });
    doc.addEventListener('visibilitychange', vis);
    if (doc.visibilityState === 'visible') this.input();
    return () => {
      for (const k of kinds) doc.removeEventListener(k, on);
      doc.removeEventListener('visibilitychange', vis);
    };
  }
}
