// Work of a frame, from the browser's own trace: the processor time of the page's main thread between the ends of two frames.

export const categories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing', '__metadata'];

/** Milliseconds a frame, and of the longest task, between the marks bench.begin and bench.end; `wall` by the wall clock. */
export function read(events) {
  const main = events.find((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain' && events.some((x) => x.pid === e.pid && x.name === 'bench.begin'));
  const mine = events.filter((e) => e.pid === main.pid && e.tid === main.tid), mark = (n) => mine.find((e) => e.name === n).ts;
  const from = mark('bench.begin'), to = mark('bench.end');
  const tasks = mine.filter((e) => e.ph === 'X' && e.name === 'ThreadControllerImpl::RunTask' && e.ts >= from && e.ts <= to).sort((a, b) => a.ts - b.ts);
  const ends = mine.filter((e) => e.name === 'Commit' && e.ts >= from && e.ts <= to).map((e) => e.ts + (e.dur ?? 0)).sort((a, b) => a - b);
  const frames = [];
  let at = 0;
  for (const end of ends) {
    let cpu = 0;
    while (at < tasks.length && tasks[at].ts < end) { cpu += (tasks[at].tdur ?? tasks[at].dur ?? 0) / 1000; at++; }
    frames.push(cpu);
  }
  const most = (f) => Math.max(0, ...tasks.map((e) => (f(e) ?? 0) / 1000));
  return { frames, longest: most((e) => e.tdur ?? e.dur), wall: most((e) => e.dur) };
}
