/*
 * annotate.tsx -- the page where the work is done.
 *
 * Top bar, label bar, the task, bottom bar.  The bottom bar never moves: undo at
 * the start, place and time next, then saved, flag, skip, submit.  The next
 * task is one signal write away; nothing on this page waits for the network
 * between two decisions.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { announce } from '../core/a11y';
import { ApiError, get } from '../core/api';
import { t } from '../core/i18n';
import { go, holdBack } from '../core/router';
import { loadSession, session } from '../core/session';
import { duration } from '../core/time';
import { Button } from '../ui/button';
import { Empty, Failed } from '../ui/bits';
import { Icon } from '../ui/icon';
import { flipTheme, helpOpen } from './look';
import { TaskBody } from '../tags/body';
import { bindRelating } from '../tags/links';
import { reveal, type Problem } from '../tags/visible';
import { bindPage, bindRegions, COMBOS } from './annotate-keys';
import { Banners, SkipPanel } from './annotate-panels';
import { guideChanged } from './annotate-read';
import { Pipeline, type Open, type WorkInfo } from './annotate-pipeline';
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
  if (!info) return <main class="work" aria-busy="true" />;
  return <Annotate key={info.project.id} info={info} />;
}

function Annotate({ info }: { info: WorkInfo }) {
  const owner = String(session.peek()?.person.id ?? 0);
  const p = useMemo(() => new Pipeline(info, owner), [info]);
  const panel = useSignal<'' | 'skip' | 'flag'>('');
  const guide = useSignal(false);
  const root = useRef<HTMLDivElement>(null);
  const open = p.current.value;

  useEffect(() => {
    document.title = `${info.project.title} · Annotary`;
    void p.start();
    const lift = holdBack(() => (p.unsaved ? t('an.leave') : null));
    const stay = (e: BeforeUnloadEvent): void => { if (p.unsaved) e.preventDefault(); };
    addEventListener('beforeunload', stay);
    return () => { lift(); removeEventListener('beforeunload', stay); p.stop(); };
  }, [p]);

  const submit = (): void => {
    const o = p.current.peek();
    const problems = p.submit();
    if (problems && o) show(o, problems, root.current);
  };
  const send = (kind: 'skip' | 'flag') => (reason: string, note: string): void => {
    panel.value = '';
    p.skip(kind === 'flag' ? `flag:${reason}` : reason, note, kind === 'flag');
  };

  // Keys are bound before the next event can come: nobody waits for a paint to press one.
  useLayoutEffect(() => bindPage({
    submit, save: () => void p.saveNow(), reopen: () => void p.reopen(),
    skip: () => { if (p.current.peek()) panel.value = panel.peek() === 'skip' ? '' : 'skip'; },
    flag: () => { if (p.current.peek()) panel.value = panel.peek() === 'flag' ? '' : 'flag'; },
    undo: () => said(p.current.peek()?.work.store.undo(), 'an.undone'),
    redo: () => said(p.current.peek()?.work.store.redo(), 'an.redone'),
    guide: () => { guide.value = !guide.peek(); },
  }), [p]);

  useLayoutEffect(() => {
    if (!open) return undefined;
    panel.value = '';
    const offs = [bindRegions(open.work), bindRelating(open.work.store), sealOnSelect(open)];
    announce(t('an.task.now', { id: open.lease.task.id }));
    root.current?.querySelector<HTMLElement>('.img-stage .over, .txt[tabindex], .sheet-in [role="radio"][tabindex="0"], .sheet-in [role="checkbox"][tabindex="0"], .sheet-in .input')?.focus({ preventScroll: true });
    return () => offs.forEach((off) => off());
  }, [open]);

  const instruction = info.instruction?.text ?? '', version = info.instruction?.version;
  const [Guide, setGuide] = useState<typeof import('./annotate-guide').default | null>(null);
  useEffect(() => { if (guide.value && !Guide) void import('./annotate-guide').then((m) => setGuide(() => m.default)); }, [guide.value]);
  const side = guide.value && Guide ? <Guide project={info.project.id} text={instruction} version={version} onClose={() => { guide.value = false; }} /> : undefined;
  return <div class={`work ${open ? `lay-${open.work.layout.kind}` : ''}`} data-density="compact" ref={root}>
    <Top info={info} open={open} guide={guide.value} changed={guideChanged(info.project.id, version)}
      onGuide={() => { guide.value = !guide.peek(); }} onKeys={() => { helpOpen.value = true; }} />
    <div class="task" key={open ? open.lease.task.id : 'none'}>
      {open ? <TaskBody work={open.work} guide={side} /> : <Nothing p={p} />}
    </div>
    <div class="lower">
      <Banners p={p} open={open} />
      {(panel.value === 'skip' || panel.value === 'flag') &&
        <SkipPanel flag={panel.value === 'flag'} onClose={() => { panel.value = ''; }} onSkip={send(panel.value)} />}
      <Bottom p={p} open={open} onSubmit={submit} onPanel={(x) => { panel.value = panel.peek() === x ? '' : x; }} />
    </div>
  </div>;
}

function said(label: string | null | undefined, key: 'an.undone' | 'an.redone'): void {
  if (label) announce(t(key));
}

/* Steps of two different selections never melt into one. */
const sealOnSelect = (o: Open): (() => void) => o.work.store.selection.subscribe(() => o.work.store.history.seal());

/* Put each problem at its question and go to the first. */
function show(o: Open, problems: Problem[], root: HTMLElement | null): void {
  const store = o.work.store;
  const text = (x: Problem): string => x.message || t(x.why === 'label' ? 'an.needs.label' : x.region ? 'an.needs.region' : 'an.needs.answer');
  store.problems.value = new Map(problems.map((x) => [x.key, text(x)]));
  const first = problems[0];
  if (!first) return;
  announce(text(first), true);
  reveal(store, first);
  requestAnimationFrame(() => {
    const q = root?.querySelector<HTMLElement>(`[data-q="${CSS.escape(first.key)}"]`);
    q?.scrollIntoView({ block: 'center' });
    q?.querySelector<HTMLElement>('[tabindex="0"], input, textarea, select')?.focus({ preventScroll: true });
  });
}

function Top({ info, open, guide, changed, onGuide, onKeys }:
  { info: WorkInfo; open: Open | null; guide: boolean; changed: boolean; onGuide: () => void; onKeys: () => void }) {
  return <header class="topbar">
    <Button kind="quiet" icon="back" name={t('an.back')} href="/" onClick={(e) => { e.preventDefault(); go('/'); }} />
    <h1 class="small strong cut" dir="auto">{info.project.title}</h1>
    <span class="mute small cut grow">{open ? t('an.task', { id: open.lease.task.id }) : ''}</span>
    <span class="not-s"><Button kind="quiet" icon="book" combo={COMBOS.guide} pressed={guide} onClick={onGuide}>{t('an.guide')}{changed && <span class="dotnew"><span class="vh">{t('an.guide.changed')}</span></span>}</Button></span>
    <span class="only-s"><Button kind="quiet" icon="book" name={t('an.guide')} pressed={guide} onClick={onGuide} /></span>
    <span class="not-s"><Button kind="quiet" icon="keys" combo={COMBOS.help} onClick={onKeys}>{t('an.keys')}</Button></span>
    <Button kind="quiet" icon="theme" name={t('theme.flip')} onClick={flipTheme} />
  </header>;
}

function Nothing({ p }: { p: Pipeline }) {
  const state = p.state.value, error = p.error.value;
  if (state === 'error' && error) return <main class="mid1"><div class="scroll"><Failed error={error} again={() => void p.refill()} /></div></main>;
  if (state === 'loading') return <main class="mid1" aria-busy="true"><p class="vh" role="status">{t('an.loading')}</p></main>;
  return <main class="mid1"><Empty title={t('an.empty')} text={t('an.empty.text', { n: p.done.value })} art="check">
    <Button kind="primary" onClick={() => { p.state.value = 'loading'; void p.refill().then(() => { if (!p.current.peek()) p.next(); }); }}>{t('an.empty.again')}</Button>
    <Button href="/">{t('an.home')}</Button></Empty></main>;
}

function Bottom({ p, open, onSubmit, onPanel }: { p: Pipeline; open: Open | null; onSubmit: () => void; onPanel: (x: 'skip' | 'flag') => void }) {
  const store = open?.work.store;
  return <footer class="botbar" aria-label={t('an.acts')}>
    <Button kind="quiet" icon="undo" name={t('an.undo')} disabled={!store?.canUndo.value} onClick={() => said(store?.undo(), 'an.undone')} />
    <span class="not-s"><Button kind="quiet" icon="redo" name={t('an.redo')} disabled={!store?.canRedo.value} onClick={() => said(store?.redo(), 'an.redone')} /></span>
    <span class="sep not-s" />
    <span class="mid nowrap">{p.done.value}<span class="mute"> {t('an.done')}</span></span>
    <span class="not-s row"><span class="sep" /><Clock p={p} /></span>
    <Saved p={p} />
    <Button kind="quiet" icon="flag" cls="flagb" name={t('an.flag')} combo={COMBOS.flag} disabled={!open} onClick={() => onPanel('flag')}><span class="not-s">{t('an.flag')}</span></Button>
    <Button icon="skip" cls="skipb" combo={COMBOS.skip} disabled={!open} onClick={() => onPanel('skip')}>{t('an.skip')}</Button>
    <Button kind="primary" combo={COMBOS.submit} disabled={!open} onClick={onSubmit}>{t('an.submit')}</Button>
  </footer>;
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
  const s = p.saved.value;
  const text = s === 'saved' ? t('an.saved') : s === 'here' ? t('an.saved.here') : s === 'dirty' ? t('an.saved.not') : '';
  return <span class="end row not-s mute small saved" role="status">{s === 'saved' && <Icon i="check" />}{text}</span>;
}
