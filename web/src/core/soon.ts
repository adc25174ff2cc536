/* What may come a moment later than what a person looks at: while the hand is busy it is left out, then one job a frame,
   after its paint. Of jobs with one key the latest counts. */
const MOMENT = 80;                 // milliseconds: still at once to the eye
const jobs = new Map<unknown, () => void>();
let asked = false;

export function soon(key: unknown, act: () => void): void {
  jobs.set(key, act);
  if (asked) return;
  asked = true;
  setTimeout(frame, MOMENT);
}

export function notSoon(key: unknown): void { jobs.delete(key); }

/* After the next paint; in a hidden window nothing is painted, and the jobs run all the same. */
function frame(): void {
  let done = false;
  const go = (): void => {
    if (done) return;
    done = true;
    const [next] = jobs;
    if (next) { jobs.delete(next[0]); next[1](); }
    asked = jobs.size > 0;
    if (asked) frame();
  };
  requestAnimationFrame(() => setTimeout(go));
  setTimeout(go, 120);
}
