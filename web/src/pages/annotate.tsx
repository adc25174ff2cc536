/*
 * annotate.tsx -- the page where the work is done.
 *
 * Top bar, label bar, the task, bottom bar.  The bottom bar never moves: undo at
 * the start, place and time next, then saved, flag, skip, submit.  The next
 * task is one signal write away; nothing on this page waits for the network
 * between two decisions.
 */
import { useComputed, useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { announce } from '../core/a11y';
import { keyOf, oneHand } from '../core/actions';
import { ApiError, get } from '../core/api';
import { t } from '../core/i18n';
import { go, holdBack } from '../core/router';
import { loadSession, session } from '../core/session';
import { duration } from '../core/time';
import { Button } from '../ui/button';
import { Empty, Failed } from '../ui/bits';
import { Icon } from '../ui/icon';
import { toast } from '../ui/toast';
import { flipTheme, helpOpen } from './look';
import { TaskBody } from '../tags/body';
import { bindRelating } from '../tags/links';
import { isMany, useLate } from '../tags/late';
import { RegionDetail, RegionList } from '../tags/regionpart';
import type { TaskStore } from '../tags/store';
import { bindPage, bindRegions } from './annotate-keys';
import { flow, guideChanged } from './flow';
import { Pipeline, withActs, type Open, type WorkInfo } from './annotate-pipeline';
import './annotate.css';

export default function AnnotatePage({ params }: { params: Record<string, string> }) {
  const [info, setInfo] = useState<WorkInfo | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const load = (): void => {
    setError(null);
    void (async () => {
      try {
        if (session.peek() === undefined) await loadSession();
        setInfo(await get<WorkInfo>(`/api/projects/${params.id}/work`));
      } catch (e) { setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); }
    })();
  };
  useEffect(load, [params.id]);
  if (error) return <main class="body"><h1>{t('an.title')}</h1><Failed error={error} again={load} /></main>;
  if (!info) return <main class="work an" aria-busy="true" />;
  return <Annotate key={info.project.id} info={info} />;
}

function Annotate({ info }: { info: WorkInfo }) {
  const owner = String(session.peek()?.person.id ?? 0);
  const p = useMemo(() => new Pipeline(info, owner), [info]);
  const panel = useSignal<'' | 'skip' | 'flag'>(''), side = useSignal<'' | SideName>('');
  const root = useRef<HTMLDivElement>(null), scrolled = useMemo(() => new Set<Element>(), []);
  const open = p.current.value;

  useEffect(() => {
    document.title = `${info.project.title} · Annotary`;
    // Once the first task is there: what must also open when the line is down, and the person's ways from elsewhere.
    void p.start().then(() => Promise.all([import('./prefs'), import('./annotate-again'), RegionList.need(), RegionDetail.need(), ...Object.keys(PARTS).map((k) => fetchPart(k as Part))]))
      .then(([m]) => m.followPerson(), () => {});
    const lift = holdBack(() => (p.unsaved ? t('an.leave') : null));
    const stay = (e: BeforeUnloadEvent): void => { if (p.unsaved) e.preventDefault(); };
    addEventListener('beforeunload', stay);
    return () => { lift(); removeEventListener('beforeunload', stay); p.stop(); };
  }, [p]);

  // Made once: a bar that is handed the same acts again is not drawn again with every task.
  const { submit, turn, skip, flagIt, send, again } = useMemo(() => {
    const submit = (): void => {
      const o = p.current.peek();
      if (oneHand.peek()) o?.work.store.confirm();      // the one key accepts
      const act = (): void => withActs((acts) => {
        if (!o || p.current.peek() !== o) return;       // a second press meant the same task
        const problems = acts.submit(p);
        if (problems) acts.tell(o, problems, root.current);
      });
      if (o?.work.model) o.work.model.inTurn(act); else act();
    };
    const turn = (x: SideName): void => { side.value = side.peek() === x ? '' : x; };
    const ask = (x: 'skip' | 'flag'): void => { if (p.current.peek()) panel.value = panel.peek() === x ? '' : x; };
    const away = (reason: string, note: string, flag: boolean): void => {
      const o = p.current.peek();
      withActs((acts) => { if (p.current.peek() === o) acts.skip(p, reason, note, flag); });
    };
    const skip = (): void => { if (oneHand.peek()) away('unsure', '', false); else ask('skip'); };
    const send = (kind: 'skip' | 'flag') => (reason: string, note: string): void => {
      panel.value = '';
      away(kind === 'flag' ? `flag:${reason}` : reason, note, kind === 'flag');
    };
    const again = (act: 'copyFrom' | 'repeatLast') => (): void => { void import('./annotate-again').then((m) => m[act](p)); };
    return { submit, turn, skip, flagIt: () => ask('flag'), send, again };
  }, [p]);

  // Keys are bound before the next event can come: nobody waits for a paint to press one.
  useLayoutEffect(() => bindPage({
    submit, save: () => void p.saveNow(), reopen: () => withActs((acts) => void acts.reopen(p)), skip, flag: flagIt,
    undo: () => said(p.current.peek()?.work.store.undo(), 'an.undone'),
    redo: () => said(p.current.peek()?.work.store.redo(), 'an.redone'),
    accept: () => p.current.peek()?.work.store.confirm(),
    guide: () => turn('guide'), notes: () => turn('notes'), history: () => turn('history'), ways: () => turn('ways'),
    copy: again('copyFrom'), repeat: again('repeatLast'),
  }), [p]);

  // What goes on by itself listens after the task's own keys are bound, so that it is asked first.
  const quick = flow.value.auto || flow.value.hand;
  useLayoutEffect(() => {
    if (!open) return undefined;
    panel.value = '';
    const offs = [bindRegions(open.work), bindRelating(open.work.store), sealOnSelect(open)], here = (): boolean => !over && p.current.peek() === open;
    let over = false;
    if (quick) void import('./annotate-quick').then((m) => { if (here()) offs.push(m.quicken(open, here, submit)); });
    announce(t('an.task.now', { id: open.lease.task.id }));
    toTop(scrolled);
    // With one hand space and backspace are keys of the page: no control may have the focus that would take them.
    const at = (s: string): HTMLElement | null | undefined => root.current?.querySelector<HTMLElement>(s);
    const first = at('.img-stage .over, .txt[tabindex]') ?? at(oneHand.peek() ? '.task' : '.sheet-in [role="radio"][tabindex="0"], .sheet-in [role="checkbox"][tabindex="0"], .sheet-in .input');
    if (first !== document.activeElement) first?.focus({ preventScroll: true });
    return () => { over = true; offs.forEach((off) => off()); };
  }, [open, quick]);

  const beside = side.value && <Side name={side.value} info={info} p={p} open={open} turn={turn} />;
  return <div class={`work an ${open ? `lay-${open.work.layout.kind}` : ''}`} data-density="compact" ref={root}>
    <Top info={info} p={p} side={side} turn={turn} />
    <div class="task" tabIndex={-1} onScrollCapture={(e) => { scrolled.add(e.target as Element); }}>
      {open ? <TaskBody work={open.work} guide={beside} /> : <Nothing p={p} beside={beside} />}
    </div>
    <div class="lower">
      <Troubles p={p} />
      {panel.value && <Asked flag={panel.value === 'flag'} onClose={() => { panel.value = ''; }} onSkip={send(panel.value)} />}
      <Bottom p={p} onSubmit={submit} onSkip={skip} onFlag={flagIt} />
    </div>
  </div>;
}

/* ---- panels that come when they are asked for ---- */

export interface SideProps { info: WorkInfo; p: Pipeline; open: Open | null; turn: (x: SideName) => void; onClose: () => void }
const PARTS = {
  guide: () => import('./annotate-guide'), notes: () => import('./annotate-notes'), history: () => import('./annotate-history'),
  ways: () => import('./annotate-ways'), banners: () => import('./annotate-banners'), skip: () => import('./annotate-skip'),
};
type Part = keyof typeof PARTS;
type SideName = Exclude<Part, 'banners' | 'skip'>;

function Side({ name, turn, ...rest }: Omit<SideProps, 'onClose'> & { name: SideName }) {
  const View = useLater(name);
  return View ? <View {...rest} turn={turn} onClose={() => turn(name)} /> : <aside class="aside start beside" aria-busy="true" />;
}

function Banners(props: { p: Pipeline; open: Open | null }) {
  const View = useLater('banners');
  return View && <View {...props} />;
}

/* Reads by itself what the queue says, so that an answer on its way draws nothing else again. */
const Troubles = ({ p }: { p: Pipeline }) => (p.troubled(p.current.value) ? <Banners p={p} open={p.current.value} /> : null);

function Asked(props: { flag: boolean; onClose: () => void; onSkip: (reason: string, note: string) => void }) {
  const View = useLater('skip');
  return View && <View {...props} />;
}

/* Parts whose code has come show at once: the key pressed right after the one that asked for a part is already the part's. */
type View<K extends Part> = Awaited<ReturnType<(typeof PARTS)[K]>>['default'];
const here: { [K in Part]?: View<K> } = {};
const fetchPart = async (key: Part): Promise<void> => { (here[key] as View<Part>) = (await PARTS[key]()).default; };

function useLater<K extends Part>(key: K): View<K> | undefined {
  const [, drawn] = useState(''), View = here[key];
  useEffect(() => { if (!View) fetchPart(key).then(() => drawn(key), () => toast(t('an.panel.failed'))); }, [key]);
  return View;
}

function said(label: string | null | undefined, key: 'an.undone' | 'an.redone'): void {
  if (label) announce(t(key));
}

/* The next task begins at its top; what stands beside it stays where it is read. */
function toTop(scrolled: Set<Element>): void {
  for (const el of scrolled) if (!el.closest('.beside')) el.scrollTo(0, 0);
  scrolled.clear();
}

/* Steps of two different selections never melt into one. */
const sealOnSelect = (o: Open): (() => void) => o.work.store.selection.subscribe(() => o.work.store.history.seal());

function Top({ info, p, side, turn }: { info: WorkInfo; p: Pipeline; side: Signal<string>; turn: (x: SideName) => void }) {
  const at = side.value, changed = guideChanged(info.project.id, info.instruction?.text ? info.instruction.version : undefined);
  const book = { kind: 'quiet', icon: 'book', pressed: at === 'guide', onClick: () => turn('guide') } as const;
  return <header class="topbar">
    <Button kind="quiet" icon="back" name={t('an.back')} href="/" onClick={(e) => { e.preventDefault(); go('/'); }} />
    <h1 class="small strong cut" dir="auto">{info.project.title}</h1>
    <span class="mute small cut grow"><Which p={p} /></span>
    <span class="not-s"><Button {...book} combo={keyOf('guide')}>{t('an.guide')}{changed && <span class="dotnew"><span class="vh">{t('an.guide.changed')}</span></span>}</Button></span>
    <span class="only-s"><Button {...book} name={t('an.guide')} /></span>
    <span class="not-s row"><Button kind="quiet" icon="text" combo={keyOf('notes')} pressed={at === 'notes'} onClick={() => turn('notes')}>{t('an.notes')}</Button>
      <Button kind="quiet" icon="keys" combo={keyOf('help')} onClick={showKeys}>{t('an.keys')}</Button></span>
    <Button kind="quiet" icon="more" name={t('an.ways')} pressed={at === 'ways' || at === 'history'} onClick={() => turn('ways')} />
    <Button kind="quiet" icon="theme" name={t('theme.flip')} onClick={flipTheme} />
  </header>;
}

const showKeys = (): void => { helpOpen.value = true; };

function Which({ p }: { p: Pipeline }) {
  const open = p.current.value;
  return <>{open && t('an.task', { id: open.lease.task.id })}</>;
}

function Nothing({ p, beside }: { p: Pipeline; beside: ComponentChildren }) {
  const state = p.state.value, error = p.error.value;
  const again = (): void => { p.state.value = 'loading'; void p.refill().then(() => { if (!p.current.peek()) p.next(); }); };
  return <main class={`mid1 ${beside ? 'guided' : ''}`} aria-busy={state === 'loading' || undefined}>{beside}
    {state === 'error' && error ? <div class="scroll"><Failed error={error} again={() => void p.refill()} /></div>
      : state === 'loading' ? <p class="vh" role="status">{t('an.loading')}</p>
        : <Empty title={t('an.empty')} text={t('an.empty.text', { n: p.done.value })} art="check">
          <Button kind="primary" onClick={again}>{t('an.empty.again')}</Button><Button href="/">{t('an.home')}</Button></Empty>}
  </main>;
}

/* The bar is drawn once; what depends on the task asks for itself. */
function Bottom({ p, onSubmit, onSkip, onFlag }: { p: Pipeline; onSubmit: () => void; onSkip: () => void; onFlag: () => void }) {
  const off = useComputed(() => p.current.value === null).value;
  return <footer class="botbar" aria-label={t('an.acts')}>
    <Turn p={p} way="undo" /><span class="not-s"><Turn p={p} way="redo" /></span>
    <span class="sep not-s" />
    <span class="mid nowrap"><Done p={p} /><span class="mute"> {t('an.done')}</span></span>
    <span class="not-s row"><span class="sep" /><Clock p={p} /></span>
    <Saved p={p} />
    <Guesses p={p} />
    <Button kind="quiet" icon="flag" cls="flagb" name={t('an.flag')} combo={keyOf('flag')} disabled={off} onClick={onFlag}><span class="not-s">{t('an.flag')}</span></Button>
    <Button icon="skip" cls="skipb" combo={keyOf('skip')} disabled={off} onClick={onSkip}>{t('an.skip')}</Button>
    <Button kind="primary" combo={keyOf('submit')} disabled={off} onClick={onSubmit}>{t('an.submit')}</Button>
  </footer>;
}

const storeOf = (p: Pipeline): TaskStore | undefined => p.current.value?.work.store;

function Turn({ p, way }: { p: Pipeline; way: 'undo' | 'redo' }) {
  const can = useComputed(() => storeOf(p)?.[way === 'undo' ? 'canUndo' : 'canRedo'].value).value;
  return <Button kind="quiet" icon={way} name={t(`an.${way}`)} disabled={!can} onClick={() => said(storeOf(p)?.[way](), `an.${way === 'undo' ? 'undone' : 'redone'}`)} />;
}

const Done = ({ p }: { p: Pipeline }) => <>{p.done.value}</>;

function Guesses({ p }: { p: Pipeline }) {
  const n = useComputed(() => storeOf(p)?.guesses.value.length ?? 0).value;
  return n ? <Button kind="quiet" icon="check" name={t('an.accept', { n })} combo={keyOf('accept')} onClick={() => storeOf(p)?.confirm()}><span class="not-s">{t('an.accept', { n })}</span></Button> : null;
}

function Clock({ p }: { p: Pipeline }) {
  const now = useSignal(p.clock.ms);
  useEffect(() => {
    const id = setInterval(() => { now.value = p.clock.ms; }, 1000);
    return () => clearInterval(id);
  }, [p]);
  return <span class="row dim nowrap" title={t('an.time')}><Icon i="clock" /><span class="vh">{t('an.time')}</span>{duration(now.value / 1000)}</span>;
}

function Saved({ p }: { p: Pipeline }) {
  const s = useLate(p.saved, () => { const o = p.current.peek(); return !!o && isMany(o.work.store); });
  const text = s === 'saved' ? t('an.saved') : s === 'here' ? t('an.saved.here') : s === 'dirty' ? t('an.saved.not') : '';
  return <span class="end row not-s mute small saved" role="status">{s === 'saved' && <Icon i="check" />}{text}</span>;
}
