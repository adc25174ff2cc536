/* A new project in three steps: name, questions, quality. Data comes right after. What is typed stays in this browser until
   the project is made, also over a crash. */
import type { ComponentType } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError, post } from '../core/api';
import { focusOn } from '../core/a11y';
import { keys } from '../core/hotkeys';
import { num, t } from '../core/i18n';
import { go } from '../core/router';
import { person } from '../core/session';
import { setting } from '../core/store';
import { Empty, Note } from '../ui/bits';
import { Button } from '../ui/button';
import { AreaField, Check, NumberField, SelectField, TextField } from '../ui/field';
import { Icon } from '../ui/icon';
import { ConfigPane } from './builder/pane';
import { useConfig } from './builder/use';
import { flipTheme } from './look';
import { mayCreate } from './shell';
import type { Project } from './shapes';
import type { Tag } from '../tags/tree';
import { Gallery } from './gallery';
import { sampleFor, templates, type Template } from './templates';

const stepNames = ['name', 'ask', 'quality'] as const;
type Step = 0 | 1 | 2;

export interface PreviewProps { tree: unknown; data: Record<string, unknown> }
type Rows = Record<string, unknown>[];
const maybe = import.meta.glob<{ default: ComponentType<PreviewProps> }>('../tags/preview.tsx');

export const skips = ['REQUEUE_FOR_OTHERS', 'REQUEUE_FOR_ME', 'IGNORE_SKIPPED'] as const;
export const orders = ['Sequential sampling', 'Uniform sampling'] as const;
export type Skip = typeof skips[number];
export type Order = typeof orders[number];
export const skipText = (s: Skip) => t(`skip.${s}`);
export const orderText = (o: Order) => t(o === 'Sequential sampling' ? 'order.sequential' : 'order.random');

/* Of the person who typed it. Not the sample task: that may be real data, which no browser keeps. */
interface Draft { who: number; title: string; about: string; instruction: string; chosen: string; xml: string; overlap: number }
const first = templates[0]!;
const empty = (): Draft => ({ who: person.value?.id ?? 0, title: '', about: '', instruction: '', chosen: first.id, xml: first.xml, overlap: first.overlap });
const sampleOf = (d: Draft) => JSON.stringify(templates.find(x => x.id === d.chosen && x.xml === d.xml)?.sample ?? sampleFor(d.xml), null, 2);
const draft = setting<Draft | null>('create.draft', null);

export default function Create() {
  const [start, begin] = useState(() => { const d = draft.value?.who === person.value?.id ? draft.value : null; return { d: d ?? empty(), kept: d !== null, n: 0 }; });
  return <Wizard key={start.n} d={start.d} kept={start.kept} afresh={() => { draft.value = null; begin({ d: empty(), kept: false, n: start.n + 1 }); }} />;
}

function Wizard({ d, kept, afresh }: { d: Draft; kept: boolean; afresh: () => void }) {
  const [step, setStep] = useState<Step>(0), [title, setTitle] = useState(d.title), [about, setAbout] = useState(d.about), [instruction, setInstruction] = useState(d.instruction);
  const [chosen, choose] = useState<string>(d.chosen), cfg = useConfig(d.xml), { xml, parsed, good } = cfg, [sample, setSample] = useState(() => sampleOf(d));
  const [overlap, setOverlap] = useState(d.overlap), [skip, setSkip] = useState<Skip>('REQUEUE_FOR_OTHERS'), [order, setOrder] = useState<Order>('Sequential sampling'), [showSkip, setShowSkip] = useState(true), [showInstruction, setShowInstruction] = useState(false);
  const [tried, setTried] = useState(false), [busy, setBusy] = useState(false), [error, setError] = useState<ApiError | null>(null);
  const [folded, fold] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null), done = useRef(false), body = useRef<HTMLElement>(null);
  const dirty = title !== '' || about !== '' || xml !== templates.find(x => x.id === chosen)?.xml;
  useEffect(() => { if (!done.current) draft.value = dirty ? { who: d.who, title, about, instruction, chosen, xml, overlap } : null; }, [title, about, instruction, chosen, xml, overlap, dirty]);
  useEffect(() => { document.title = `${t('project.new')} · ${t('app')}`; }, []);

  const why: string | null = step === 0 ? title.trim() ? null : t('create.needs.title')
    : step === 1 ? !parsed ? t('config.checking') : parsed.errors.length ? t('create.needs.fix', { line: parsed.errors[0]!.line }) : null
      : !(overlap >= 1 && overlap <= 100 && Number.isInteger(overlap)) ? t('create.needs.overlap') : null;

  const move = (to: Step) => { setStep(to); setTried(false); requestAnimationFrame(() => focusOn(heading.current)); window.scrollTo(0, 0); };
  const next = () => {
    if (why) { setTried(true); requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()); return; }
    if (step < 2) move((step + 1) as Step); else void create();
  };
  const create = async () => {
    if (busy) return;
    setBusy(true); setError(null);
    try {
      const p = await post<Project>('/api/projects/', {
        title: title.trim(), description: about.trim(), label_config: xml, expert_instruction: instruction.trim(), show_instruction: showInstruction && instruction.trim() !== '',
        show_skip_button: showSkip, maximum_annotations: overlap, skip_queue: skip, sampling: order,
      });
      done.current = true;
      draft.value = null;
      go(`/projects/${p.id}/import`);
    } catch (e) {
      const x = e instanceof ApiError ? e : new ApiError(0, {}, String(e));
      setError(x);
      if (x.fields.title) move(0); else if (x.fields.label_config) move(1);
      setBusy(false);
    }
  };
  const act = useRef(next);
  act.current = next;
  useEffect(() => keys.bind('page', [{ combo: 'ctrl+enter', what: t('create.key.next'), act: () => { act.current(); } }]), []);

  const take = (x: Template) => {
    const now = templates.find(y => y.id === chosen);
    if (xml !== now?.xml && !confirm(t('create.replace'))) return;
    choose(x.id); cfg.load(x.xml); setSample(JSON.stringify(x.sample, null, 2)); setOverlap(x.overlap);
  };

  if (!mayCreate()) return <main id="main" class="body"><div class="panel"><Empty title={t('create.denied')} text={t('create.denied.text')} art="lock"><Button kind="primary" href="/">{t('nav.projects')}</Button></Empty></div></main>;
  return <div class="work wiz">
    <header class="topbar"><Button kind="quiet" icon="x" name={t('create.out')} href="/" /><h1 class="small strong cut" ref={heading} dir="auto">{title.trim() ? t('create.title', { title: title.trim() }) : t('project.new')}: {t(`create.step.${stepNames[step]}`)}</h1><span class="grow" />{dirty && <span class="small mute row tight not-s"><Icon i="check" />{t('create.saved')}</span>}
      <Button kind="quiet" icon="theme" name={t('theme.flip')} onClick={flipTheme} /></header>
    <nav class="labelbar wz" aria-label={t('create.steps')}><ol class="steps">{stepNames.map((s, i) =>
      <li key={s} class={i < step ? 'done' : ''} aria-current={i === step ? 'step' : undefined}><span class="n">{i < step ? <Icon i="check" name={t('create.stepdone')} /> : i + 1}</span>{i < step ? <button type="button" class="btn quiet h28" onClick={() => move(i as Step)}>{t(`create.step.${s}`)}</button> : t(`create.step.${s}`)}</li>)}</ol></nav>
    {step === 1
      ? <main id="main" class={`wiz3 ${folded ? 'folded' : ''}`} ref={body} tabIndex={-1}>
        <Gallery chosen={chosen} take={take} folded={folded} fold={fold} />
        <section class="wz-m" aria-label={t('config.questions')}><ConfigPane cfg={cfg} id="xml" level={2} taskFields={fieldsOf(sample)} /></section>
        <PreviewPane tree={good} stale={!!parsed?.errors.length} sample={sample} setSample={setSample} xml={xml} />
      </main>
      : <main id="main" class="wizform" ref={body} tabIndex={-1}><div class="col wide mx">
        {error && <Note tone="bad" role="alert">{error.message}</Note>}
        {step === 0 && kept && dirty && <Note><div class="row wrap"><span class="grow">{t('create.kept')}</span><Button onClick={afresh}>{t('create.afresh')}</Button></div></Note>}
        {step === 0 ? <>
          <TextField label={t('create.name')} hint={t('create.name.hint')} value={title} onValue={setTitle} required error={error?.fields.title ?? (tried && !title.trim() ? t('create.needs.title') : undefined)} maxLength={200} autocomplete="off" />
          <AreaField label={t('create.about')} hint={t('create.about.hint')} value={about} onValue={setAbout} rows={2} maxLength={2000} />
          <AreaField label={t('instruction')} hint={t('instruction.hint')} value={instruction} onValue={setInstruction} rows={8} />
          {instruction.trim() && <Check label={t('instruction.show')} checked={showInstruction} onChange={setShowInstruction} />}
        </> : <>
          <NumberField label={t('overlap')} hint={t('overlap.hint')} value={overlap} min={1} max={100} step={1} onValue={setOverlap} error={error?.fields.maximum_annotations ?? (why && tried ? why : undefined)} cls="w240" />
          {overlap === 1 && <Note>{t('overlap.one')}</Note>}
          <SelectField label={t('order')} value={order} onValue={setOrder} options={orders.map(o => [o, orderText(o)] as const)} error={error?.fields.sampling} />
          <Check label={t('skip.allow')} hint={t('skip.allow.hint')} checked={showSkip} onChange={setShowSkip} />
          {showSkip && <SelectField label={t('skip.what')} value={skip} onValue={setSkip} options={skips.map(s => [s, skipText(s)] as const)} error={error?.fields.skip_queue} />}
          <Summary title={title} xml={xml} overlap={overlap} />
        </>}
      </div></main>}
    <footer class="botbar">{step > 0 && <Button kind="quiet" onClick={() => move((step - 1) as Step)}>{t('back')}</Button>}
      <span class={`end small ${step === 1 && parsed?.errors.length ? 'bad' : 'mute'}`} id="wizwhy" role="status">{why ?? ''}</span>
      <Button kind="primary" disabled={!!why && step === 1} busy={busy} combo="ctrl+enter" describedby="wizwhy" onClick={next}>{step < 2 ? t(step === 0 ? 'create.next.ask' : 'create.next.quality') : busy ? t('create.busy') : t('create.act')}</Button></footer>
  </div>;
}

/** The fields of the sample task: what a `$field` may name. */
export function fieldsOf(sample: string): string[] {
  try { const v: unknown = JSON.parse(sample); return typeof v === 'object' && v !== null ? Object.keys(v) : []; } catch { return []; }
}

/* `own`: the tasks of the project, where there is one; else a file is asked for. */
export function PreviewPane({ tree, stale, sample, setSample, xml, own }: { tree: unknown; stale: boolean; sample: string; setSample: (s: string) => void; xml: string; own?: () => Promise<Rows> }) {
  const file = useRef<HTMLInputElement>(null), [trial, setTrial] = useState<{ rows: Rows; View: typeof import('./try').default } | null>(null), [trouble, setTrouble] = useState('');
  const begin = async (rows: Rows): Promise<void> => {
    if (!rows.length) { setTrouble(t('try.norows')); return; }
    setSample(JSON.stringify(rows[0], null, 2));
    setTrouble('');
    setTrial({ rows, View: (await import('./try')).default });
  };
  const tryOut = async (): Promise<void> => {
    const rows = own ? await own().catch(() => []) : [];
    if (rows.length) void begin(rows); else file.current?.click();
  };
  const read = async (f: File | undefined): Promise<void> => {
    if (!f) return;
    const { rowsOf } = await import('./try-rows'), text = await f.slice(0, 8 << 20).text();
    let rows: Rows = [];
    try { rows = rowsOf(text, f.name); } catch { /* said below: no rows */ }
    void begin(rows);
  };
  const [View, set] = useState<ComponentType<PreviewProps> | null>(null);
  useEffect(() => { const load = maybe['../tags/preview.tsx']; if (load) void load().then(m => set(() => m.default), () => {}); }, []);
  const [data, wrong] = useMemo((): [Record<string, unknown> | null, string | null] => {
    try {
      const v: unknown = JSON.parse(sample);
      return typeof v === 'object' && v !== null && !Array.isArray(v) ? [v as Record<string, unknown>, null] : [null, t('sample.object')];
    } catch (e) { return [null, e instanceof Error ? e.message : String(e)]; }
  }, [sample]);
  const last = useRef<Record<string, unknown>>({});
  if (data) last.current = data;
  const fields = useMemo(() => [...new Set([...xml.matchAll(/["']\$([A-Za-z_][\w]*)/g)].map(m => m[1]!))], [xml]);
  const absent = data ? fields.filter(f => !(f in data)) : [];
  return <section class="wz-r" aria-label={t('preview')}>
    <header class="row wz-h"><h2 class="grow">{t('preview')}</h2>{stale && <span class="small mute">{t('preview.stale')}</span>}
      <Button disabled={!tree || stale} onClick={() => void tryOut()}>{t('try')}</Button>
      <input class="vh" ref={file} type="file" tabIndex={-1} aria-label={t('try.file')} accept=".json,.jsonl,.ndjson,.csv,.tsv,.txt" onChange={e => { void read(e.currentTarget.files?.[0]); e.currentTarget.value = ''; }} /></header>
    {trouble && <p class="in-p bad small" role="alert">{trouble}</p>}
    {trial && <trial.View tree={tree as Tag} rows={trial.rows} onClose={() => setTrial(null)} />}
    <div class="pv-body">{tree && View ? <View tree={tree} data={last.current} /> : <p class="dim in-p">{t('preview.wait')}</p>}</div>
    <div class="sect-t in-p col">
      <AreaField label={t('sample')} hint={t('sample.hint')} value={sample} onValue={setSample} rows={6} mono error={wrong ?? (absent.length ? t('sample.absent', { list: absent.join(', '), n: absent.length }) : undefined)} />
      {(wrong || absent.length > 0) && <div class="row"><Button onClick={() => setSample(JSON.stringify({ ...sampleFor(xml), ...(data ?? {}) }, null, 2))}>{t('sample.make')}</Button></div>}
    </div>
  </section>;
}

function Summary({ title, xml, overlap }: { title: string; xml: string; overlap: number }) {
  return <section class="panel"><header><h2>{t('create.summary')}</h2></header><dl class="in data-kv">
    <div><dt>{t('create.name')}</dt><dd dir="auto">{title}</dd></div>
    <div><dt>{t('config.questions')}</dt><dd>{t('config.lines', { n: xml.split('\n').length })}</dd></div>
    <div><dt>{t('overlap')}</dt><dd>{Number.isFinite(overlap) ? t('overlap.say', { n: overlap }) : '–'}</dd></div>
    <div><dt>{t('consensus')}</dt><dd>{overlap > 1 ? t('consensus.majority', { n: num(overlap) }) : t('consensus.off')}</dd></div>
  </dl></section>;
}
