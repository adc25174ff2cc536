/* The questions as a form: a list of tags, one of them open with its fields. Every change goes through model.ts, so the
   text keeps all that was not touched. */
import './builder.css';
import words from '../../i18n/en/builder.json';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { addMessages, t } from '../../core/i18n';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import type { IconName } from '../../ui/paths';
import { AddTag, another } from './add';
import { Fields, LabelLine, StyleText } from './fields';
import { duplicate, every, insert, isReal, kids, moveInto, moveOut, remove, renamed, swap, valueOf, withAttr, type Doc, type Edit, type Placed, type Real } from './model';
import { mayHold, rowOf } from './table';
import { attrWord, tagWord } from './words';
import type { Config } from './use';

await addMessages('builder', words);

type Path = string;             // "0.2.1": the third child of … ; "" is the outermost tag
const join = (p: Path, i: number): Path => p === '' ? String(i) : `${p}.${i}`;

const MANY = 400, AT_ONCE = 150;       // tags of a config that is shown part by part; children of a tag shown at first

export interface Act { doc: Doc; big: boolean; open: Path | null; setOpen(p: Path | null): void; change(edits: Edit[], then: Path, shut?: boolean): void; field(x: Real, name: string, value: string | null): void; rename(x: Real, name: string): void; taskFields: readonly string[] }

export function ConfigForm({ cfg, taskFields }: { cfg: Config; taskFields: readonly string[] }) {
  const [open, setOpen] = useState<Path | null>(null), box = useRef<HTMLDivElement>(null), focus = useRef<Path | null>(null), kept = useRef<Doc | null>(null);
  if (cfg.doc) kept.current = cfg.doc;
  const doc = kept.current;
  useEffect(() => {
    if (!cfg.doc || focus.current === null) return;
    box.current?.querySelector<HTMLElement>(`[data-path="${focus.current}"]`)?.focus();
    focus.current = null;
  }, [cfg.doc]);
  const big = useMemo(() => doc !== null && count(doc.root) > MANY, [doc]);
  if (!doc) return <div class="bform"><p class="dim in">{cfg.parsed?.errors.length ? t('b.broken') : t('loading')}</p></div>;
  const live = cfg.doc !== null;
  const act: Act = {
    doc, big, open, setOpen, taskFields,
    change: (edits, then, shut) => { if (!live) return; focus.current = then; setOpen(shut ? null : then); cfg.change(edits); },
    field: (x, name, value) => { if (live) cfg.put(withAttr(doc, x, name, value)); },
    rename: (x, name) => { if (live && name !== valueOf(x, 'name')) cfg.change(renamed(doc, x, name)); },
  };
  return <div class="bform" ref={box} aria-busy={!live}>
    {cfg.parsed && cfg.parsed.errors.length > 0 && <p class="b-note" role="status"><Icon i="alert" cls="bad" /> {t('b.stale', { line: cfg.parsed.errors[0]!.line })}</p>}
    <ul class="btree"><TagItem x={doc.root} parent={null} grand={null} path="" act={act} /></ul>
  </div>;
}

const count = (x: Real): number => kids(x).reduce((n, k) => n + count(k), 1);

const icons: Record<string, IconName> = { object: 'text', control: 'tag', visual: 'grid', child: 'minus', html: 'grid', unknown: 'help' };

/** What tells one tag from its neighbours. */
function summary(x: Real): string {
  const bits = [x.tag === 'Header' || x.tag === 'Markdown' ? valueOf(x, 'value') : x.name, x.kind === 'object' ? valueOf(x, 'value') ?? valueOf(x, 'valueList') : x.toName.length ? `→ ${x.toName.join(', ')}` : null];
  return bits.filter(Boolean).join('  ');
}

function TagItem({ x, parent, grand, path, act }: { x: Real; parent: Real | null; grand: Real | null; path: Path; act: Act }) {
  const open = act.open === path, list = x.children, short = x.kind === 'child' && ['Label', 'Choice', 'Relation'].includes(x.tag), panel = `bt${path.replace(/\./g, '-')}`;
  const [all, setAll] = useState(false), shown = !act.big || path === '' || x.kind === 'visual' || x.kind === 'html' || act.open === path || !!act.open?.startsWith(`${path}.`);
  const title = tagWord(x.tag), sum = summary(x), row = rowOf(x.tag);
  const tail = parent ? <TagActs x={x} parent={parent} grand={grand} path={path} act={act} name={short ? valueOf(x, 'value') ?? title : `${title} ${x.name ?? ''}`.trim()} /> : null;
  return <li class={`bt ${open ? 'open' : ''} k-${x.kind}`}>
    {short ? <LabelLine x={x} path={path} act={act} open={open} panel={panel} place={parent ? kids(parent).indexOf(x) : 0} add={parent ? () => act.change([insert(act.doc.xml, parent, kids(parent).indexOf(x) + 1, another(x, parent))], next(path)) : null} />
      : <div class="bt-row">
        <button type="button" class="bt-head" data-path={path} aria-expanded={open} aria-controls={open ? panel : undefined} onClick={() => act.setOpen(open ? null : path)}>
          <Icon i={x.tag === 'Image' || x.tag === 'Video' ? 'eye' : x.kind === 'control' && row?.group === 'mark' ? 'box' : icons[x.kind] ?? 'tag'} /><span class="bt-name">{title}</span><code class="small mute">{x.tag}</code><span class="small mute cut bt-sum"><bdi>{sum}</bdi></span></button>
        {tail}</div>}
    {open && <div class="bt-fields" id={panel}>
      {x.kind === 'unknown' && <p class="small mute">{t('b.unknown', { tag: x.tag })}</p>}
      {short && tail}
      {x.tag === 'Style' ? <StyleText x={x} act={act} /> : <Fields x={x} act={act} />}
      {parent && <Moves x={x} parent={parent} grand={grand} path={path} act={act} />}
    </div>}
    {list.length > 0 && !shown && <p class="b-part"><Button kind="quiet" cls="h28" icon="down" onClick={() => act.setOpen(path)}>{t('b.inside', { n: list.length })}</Button></p>}
    {list.length > 0 && shown && <ul class="btree">{children(list).slice(0, all ? undefined : AT_ONCE).map(([k, i]) => isReal(k)
      ? <TagItem key={i} x={k} parent={x} grand={parent} path={join(path, i)} act={act} />
      : <li key={`t${i}`} class="bt k-text"><p class="small dim cut"><bdi>{k.text.trim()}</bdi></p></li>)}</ul>}
    {shown && !all && list.length > AT_ONCE && <p class="b-part"><Button kind="quiet" cls="h28" onClick={() => setAll(true)}>{t('b.rest', { n: list.length - AT_ONCE })}</Button></p>}
    <Adds x={x} path={path} act={act} />
  </li>;
}

const next = (path: Path): Path => path.replace(/\d+$/, n => String(Number(n) + 1));

/** Each child with its number among the real ones: words between tags have no number of their own. */
function children(list: readonly Placed[]): [Placed, number][] {
  let n = 0;
  return list.map(k => [k, isReal(k) ? n++ : n]);
}

function Adds({ x, path, act }: { x: Real; path: Path; act: Act }) {
  const rows = mayHold(x.tag, x.kind === 'html');
  if (rows.length === 0 || (x.tag === 'Choice' && act.open !== path)) return null;
  const put = (text: string) => act.change([insert(act.doc.xml, x, kids(x).length, text)], join(path, kids(x).length));
  return <div class="bt-add"><AddTag rows={rows} doc={act.doc} to={x} put={put} /></div>;
}

function TagActs({ x, parent, path, act, name }: { x: Real; parent: Real; grand: Real | null; path: Path; act: Act; name: string }) {
  const at = kids(parent).indexOf(x), n = kids(parent).length, up = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '', { xml } = act.doc;
  const move = (by: -1 | 1) => { const e = swap(xml, parent, x, by); if (e) act.change([e], join(up, at + by)); };
  return <span class="bt-acts">
    <Button kind="quiet" cls="bt-i" icon="up" name={t('b.up', { name })} disabled={at === 0} onClick={() => move(-1)} />
    <Button kind="quiet" cls="bt-i" icon="down" name={t('b.down', { name })} disabled={at === n - 1} onClick={() => move(1)} />
    <Button kind="quiet" cls="bt-i" icon="copy" name={t('b.copy', { name })} onClick={() => act.change([duplicate(act.doc, parent, x)], join(up, at + 1))} />
    <Button kind="quiet" cls="bt-i" icon="trash" name={t('b.remove', { name })} onClick={() => act.change([remove(xml, x)], n > 1 ? join(up, Math.max(0, at - 1)) : up, true)} />
  </span>;
}

/** To other places than the next one: out of its parent, or into another tag that may hold it. */
function Moves({ x, parent, grand, path, act }: { x: Real; parent: Real; grand: Real | null; path: Path; act: Act }) {
  const own = new Set(every(x)), holds = (o: Real) => o !== parent && !own.has(o) && mayHold(o.tag, o.kind === 'html').some(r => r.tag === x.tag);
  const targets = [...every(act.doc.root)].filter(holds);
  if (targets.length === 0) return null;
  const into = (o: Real) => {
    const out = grand === o, edits = out ? moveOut(act.doc.xml, x, parent, grand) : moveInto(act.doc.xml, x, o);
    act.change(edits, path.slice(0, Math.max(0, path.lastIndexOf('.'))));
  };
  return <label class="field bf"><span>{t('b.moveto')}</span><select class="input" value="" onChange={e => { const o = targets[Number(e.currentTarget.value)]; if (e.currentTarget.value !== '' && o) into(o); }}>
    <option value="">{t('b.stay')}</option>
    {targets.map((o, i) => <option key={i} value={String(i)}>{`${tagWord(o.tag)} ${o.name ?? ''} (${t('b.line', { n: o.line })})`}</option>)}
  </select></label>;
}

export { attrWord };
