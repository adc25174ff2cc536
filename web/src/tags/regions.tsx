/*
 * regions.tsx -- the region list: the same regions as on the stage, as rows.
 * Whoever does not use a pointer, or does not see the stage, works here.
 */
import { computed, effect, signal, useComputed } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { addMessages, t } from '../core/i18n';
import words from '../i18n/en/regions.json';
import { Button } from '../ui/button';
import { Icon, Mark } from '../ui/icon';
import { MARKS } from '../ui/paths';
import { follow, useItems } from './calm';
import { RegionContext, useWork } from './context';
import { isMany, useLate } from './late';
import { headOf, Rows, type Slot } from './regionrows';
import { labelsOf, spatialOf, type Result } from './result';
import { Node } from './registry';
import type { TaskStore } from './store';
import { colourClass, controls, flag, shapeNumber, type Tag } from './tree';
import { sceneOf, shown } from './visible';
import './regions.css';

await addMessages('regions', words);

export interface Describe { (id: string, items?: readonly Result[]): { brief: string; title?: string; spoken?: string } }

/* Without a pointer that hovers the acts of a row are always there. */
const touch = typeof matchMedia === 'function' && matchMedia('(hover: none)').matches;

/* `describe` must stay the same function while the task does. */
export function RegionList({ describe, onHover, group }: { describe: Describe; onHover?: (id: string | null) => void; group?: ((id: string) => string) | undefined }) {
  const { store } = useWork(), rows = useMemo(() => new Rows(store), [store]), nodes = useMemo(() => new Map<Slot, VNode>(), [rows, describe]);
  const many = rows.many.value, some = useMemo(() => computed(() => rows.ids.value.length > 0), [rows]).value;
  useLayoutEffect(() => rows.follow(), [rows]);
  useLayoutEffect(() => { rows.group.value = group; }, [rows, group]);
  useEffect(() => {
    if (!many || !rows.list) return undefined;
    const ro = new ResizeObserver(() => rows.measured());
    ro.observe(rows.list);
    return () => ro.disconnect();
  }, [rows, many, some]);
  const onKey = (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.altKey || e.shiftKey || e.metaKey) return;
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0, id = rowAt((e.target as Element).closest('.rsel'));
    if (!by || !id) return;
    rows.step(id, by);
    e.preventDefault();
    e.stopPropagation();
  };
  if (!some) return <p class="mute small none">{t('an.regions.none')}</p>;
  // The same node again means: nothing to compare. A row looks after itself.
  const node = (s: Slot): VNode => { let v = nodes.get(s); if (!v) nodes.set(s, v = <Row key={s.key} s={s} rows={rows} describe={describe} />); return v; };
  const [above, below] = rows.gaps.value;
  return <ul class={`rlist grow ${many ? 'many' : ''}`} ref={(el) => { rows.list = el; }} onKeyDown={onKey} onScroll={many ? (e) => rows.scrolled(e.currentTarget.scrollTop) : undefined}
    onMouseOver={onHover && ((e) => onHover(rowAt(e.target as Element)))} onMouseLeave={onHover && (() => onHover(null))}>
    {above > 0 && <li key="above" class="gap" aria-hidden="true" style={{ blockSize: `${above}px` }} />}
    {rows.slots.value.map(node)}
    {below > 0 && <li key="below" class="gap" aria-hidden="true" style={{ blockSize: `${below}px` }} />}
  </ul>;
}

const rowAt = (el: Element | null): string | null => el?.closest('[data-row]')?.getAttribute('data-row') ?? null;

/* A row is made once; which region it shows, and how that stands, is written into it. */
function Row({ s, rows, describe }: { s: Slot; rows: Rows; describe: Describe }) {
  const { store } = useWork(), li = useRef<HTMLLIElement>(null), guess = useMemo(() => signal(false), []);
  useLayoutEffect(() => {
    const pen = new Pen(s.el = li.current!), items = signal<Result[]>([]);
    const offs = [follow(store, s.id, (x) => { items.value = x; }), effect(() => { guess.value = pen.write(s, rows, items.value, describe); })];
    return () => { s.el = null; offs.forEach((off) => off()); };
  }, [s, rows, describe]);
  const id = (): string => s.id.peek()!;
  return <li ref={li} onMouseOver={() => { s.near.value = true; }}>
    <span hidden />
    <button type="button" class="rsel" onClick={() => { store.selection.value = id(); }} onFocus={(e) => { if (e.currentTarget.matches(':focus-visible')) store.selection.value = id(); }}>
      <span class="n" /><span><svg class="mk" viewBox="0 0 12 12" aria-hidden="true"><path fill-rule="evenodd" /></svg><span class="mute" hidden>?</span></span>
      <bdi class="cut" /><span class="g" />
    </button>
    {!store.readOnly && <Confirm s={s} guess={guess} />}
    <Acts s={s} rows={rows} />
    <Fields s={s} rows={rows} />
  </li>;
}

/* What a config wants written in the list itself (displayMode="region-list"): every region's text at a glance. */
function Fields({ s, rows }: { s: Slot; rows: Rows }) {
  const { store } = useWork(), id = s.id.value, asked = rows.many.value || id === undefined || !store.has(id) ? [] : questionsFor(store, id).filter(inList);
  return asked.length ? <div class="rfields"><RegionContext.Provider key={id} value={id!}>{asked.map((c) => <Node key={c.name} tag={c} />)}</RegionContext.Provider></div> : null;
}

const inList = (c: Tag): boolean => c.tag === 'TextArea' && c.attrs.displaymode === 'region-list';

function Confirm({ s, guess }: { s: Slot; guess: { value: boolean } }) {
  const { store } = useWork();
  return guess.value ? <button type="button" class="pill acc" onClick={() => store.confirm(s.id.peek())}>{t('an.confirm')}</button> : null;
}

function Acts({ s, rows }: { s: Slot; rows: Rows }) {
  const { store } = useWork(), on = useComputed(() => { const id = s.id.value; return id !== undefined && headOf(id) === null && (!rows.many.value || touch || s.near.value || s.sel.value) ? id : null; }).value;
  const lock = useComputed(() => store.locked.value.has(s.id.value!)).value, off = s.off.value, at = on === null ? 0 : s.n.value;
  return on === null ? null : <span class="acts">
    <Button kind="quiet" icon={off ? 'eyeoff' : 'eye'} pressed={off} name={t('an.hide', { n: at })} onClick={() => store.toggle('hidden', on)} />
    {!store.readOnly && <><Button kind="quiet" icon="lock" pressed={lock} name={t('an.lock', { n: at })} onClick={() => store.toggle('locked', on)} />
      <Button kind="quiet" icon="trash" name={t('an.region.remove', { n: at })} onClick={() => store.remove(on)} /></>}
  </span>;
}

/* Writes a row, and of it only what has changed. */
class Pen {
  private was = new Map<string, string | null>();
  private title: HTMLElement;
  private button: HTMLElement;
  private parts: [HTMLElement, HTMLElement, HTMLElement, HTMLElement];

  constructor(private li: HTMLElement) {
    [this.title, this.button] = li.children as unknown as [HTMLElement, HTMLElement];
    this.parts = [...this.button.children] as unknown as typeof this.parts;
  }

  /* true: a model said it and nobody has confirmed it. */
  write(s: Slot, rows: Rows, items: readonly Result[], describe: Describe): boolean {
    const id = s.id.value, { store } = rows, head = headOf(id), { li, title, button } = this, [n, mark, name, fact] = this.parts;
    if (id === undefined || (head === null && !items.length)) return false;      // gone: the list is about to say so
    this.attr('title hidden', title, 'hidden', head === null ? '' : null);
    this.attr('button hidden', button, 'hidden', head === null ? null : '');
    this.attr('li data-row', li, 'data-row', head === null ? id : null);
    if (head !== null) { this.say('title', title, head); this.attr('li class', li, 'class', 'ghead'); return false; }
    const number = s.n.value, sel = s.sel.value, labels = labelsOf(items), info = store.info(labels[0]), guess = spatialOf(items)?.origin === 'prediction', many = rows.many.value;
    const score = items.find((r) => typeof r.score === 'number')?.score as number | undefined, what = labels.map((l) => store.info(l)?.text ?? l).join(', ') || t('an.nolabel');
    const d = describe(id, items), said = !guess ? d.brief : score === undefined ? t('an.guess') : t('an.guess.score', { p: Math.round(score * 100) });
    const bad = store.problems.value.size > 0 && [...store.problems.value.keys()].some((k) => k.endsWith(`@${id}`));
    this.attr('li class', li, 'class', `${sel ? 'sel' : ''} ${s.off.value ? 'off' : ''} ${bad ? 'is-bad' : ''}`);
    this.attr('li aria-posinset', li, 'aria-posinset', many ? String(number) : null);
    this.attr('li aria-setsize', li, 'aria-setsize', many ? '-1' : null);
    this.attr('button aria-pressed', button, 'aria-pressed', String(sel));
    this.attr('button aria-label', button, 'aria-label', [`${number} ${d.title ?? what}`, d.title !== undefined && what, guess && said, d.spoken || d.brief].filter(Boolean).join(', '));
    this.say('n', n, String(number));
    const svg = mark.firstElementChild!;
    this.attr('svg class', svg, 'class', info ? `mk ${colourClass(info.n)}` : null);
    this.attr('svg hidden', svg, 'hidden', info ? null : '');
    if (info) this.attr('svg path d', svg.firstElementChild!, 'd', MARKS[shapeNumber(info.n) - 1]!);
    this.attr('mark none hidden', mark.lastElementChild!, 'hidden', info ? '' : null);
    this.attr('mark class', mark, 'class', info?.background ? 'own' : null);
    if (info?.background || mark.style.length) mark.style.setProperty('--c', info?.background ?? '');
    this.attr('name class', name, 'class', `cut ${sel ? 'mid' : ''}`);
    this.say('name', name, d.title ?? what);
    this.say('fact', fact, said);
    return guess;
  }

  private say(key: string, el: Element, text: string): void { if (this.changed(key, text)) el.textContent = text; }
  private attr(key: string, el: Element, name: string, value: string | null): void {
    if (!this.changed(key, value)) return;
    if (value === null) el.removeAttribute(name); else el.setAttribute(name, value);
  }
  private changed(key: string, value: string | null): boolean {
    if (this.was.get(key) === value) return false;
    this.was.set(key, value);
    return true;
  }
}

/* Below the list: the selected region, its numbers and what is asked about it. It stays in the page when nothing is
   selected, out of sight: the next region writes its numbers into the same fields. */
export function RegionDetail({ fields, shift }: { fields?: (id: string) => ComponentChildren; shift?: (place: Record<string, unknown>) => Record<string, unknown> }) {
  const { store } = useWork(), id = useLate(store.selection, () => isMany(store)), body = useRef<VNode | null>(null), n = useRef(0), live = id !== null && store.has(id);
  if (live) {
    n.current = store.regions.value.indexOf(id) + 1;
    body.current = <Chosen id={id} n={n.current} fields={fields} shift={shift} />;
  }
  return body.current && <section class="detail" hidden={!live} aria-label={t('an.region', { n: n.current })}>{body.current}</section>;
}

function Chosen({ id, n, fields, shift }: { id: string; n: number } & Parameters<typeof RegionDetail>[0]) {
  const { store } = useWork(), items = useItems(store, id), info = store.info(labelsOf(items)[0]), problem = store.problems.value.get(`region@${id}`);
  return <>
    <div class="row"><span class="mid lab">{info && <Mark n={info.n + 1} />}{info?.text ?? t('an.nolabel')}</span><span class="mute">{t('an.region', { n })}</span>
      {!store.readOnly && <span class="end row">{shift && <Button kind="quiet" icon="copy" name={t('an.duplicate')} onClick={() => store.duplicate(id, shift)} />}
        <Button kind="quiet" icon="trash" name={t('an.region.remove', { n })} onClick={() => store.remove(id)} /></span>}</div>
    {problem && <p class="err"><Icon i="alert" /><span>{problem}</span></p>}
    {fields?.(id)}
    <RegionContext.Provider key={id} value={id}>{questionsFor(store, id).filter((c) => isMany(store) || !inList(c)).map((c) => <div class="col" key={c.name}>
      <span class="small mute" dir="auto">{titleOf(c)}</span><Node tag={c} /></div>)}</RegionContext.Provider>
  </>;
}

export function questionsFor(store: TaskStore, id: string): Tag[] {
  const to = spatialOf(store.peek(id))?.to_name;
  return controls(store.tree).filter((c) => flag(c, 'perRegion') && c.toName.includes(to ?? '') && shown(store.tree, c, sceneOf(store, id)));
}

const titleOf = (c: Tag): string => c.attrs.label || c.attrs.placeholder || (c.name ?? '').replace(/[_-]+/g, ' ');
