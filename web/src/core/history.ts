/* Undo history. Steps are plain data (two patches and a label), so a history can be saved with a draft and survives a
   reload. Invariant: applying `undo` of the last step returns the state before it. Steps with the same merge key that
   follow each other within two seconds become one (a drag is one step). Unbounded on purpose. */

import { signal, type ReadonlySignal } from '@preact/signals';

export interface Step<P> {
  label: string;     // message key or text shown in the toast and to screen readers
  undo: P;
  redo: P;
  merge?: string;    // e.g. `move:region-id`
}

export interface Saved<P> { done: Step<P>[]; undone: Step<P>[] }

export class History<P> {
  #done: Step<P>[] = [];
  #undone: Step<P>[] = [];
  #last = 0;
  #apply: (patch: P) => void;
  #now: () => number;
  #version = signal(0);

  constructor(apply: (patch: P) => void, now: () => number = () => performance.now()) {
    this.#apply = apply;
    this.#now = now;
  }

  /** Grows with every change; read it to follow canUndo and canRedo. */
  get version(): ReadonlySignal<number> { return this.#version; }
  get canUndo(): boolean { this.#version.value; return this.#done.length > 0; }
  get canRedo(): boolean { this.#version.value; return this.#undone.length > 0; }
  get nextUndo(): string { this.#version.value; return this.#done.at(-1)?.label ?? ''; }

  /** Applies `redo` and remembers the step. */
  run(step: Step<P>): void {
    this.#apply(step.redo);
    this.note(step);
  }

  /** Remembers a step that is already applied (the end of a drag). */
  note(step: Step<P>): void {
    const now = this.#now(), last = this.#done.at(-1);
    if (last && step.merge && last.merge === step.merge && now - this.#last < 2000 && this.#undone.length === 0) {
      this.#done[this.#done.length - 1] = { ...last, redo: step.redo };      // a step that is noted is never changed
    } else {
      this.#done.push({ ...step });
    }
    this.#last = now;
    this.#undone = [];
    this.#version.value++;
  }

  /** Ends the current merge: the next step stands alone. */
  seal(): void { this.#last = -Infinity; }

  undo(): Step<P> | null { return this.#shift(this.#done, this.#undone, 'undo'); }
  redo(): Step<P> | null { return this.#shift(this.#undone, this.#done, 'redo'); }

  #shift(from: Step<P>[], to: Step<P>[], way: 'undo' | 'redo'): Step<P> | null {
    const step = from.pop();
    if (!step) return null;
    this.#apply(step[way]);
    to.push(step);
    this.seal();
    this.#version.value++;
    return step;
  }

  clear(): void { this.load({ done: [], undone: [] }); }
  save(): Saved<P> { return { done: [...this.#done], undone: [...this.#undone] }; }
  load(saved: Saved<P>): void {
    this.#done = [...saved.done];
    this.#undone = [...saved.undone];
    this.seal();
    this.#version.value++;
  }
}
