/* A labelling config under work: its text, what the server says of it, the tree of the last good text, and a way back.
   Typing asks the server shortly after the last key; a change by the form asks at once. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../core/api';
import { parseConfig, type Parsed } from '../editor';
import { apply, type Doc, type Edit, type Real } from './model';

const STEP_MS = 800;          // changes of one kind within this time are one step of undo

export interface Config {
  xml: string;
  parsed: Parsed | null;
  good: Real | null;                          // of the last text without errors
  doc: Doc | null;                            // of this very text; null while it is asked or wrong
  busy: boolean;
  type(xml: string): void;                    // from the text
  put(doc: Doc): void;                        // from a field: the places are known already
  change(edits: readonly Edit[]): void;       // from the form: tags come, go or move
  load(xml: string): void;                    // another config; no way back to this one
  undo: (() => void) | null;
  redo: (() => void) | null;
}

interface State { xml: string; parsed: Parsed | null; good: Real | null; doc: Doc | null; busy: boolean; before: string[]; after: string[] }

const failure = (e: unknown): Parsed => ({ tree: null, errors: [{ line: 1, column: 1, why: e instanceof ApiError ? e.message : String(e) }], warnings: [] });

export function useConfig(first: string): Config {
  const [s, set] = useState<State>({ xml: first, parsed: null, good: null, doc: null, busy: true, before: [], after: [] });
  const wait = useRef(0), last = useRef({ kind: '', at: 0 });

  useEffect(() => {
    const stop = new AbortController(), { xml } = s;
    const answer = (v: Parsed) => set(old => {
      if (old.xml !== xml) return old;
      const root = v.errors.length ? null : v.tree as Real;
      return { ...old, parsed: v, busy: false, good: root ?? old.good, doc: root ? { xml, root } : null };
    });
    const timer = setTimeout(() => { parseConfig(xml, stop.signal).then(answer, e => { if (!stop.signal.aborted) answer(failure(e)); }); }, wait.current);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [s.xml]);

  const step = useCallback((kind: string, xml: string, doc: Doc | null, delay: number) => {
    const now = Date.now(), same = kind !== 'tags' && kind === last.current.kind && now - last.current.at < STEP_MS;
    wait.current = delay;
    last.current = { kind, at: now };
    set(old => old.xml === xml ? old : { ...old, xml, doc, busy: true, before: same && old.before.length ? old.before : [...old.before.slice(-199), old.xml], after: [] });
  }, []);
  const back = (from: 'before' | 'after', to: 'before' | 'after') => s[from].length === 0 ? null : () => {
    wait.current = 0;
    last.current = { kind: '', at: 0 };
    set(old => { const xml = old[from].at(-1); return xml === undefined ? old : { ...old, xml, doc: null, busy: true, [from]: old[from].slice(0, -1), [to]: [...old[to], old.xml] }; });
  };
  return {
    xml: s.xml, parsed: s.parsed, good: s.good, doc: s.doc, busy: s.busy,
    type: xml => step('text', xml, null, 250),
    put: doc => step('field', doc.xml, doc, 120),
    change: edits => step('tags', apply(s.xml, edits), null, 0),
    load: xml => { wait.current = 0; last.current = { kind: '', at: 0 }; set(old => ({ ...old, xml, doc: old.xml === xml ? old.doc : null, busy: old.xml !== xml, before: [], after: [] })); },
    undo: back('before', 'after'), redo: back('after', 'before'),
  };
}
