/*
 * try.tsx -- the questions on five rows of one's own: answered as an annotator would, nothing is saved.
 *
 * The same task with the same keys; a submit refuses what an annotator's would.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { keys } from '../core/hotkeys';
import { num, t } from '../core/i18n';
import { TaskBody, workOf, type TaskWork } from '../tags/body';
import { isLoaded, load } from '../tags/families';
import { finalResult, missing, type Problem } from '../tags/missing';
import { TaskStore } from '../tags/store';
import type { Data, Tag } from '../tags/tree';
import { Button } from '../ui/button';
import { Note } from '../ui/bits';
import { tell } from './annotate-acts';
import { bindRegions } from './annotate-keys';
import './try.css';

export interface TryProps { tree: Tag; rows: Data[]; onClose: () => void }

export default function Try({ tree, rows, onClose }: TryProps) {
  const box = useRef<HTMLDialogElement>(null), [ready, setReady] = useState(isLoaded(tree)), [i, setI] = useState(0), [said, setSaid] = useState<unknown[]>([]), [work, setWork] = useState<TaskWork | null>(null), [bad, setBad] = useState('');
  const began = useRef(Date.now()), spent = useRef<number[]>([]);
  useEffect(() => { box.current?.showModal(); void load(tree).then(() => setReady(true)); }, []);
  useLayoutEffect(() => {
    if (!ready || i >= rows.length) { setWork(null); return; }
    setWork(workOf(new TaskStore(tree, { id: i + 1, data: rows[i]! }, null), true));
    setBad('');
    began.current = Date.now();
  }, [ready, i]);
  const submit = (): void => {
    if (!work) return;
    work.store.flush();
    const problems: Problem[] = missing(work.store);
    if (problems.length) { setBad(t('try.missing', { n: problems.length })); tell({ work }, problems, box.current); return; }
    spent.current = [...spent.current, Date.now() - began.current];
    setSaid(list => [...list, { data: rows[i], result: finalResult(work.store) }]);
    setI(i + 1);
  };
  const now = useRef(submit);
  now.current = submit;
  useLayoutEffect(() => {
    if (!work) return undefined;
    const s = work.store, offs = [bindRegions(work), keys.bind('page', [{ id: 'submit', act: () => now.current() }, { id: 'undo', act: () => { s.undo(); } }, { id: 'redo', act: () => { s.redo(); } }])];
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('.img-stage .over, .txt[tabindex], .sheet-in [role="radio"][tabindex="0"], .sheet-in .input')?.focus({ preventScroll: true }));
    return () => offs.forEach(off => off());
  }, [work]);
  const middle = [...spent.current].sort((a, b) => a - b)[Math.floor(spent.current.length / 2)];
  return <dialog class="try" ref={box} aria-label={t('try')} data-density="compact" onCancel={e => { e.preventDefault(); onClose(); }}>
    <div class="work an">
      <header class="topbar"><Button kind="quiet" icon="x" name={t('try.close')} onClick={onClose} /><h2 class="small strong cut">{t('try')}</h2>
        <span class="mute small cut grow" role="status">{i < rows.length ? t('try.at', { n: i + 1, of: rows.length }) : ''}</span><span class="small mute not-s">{t('try.unsaved')}</span></header>
      <div class="task" key={i}>{work ? <TaskBody work={work} /> : ready && <main class="mid1"><div class="scroll"><div class="sheet-in">
        <h2>{t('try.done', { n: said.length })}</h2>
        <Note>{middle === undefined ? t('try.unsaved') : t('try.time', { seconds: num(Math.max(1, Math.round(middle / 1000))) })}</Note>
        <details><summary>{t('try.result')}</summary><pre class="code pre" dir="ltr">{JSON.stringify(said, null, 1)}</pre></details>
      </div></div></main>}</div>
      <footer class="botbar"><span class="small bad grow" role="alert">{bad}</span>
        {work ? <><Button onClick={() => setI(i + 1)}>{t('try.skip')}</Button><Button kind="primary" combo="ctrl+enter" onClick={submit}>{t('try.next')}</Button></>
          : <><Button onClick={() => { setSaid([]); spent.current = []; setI(0); }}>{t('try.again')}</Button><Button kind="primary" onClick={onClose}>{t('try.close')}</Button></>}</footer>
    </div>
  </dialog>;
}
