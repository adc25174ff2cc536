/* The table of a task list of any length. Promise: only what is on the screen is in the page, rows are used again as they
   leave it, and scrolling costs the drawing of the rows that come in. The table has one place for the keyboard; the row
   at hand is named by aria-activedescendant, so focus never gets lost with a row that scrolls away. */
import { Component, type ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../core/i18n';
import { goTo, moved, resized, shiftOf, strained, tall, type Tall } from '../ui/tall';
import { Icon } from '../ui/icon';
import { columnName, type Around, type Shown } from './tasks-columns';
import { holdThumbs } from './tasks-thumb';
import { orderOf, type Query } from './tasks-query';
import type { Rows } from './tasks-rows';
import type { TaskRow } from './shapes';

const EXTRA = 6, HEAD = 36;

export interface Selection { all: boolean; ids: ReadonlySet<number> }
export const NONE: Selection = { all: false, ids: new Set() };
export function isChosen(s: Selection, id: number): boolean { return s.all !== s.ids.has(id); }
export function chosenCount(s: Selection, total: number): number { return s.all ? Math.max(0, total - s.ids.size) : s.ids.size; }
export function flipped(s: Selection, id: number): Selection {
  const ids = new Set(s.ids);
  if (!ids.delete(id)) ids.add(id);
  return { all: s.all, ids };
}

interface RowProps { i: number; y: number; row: TaskRow | null | undefined; at: boolean; chosen: boolean; columns: Shown[]; around: Around; stamp: number; onRow: (i: number, e: MouseEvent) => void; onCheck: (i: number, range: boolean) => void }

class Row extends Component<RowProps> {
  override shouldComponentUpdate(p: RowProps): boolean {
    const o = this.props;
    return p.i !== o.i || p.row !== o.row || p.at !== o.at || p.chosen !== o.chosen || p.y !== o.y || p.columns !== o.columns || p.stamp !== o.stamp;
  }
  render({ i, y, row, at, chosen, columns, around, onRow, onCheck }: RowProps) {
    const name = row ? t('tasks.row', { n: row.inner_id }) : row === null ? t('tasks.gone') : t('loading');
    return <div role="row" id={`task-row-${i}`} class={`trow ${chosen ? 'sel' : ''} ${at ? 'is-at' : ''}`} aria-rowindex={i + 2} aria-selected={row ? chosen : undefined}
      data-at={i} data-task={row?.id} style={{ insetBlockStart: `${y}px` }} onClick={e => { if (row) onRow(i, e); }}>
      <div role="gridcell" class="tcell tcheck">{row && <input type="checkbox" class="check" tabIndex={-1} checked={chosen} aria-label={name} onClick={e => { e.stopPropagation(); onCheck(i, e.shiftKey); }} />}</div>
      {row ? columns.map(c => <div role="gridcell" key={c.id} class={`tcell ${c.num ? 'num' : ''}`}>{c.cell(row, around)}</div>)
        : <div role="gridcell" class="tcell tgone mute">{row === null ? name : ''}</div>}
    </div>;
  }
}

interface GridProps {
  rows: Rows; version: number; columns: Shown[]; around: Around; rowHeight: number; label: string; query: Query; canSort: boolean;
  at: number; onAt: (i: number) => void; place: { top: number };
  selection: Selection; onCheck: (i: number, range: boolean) => void; onAll: () => void; onOpen: (i: number) => void;
  onSort: (name: string) => void; onWidth: (id: string, width: number) => void;
  children?: ComponentChildren;
}

export function Grid(p: GridProps) {
  const box = useRef<HTMLDivElement>(null), state = useRef<Tall | null>(null), rest = useRef(0), moving = useRef(false), stamp = useRef(0), lastColumns = useRef(p.columns);
  const total = p.rows.total ?? 0, row = p.rowHeight;
  const [, redraw] = useState(0);
  const again = useCallback(() => redraw(n => n + 1), []);
  if (lastColumns.current !== p.columns) { lastColumns.current = p.columns; stamp.current++; }
  const T = state.current ??= { ...tall(total * row, 600), top: p.place.top };

  const settle = () => {
    const el = box.current;
    if (el && Math.abs(el.scrollTop - goTo(T, T.top)) > 1) el.scrollTop = T.scroll;
    again();
  };
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    const fit = () => { const bar = resized(T, total * row, Math.max(0, el.clientHeight - HEAD)); again(); requestAnimationFrame(() => { if (Math.abs(el.scrollTop - bar) > 1) el.scrollTop = bar; }); };
    fit();
    const seen = new ResizeObserver(() => { if (el.clientHeight - HEAD !== T.view) fit(); });
    seen.observe(el);
    return () => seen.disconnect();
  }, [total, row]);
  useEffect(() => () => clearTimeout(rest.current), []);

  // The row under a moving pointer. Not :hover, which would paint every row that passes under a resting one.
  const under = useRef<Element | null>(null);
  const point = (el: Element | null) => { if (under.current === el) return; under.current?.classList.remove('is-under'); el?.classList.add('is-under'); under.current = el; };

  const onScroll = () => {
    const el = box.current;
    if (!el || el.scrollTop === T.scroll) return;
    moved(T, el.scrollTop);
    p.place.top = T.top;
    holdThumbs();
    point(null);
    moving.current = true;
    if (strained(T)) settle(); else again();
    clearTimeout(rest.current);
    rest.current = window.setTimeout(() => { moving.current = false; settle(); }, 160);
  };

  const first = Math.max(0, Math.floor(T.top / row) - EXTRA), pool = Math.ceil(T.view / row) + 2 * EXTRA + 1, last = Math.min(total, first + pool);
  useEffect(() => { p.rows.want(Math.max(0, first), last); }, [first, last, p.rows, p.version]);

  useEffect(() => { const rows = p.rows; rows.watch = again; return () => { rows.watch = null; }; }, [p.rows]);

  // The row at hand is brought into view when it moves by key.
  const shownAt = useRef(p.at);
  useEffect(() => {
    if (shownAt.current === p.at || p.at < 0) { shownAt.current = p.at; return; }
    shownAt.current = p.at;
    const y = p.at * row;
    if (y < T.top) T.top = y; else if (y + row > T.top + T.view) T.top = y + row - T.view; else return;
    p.place.top = T.top;
    settle();
  }, [p.at]);

  const shift = shiftOf(T), items = [];
  for (let i = first; i < last; i++) {
    const r = p.rows.at(i);
    items.push(<Row key={i % pool} i={i} y={Math.round(i * row - shift)} row={r} at={i === p.at} chosen={!!r && isChosen(p.selection, r.id)} columns={p.columns} around={p.around} stamp={stamp.current}
      onRow={(k, e) => { p.onAt(k); if (e.detail === 2 || !(e.target as Element).closest('.tcheck') && !getSelection()?.toString()) p.onOpen(k); }} onCheck={p.onCheck} />);
  }
  // While the list moves rows stay where they are in the page and only say something else; at rest they stand in order.
  if (moving.current) items.sort((a, b) => (a.key as number) - (b.key as number));
  const order = orderOf(p.query), chosen = chosenCount(p.selection, total);
  const wide = p.columns.reduce((s, c) => s + c.width, 40);
  const template = `40px ${p.columns.map(c => c.grows ? `minmax(${c.width}px, 1fr)` : `${c.width}px`).join(' ')}`;
  return <div class="scroller" data-fits={p.columns.every(c => c.width >= (c.least ?? c.width)) ? '' : undefined} ref={box} role="grid" tabIndex={0} aria-label={p.label} aria-rowcount={total + 1} aria-multiselectable="true" aria-activedescendant={p.at >= first && p.at < last ? `task-row-${p.at}` : undefined}
    data-query={p.rows.ready && p.rows.mapped ? 'done' : ''} onScroll={onScroll} style={{ '--cols': template, '--row-h': `${row}px`, '--min-w': `${wide}px` }}>
    <div role="row" class="trow thead" aria-rowindex={1}>
      <div role="columnheader" class="tcell tcheck"><input type="checkbox" class="check" tabIndex={-1} aria-label={t('tasks.selectall', { n: total })} checked={chosen > 0 && chosen === total} indeterminate={chosen > 0 && chosen < total} onChange={p.onAll} /></div>
      {p.columns.map(c => <Head key={c.id} c={c} order={order} canSort={p.canSort} onSort={p.onSort} onWidth={p.onWidth} />)}
    </div>
    <div role="rowgroup" class="tbody" style={{ blockSize: `${T.height}px` }} onPointerMove={e => { if (e.movementX || e.movementY) point((e.target as Element).closest('.trow')); }} onPointerLeave={() => point(null)}>{items}</div>
    {p.children}
  </div>;
}

function Head({ c, order, canSort, onSort, onWidth }: { c: Shown; order: { name: string; down: boolean } | null; canSort: boolean; onSort: (name: string) => void; onWidth: (id: string, w: number) => void }) {
  const mine = !!c.sort && order?.name === c.sort, name = columnName(c.id);
  const pull = (e: PointerEvent) => {
    const grip = e.currentTarget as HTMLElement, cell = grip.parentElement!, from = e.clientX, was = cell.getBoundingClientRect().width, sign = getComputedStyle(grip).direction === 'rtl' ? -1 : 1;
    e.preventDefault();
    grip.setPointerCapture(e.pointerId);
    const move = (x: PointerEvent) => onWidth(c.id, Math.round(Math.min(900, Math.max(56, was + sign * (x.clientX - from)))));
    const end = () => { grip.removeEventListener('pointermove', move); grip.removeEventListener('pointerup', end); grip.removeEventListener('pointercancel', end); };
    grip.addEventListener('pointermove', move);
    grip.addEventListener('pointerup', end);
    grip.addEventListener('pointercancel', end);
  };
  return <div role="columnheader" class={`tcell ${c.num ? 'num' : ''} ${mine ? 'is-sorted' : ''}`} aria-sort={mine ? order!.down ? 'descending' : 'ascending' : c.sort && canSort ? 'none' : undefined}>
    {c.sort && canSort ? <button type="button" class="thbtn" tabIndex={-1} onClick={() => onSort(c.sort!)}>{name}{mine && <Icon i={order!.down ? 'down' : 'up'} />}</button> : <span class={c.id === 'picture' ? 'vh' : 'cut'}>{name}</span>}
    <span class="thgrip" aria-hidden="true" onPointerDown={pull} />
  </div>;
}

