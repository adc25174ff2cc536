/* How a project stands, for those who may see answers: what needs a decision, progress and forecast, pace and agreement over
   time, labels, people, skips. Every figure with its count, every estimate with its interval. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import words from '../i18n/en/overview.json';
import { ApiError, get } from '../core/api';
import { addMessages, language, num, percent, share, t } from '../core/i18n';
import { canReview } from '../core/session';
import { ago, duration } from '../core/time';
import { Stacked } from '../charts/bars';
import { Figure, type Way } from '../charts/figure';
import { LineChart } from '../charts/line';
import { BarRows, Forest } from '../charts/rows';
import { Empty, Est, Failed } from '../ui/bits';
import { Button, Segmented } from '../ui/button';
import { Icon } from '../ui/icon';
import { jobWell, jobEnded } from './jobs';
import { agreementDays, agreementOf, controlsOf, daysOf, FEW, forecastOf, hoursOf, labelAgreement, needsOf, wantedOf, wilson, type Day, type Forecast, type Need, type Overview, type Person } from './overview-model';
import type { Cursor, Job, Project } from './shapes';
import { Entry } from './shell';

await addMessages('overview', words);

const NONE: Person[] = [];
const dayName = (d: Date, long = false): string => new Intl.DateTimeFormat(language.value, long ? { weekday: 'short', day: 'numeric', month: 'short' } : { day: 'numeric', month: 'short' }).format(d);
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone.replace(/_/g, ' ');
const ok = (x: number | undefined): number | null => (x === undefined || Number.isNaN(x) ? null : x);
const span = (lo: number | null, hi: number | null): string => (lo === null || hi === null ? '–' : `${share(lo)}–${share(hi)}`);

export function Standing({ p, jobs }: { p: Project; jobs: Job[] | null }) {
  const [o, setO] = useState<Overview | null>(null), [people, setPeople] = useState<Person[] | null>(null), [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    const stop = new AbortController(), q = { signal: stop.signal };
    const bad = (e: unknown): void => { if (!stop.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); };
    get<Overview>(`/api/projects/${p.id}/overview`, { ...q, query: { days: 31 } }).then(setO, bad);
    get<Cursor<Person>>(`/api/projects/${p.id}/contributions`, q).then(v => setPeople(v.results), bad);
    return () => stop.abort();
  }, [p.id]);
  const now = useMemo(() => new Date(o?.now ?? Date.now()), [o]), days = useMemo(() => (o ? daysOf(o.pace, now) : []), [o]);
  if (error) return <Failed error={error} />;
  if (!o) return <p class="mute" role="status">{t('loading')}</p>;
  return <>
    <Needs p={p} o={o} people={people ?? NONE} days={days} jobs={jobs} />
    <Progress p={p} o={o} days={days} now={now} />
    {days.length === 0 && o.agreement.n === 0 ? <Entry title={t('ov.pace')} text={t('ov.pace.side', { zone: zone() })}><div class="panel"><Empty title={t('ov.nowork')} text={t('ov.nowork.text')} art="clock"><Button href={`/projects/${p.id}/members`}>{t('people.invite')}</Button></Empty></div></Entry>
      : <><Pace p={p} o={o} days={days} now={now} />
        {o.labels.length > 0 && <Labels p={p} o={o} />}
        {people && people.length > 0 && <People people={people} goal={o.agreement.goal} />}
        {o.skips.length > 0 && <Skips o={o} />}</>}
  </>;
}

/* ---- worst first ---- */

function said(n: Need, base: string): { title: string; text: string; href: string; act: string } {
  switch (n.what) {
    case 'agreement': return { title: t('need.agreement', { value: share(n.value), goal: share(n.goal) }), text: t('need.agreement.text'), href: `${base}/results`, act: t('need.agreement.act') };
    case 'disputed': return { title: t('need.disputed', { n: n.n }), text: t('need.disputed.text'), href: `${base}/compare`, act: t('need.settle') };
    case 'label': return { title: t('need.label', { label: n.label }), text: t('need.label.text', { value: share(n.range.value), range: span(n.range.lo, n.range.hi), n: n.range.n }), href: `${base}/results?control=${encodeURIComponent(n.control)}`, act: t('need.agreement.act') };
    case 'person': return { title: t('need.person', { name: n.name }), text: t('need.person.text', { value: share(n.range.value), range: span(n.range.lo, n.range.hi), n: n.range.n, mean: share(n.mean) }), href: `${base}/results`, act: t('need.compare') };
    case 'still': return { title: t('need.still', { n: n.days }), text: t('need.still.text'), href: `${base}/members`, act: t('people.invite') };
    case 'skips': return { title: t('need.skips', { n: n.n }), text: t('need.skips.text', { reason: whySkipped(n.reason) }), href: `${base}/tasks`, act: t('need.look') };
    case 'job': return { title: t('need.job'), text: n.why || t('need.job.text'), href: `${base}/import`, act: t('need.look') };
    case 'paused': return { title: t('need.paused'), text: t('need.paused.text'), href: `${base}/settings`, act: t('tab.settings') };
  }
}

function Needs({ p, o, people, days, jobs }: { p: Project; o: Overview; people: Person[]; days: Day[]; jobs: Job[] | null }) {
  const bad = jobs?.[0] && jobEnded(jobs[0]) && !jobWell(jobs[0]) ? { kind: jobs[0].kind ?? '', why: jobs[0].error ?? '' } : null;
  const list = needsOf(o, people, days, { paused: p.paused ?? false, failed: bad }).filter(n => n.what !== 'disputed' || canReview(p.my_role));
  if (list.length === 0) return null;
  return <Entry title={t('need')} text={t('need.side')}><section class="panel"><ul class="hot">{list.map(n => {
    const s = said(n, `/projects/${p.id}`);
    return <li key={n.what}><span class={n.tone}><Icon i={n.tone === 'bad' ? 'alert' : 'warn'} cls={n.tone} /></span><div><h3><bdi>{s.title}</bdi></h3><p>{s.text}</p></div><Button href={s.href}>{s.act}</Button></li>;
  })}</ul></section></Entry>;
}

/* ---- how far ---- */

function when(f: Forecast): { fig: string; text: string } {
  switch (f.kind) {
    case 'done': return { fig: t('ov.done'), text: t('ov.done.text') };
    case 'none': return { fig: '–', text: t('ov.early') };
    case 'still': return { fig: '–', text: t('ov.still') };
    case 'at': return { fig: dayName(f.day), text: f.late ? t('ov.between', { from: dayName(f.early), to: dayName(f.late) }) : t('ov.after', { from: dayName(f.early) }) };
  }
}

function Progress({ p, o, days, now }: { p: Project; o: Overview; days: Day[]; now: Date }) {
  const c = o.count, done = c.finished, going = Math.max(0, c.touched - done), disputed = Math.min(done, o.agreement.disputed), left = Math.max(0, c.tasks - done - going);
  const today = days.at(-1)?.answers ?? 0, before = days.slice(0, -1).slice(-14).filter(d => d.answers > 0).map(d => d.answers).sort((a, b) => a - b);
  const f = when(forecastOf(days, wantedOf(c), now)), some = o.agreement.mean === null ? null : agreementOf(o.agreement);
  return <Entry title={t('progress')} text={t('progress.side')}><div class="figs">
    <div><span class="small dim">{t('project.settled')}</span><span class="fig">{num(done)} <small>{t('of.n', { n: c.tasks })}</small></span><span class="small dim">{c.tasks ? percent(done / c.tasks) : '–'}</span></div>
    <div><span class="small dim">{t('ov.today')}</span><span class="fig">{num(today)} <small>{t('ov.answers', { n: today })}</small></span><span class="small dim">{before.length > 2 ? t('ov.usual', { from: before[Math.floor(before.length * 0.1)]!, to: before[Math.ceil(before.length * 0.9) - 1]! }) : t('answers.each', { n: p.maximum_annotations })}</span></div>
    <div><span class="small dim">{t('ov.finish')}</span><span class="fig">{f.fig}</span><span class="small dim">{f.text}</span></div>
    <div><span class="small dim">{t('agreement')}</span><span class="fig">{share(some?.value)}</span><span class="small dim">{some && ok(some.lo) !== null ? t('agreement.range', { low: share(some.lo), high: share(some.hi) }) : some ? t('agreement.small', { n: some.n }) : p.maximum_annotations < 2 ? t('ov.one') : t('quality.wait')}</span></div>
  </div>
    <Stacked name={t('progress')} parts={[{ name: t('project.settled'), n: done - disputed, k: 'k1' }, ...(o.agreement.n ? [{ name: t('ov.disputed'), n: disputed, k: 'k2' as const }] : []), { name: t('progress.going'), n: going, k: 'soft' }, { name: t('progress.waiting'), n: left, k: 'track' }]} />
  </Entry>;
}

/* ---- over time ---- */

function useWay(): [Way, preact.JSX.Element] {
  const [as, set] = useState<Way>('chart');
  return [as, <Segmented name={t('chart.way')} value={as} onChange={set} options={[['chart', t('chart')], ['table', t('table')]]} />];
}

function Pace({ p, o, days, now }: { p: Project; o: Overview; days: Day[]; now: Date }) {
  const [as, side] = useWay(), [by, setBy] = useState<'day' | 'hour'>(days.length > 1 ? 'day' : 'hour');
  const hours = useMemo(() => hoursOf(o.pace, now), [o]), agreed = useMemo(() => agreementDays(o.agreement_times, days), [o, days]);
  const hour = (h: number): string => `${String(h).padStart(2, '0')}:00`;
  const labels = by === 'day' ? days.map(d => dayName(d.at)) : hours.map((_, h) => hour(h)), values = by === 'day' ? days.map(d => d.answers) : hours;
  const name = by === 'day' ? t('ov.perday') : t('ov.perhour'), known = agreed.filter(r => r !== null).length;
  return <Entry title={t('ov.pace')} text={t('ov.pace.side', { zone: zone() })} side={side}><div class="split2 w21">
    <Figure name={name} as={as} aside={<Segmented name={t('ov.by')} value={by} onChange={setBy} options={[['day', t('ov.by.day')], ['hour', t('ov.by.hour')]]} />}
      cols={[{ name: by === 'day' ? t('ov.day') : t('ov.hour') }, { name: t('answers'), num: true }, ...(by === 'day' ? [{ name: t('skips'), num: true }, { name: t('ov.active'), num: true }] : [])]}
      rows={by === 'day' ? days.map(d => [dayName(d.at, true), num(d.answers), num(d.skips), duration(d.activeMs / 1000)]) : hours.map((n, h) => [hour(h), num(n)])}
      data={by === 'day' ? days.map(d => [d.at.toLocaleDateString('sv'), d.answers, d.skips, Math.round(d.activeMs / 1000)]) : hours.map((n, h) => [hour(h), n])}
      note={days.length < 3 && by === 'day' ? t('ov.fewdays', { n: days.length }) : undefined}
      chart={(at, seek) => <LineChart name={name} labels={labels} series={[{ name: t('answers'), k: 'k1', values }]} bars at={at} seek={seek} />} />
    {known > 0 ? <Figure name={t('ov.agreeday')} as={as} aside={<Est value={o.agreement.mean} n={o.agreement.n} />}
      cols={[{ name: t('ov.day') }, { name: t('agreement'), num: true }, { name: t('ov.interval'), num: true }, { name: t('tasks'), num: true }]}
      rows={days.map((d, i) => [dayName(d.at, true), agreed[i] ? share(agreed[i].value) : null, span(ok(agreed[i]?.lo), ok(agreed[i]?.hi)), num(agreed[i]?.n ?? 0)])}
      data={days.map((d, i) => [d.at.toLocaleDateString('sv'), agreed[i]?.value ?? null, `${ok(agreed[i]?.lo) ?? ''} ${ok(agreed[i]?.hi) ?? ''}`.trim(), agreed[i]?.n ?? 0])}
      note={o.agreement.n < FEW ? t('agreement.small', { n: o.agreement.n }) : undefined}
      chart={(at, seek) => <LineChart name={t('ov.agreeday')} labels={days.map(d => dayName(d.at))} range={[0, 1]} goal={o.agreement.goal} format={share} at={at} seek={seek}
        series={[{ name: t('agreement'), k: 'k1', values: agreed.map(r => r?.value ?? null), low: agreed.map(r => ok(r?.lo)), high: agreed.map(r => ok(r?.hi)) }]} />} />
      : <section class="panel"><Empty title={t('quality.none')} text={p.maximum_annotations < 2 ? t('quality.one') : t('quality.wait')} art="scale">{p.maximum_annotations < 2 && <Button href={`/projects/${p.id}/settings`}>{t('tab.settings')}</Button>}</Empty></section>}
  </div></Entry>;
}

/* ---- labels ---- */

function Labels({ p, o }: { p: Project; o: Overview }) {
  const [as, side] = useWay(), all = controlsOf(o.labels), [control, setControl] = useState(all[0]!);
  const rows = o.labels.filter(l => l.control === control), shown = rows.slice(0, 24), total = rows.reduce((s, l) => s + l.answers, 0);
  const points = shown.flatMap(l => { const r = labelAgreement(l); return r ? [{ name: l.label, value: r.value, lo: ok(r.lo), hi: ok(r.hi), n: r.n }] : []; });
  const few = o.agreement.n < FEW ? t('agreement.small', { n: o.agreement.n }) : rows.length > 24 ? t('ov.first', { n: 24, of: rows.length }) : undefined;
  return <Entry title={t('ov.labels')} text={t('ov.labels.side', { goal: share(o.agreement.goal) })} side={<>{all.length > 1 && <label class="col tight small"><span class="vh">{t('ov.question')}</span><select class="input" value={control} onChange={e => setControl(e.currentTarget.value)}>{all.map(c => <option key={c} value={c}>{c}</option>)}</select></label>}{side}</>}>
    <div class={points.length ? 'split2 w32' : ''}>
      {points.length > 0 && <Figure name={t('ov.labelagree')} as={as} cols={[{ name: t('ov.label') }, { name: t('agreement'), num: true }, { name: t('ov.interval'), num: true }, { name: t('tasks'), num: true }]}
        rows={points.map(r => [r.name, share(r.value), span(r.lo, r.hi), num(r.n)])} data={points.map(r => [r.name, r.value, `${r.lo} ${r.hi}`, r.n])} note={few}
        chart={(at, seek) => <Forest name={t('ov.labelagree')} rows={points} goal={o.agreement.goal} at={at} seek={seek} />} />}
      <Figure name={t('ov.occur')} as={as} aside={<span class="small mute">{t('ov.said', { n: total })}</span>} cols={[{ name: t('ov.label') }, { name: t('ov.insaid'), num: true }, { name: t('ov.inagreed'), num: true }, { name: t('chart.share'), num: true }]}
        rows={shown.map(l => [l.label, num(l.answers), num(l.agreed), total ? percent(l.answers / total) : '–'])} data={shown.map(l => [l.label, l.answers, l.agreed, total ? l.answers / total : 0])}
        chart={(at, seek) => <BarRows name={t('ov.occur')} rows={shown.map(l => ({ name: l.label, value: l.answers, text: num(l.answers) }))} at={at} seek={seek} />} />
    </div>
    <p><a class="link" href={`/projects/${p.id}/results?control=${encodeURIComponent(control)}`}>{t('ov.confused')}</a></p>
  </Entry>;
}

/* ---- people and skips ---- */

function People({ people, goal }: { people: Person[]; goal: number }) {
  const [as, side] = useWay();
  const name = (x: Person): string => x.name ?? t('person.n', { n: String(x.person) });
  const rated = people.flatMap(x => (x.agreement ? [{ x, r: wilson(x.agreement.mean, x.agreement.tasks) }] : [])).sort((a, b) => a.r.value - b.r.value).slice(0, 30);
  const rows = people.map(x => { const r = x.agreement && wilson(x.agreement.mean, x.agreement.tasks); return [name(x), num(x.answers), num(x.skips), duration(x.active_ms / 1000), x.answers ? duration(x.active_ms / 1000 / x.answers) : null, r ? share(r.value) : null, r ? span(r.lo, r.hi) : null, x.last_at ? ago(x.last_at) : null]; });
  const cols = [{ name: t('skills.person') }, { name: t('answers'), num: true }, { name: t('skips'), num: true }, { name: t('ov.active'), num: true }, { name: t('ov.each'), num: true }, { name: t('agreement'), num: true }, { name: t('ov.interval'), num: true }, { name: t('ov.last') }];
  const data = people.map(x => [name(x), x.answers, x.skips, Math.round(x.active_ms / 1000), x.answers ? Math.round(x.active_ms / 100 / x.answers) / 10 : null, x.agreement?.mean ?? null, x.agreement?.tasks ?? null, x.last_at]);
  return <Entry title={t('ov.people')} text={t('ov.people.side')} side={side}>
    {as === 'table' ? <Figure name={t('ov.people')} as="table" cols={cols} rows={rows} data={data} chart={() => null} /> : <div class={rated.length ? 'split2' : ''}>
      <Figure name={t('ov.byperson')} as="chart" cols={cols} rows={rows.slice(0, 30)} data={data} chart={(at, seek) => <BarRows name={t('ov.byperson')} rows={people.slice(0, 30).map(x => ({ name: name(x), value: x.answers, text: num(x.answers) }))} at={at} seek={seek} />} />
      {rated.length > 0 && <Figure name={t('ov.withothers')} as="chart" cols={[cols[0]!, cols[5]!, cols[6]!, { name: t('tasks'), num: true }]} rows={rated.map(({ x, r }) => [name(x), share(r.value), span(r.lo, r.hi), num(r.n)])}
        note={rated.some(({ r }) => r.n < FEW) ? t('ov.fewshared') : undefined} chart={(at, seek) => <Forest name={t('ov.withothers')} rows={rated.map(({ x, r }) => ({ name: name(x), value: r.value, lo: r.lo, hi: r.hi, n: r.n }))} goal={goal} at={at} seek={seek} />} />}
    </div>}
  </Entry>;
}

const REASONS = { unsure: 'ov.why.unsure', broken: 'ov.why.broken', nolabel: 'ov.why.nolabel', unfit: 'ov.why.unfit', other: 'ov.why.other', '': 'ov.why.none' } as const;
export function whySkipped(reason: string): string {
  const flagged = reason.startsWith('flag:'), key = flagged ? reason.slice(5) : reason, text = key in REASONS ? t(REASONS[key as keyof typeof REASONS]) : key;
  return flagged ? t('ov.flagged', { why: text }) : text;
}

function Skips({ o }: { o: Overview }) {
  const [as, side] = useWay(), rows = o.skips.map(s => [whySkipped(s.reason), num(s.n)]);
  return <Entry title={t('skips')} text={t('ov.skips.side')} side={side}><Figure name={t('ov.reasons')} as={as} cols={[{ name: t('ov.reason') }, { name: t('skips'), num: true }]} rows={rows} data={o.skips.map(s => [whySkipped(s.reason), s.n])}
    chart={(at, seek) => <BarRows name={t('ov.reasons')} rows={o.skips.map(s => ({ name: whySkipped(s.reason), value: s.n, text: num(s.n) }))} at={at} seek={seek} />} /></Entry>;
}
