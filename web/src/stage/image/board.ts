/*
 * board.ts -- the keyboard on the picture.
 *
 * Arrows move what is chosen (with ctrl they size it); with nothing chosen they
 * move a cross, and Enter does with the tool what a click does there.  For the
 * brush Enter sets the pen down and lifts it again.
 */
import { keys } from '../../core/hotkeys';
import { t } from '../../core/i18n';
import { placeOf } from '../../tags/result';
import { onPicture, type Point } from './geometry';
import type { Editor } from './editor';
import { isMaskTool, type Tool } from './tools';

export function arrow(ed: Editor, dx: number, dy: number, shift: boolean, ctrl: boolean): boolean {
  const { m } = ed, size = m.size.peek();
  if (!size || !m.editable) return false;
  const by = shift ? 10 : 1, id = m.store.selection.peek(), tool = m.tool.peek();
  if (id !== null && ed.shape(id) !== null && !isMaskTool(tool)) {
    const to = { x: dx * by, y: dy * by };
    if (ctrl) return ed.change(id, (kind, v, s) => kind.grow(v, s, to.x, to.y), `size:${id}`);
    if (m.live.peek().size < 2) return ed.change(id, (kind, v, s) => kind.pull(v, s, 'body', { from: { x: 0, y: 0 }, at: to, k: 1, shift: false }), `move:${id}`);
    shiftAll(ed, to);
    return true;
  }
  if (tool === 'move' || tool === 'hand') {
    const v = m.view.peek();
    m.look({ ...v, x: v.x - dx * 40, y: v.y - dy * 40 });
    return true;
  }
  const step = by * Math.max(1, 1 / m.view.peek().k), c = ed.cursor.peek() ?? ed.middle();
  const q = onPicture({ x: c.x + dx * step, y: c.y + dy * step }, size);
  ed.cursor.value = q;
  if (ed.penDown) ed.pixels?.move(q);
  const d = m.draft.peek();
  if (d) m.draft.value = 'points' in d ? { ...d, at: q } : { ...d, b: q };
  return true;
}

function shiftAll(ed: Editor, to: Point): void {
  const { m } = ed, ids = [...m.live.peek()].filter((x) => ed.canEdit(x));
  m.store.hold(...ids);
  for (const id of ids) {
    const r = m.spatial(id), patch = r && ed.pulled(id, 'body', placeOf(r), { x: 0, y: 0 }, to, false);
    if (patch) m.store.live(id, patch);
  }
  m.store.settle('move');
}

/* Enter: place a corner or a point; at the second corner the box stands. */
export function enter(ed: Editor): boolean {
  const { m } = ed, size = m.size.peek(), tool = m.tool.peek();
  if (!size || !m.editable || tool === 'move' || tool === 'hand') return false;
  const c = ed.cursor.peek(), d = m.draft.peek();
  if (d && 'points' in d && !c) { ed.finish(false); return true; }      // drawn by pointer, ended by key
  if (!c) { if (!isMaskTool(tool)) m.store.selection.value = null; ed.cursor.value = ed.middle(); return true; }
  if (isMaskTool(tool)) { stamp(ed, tool, c); return true; }
  if (tool === 'point') ed.add('point', { x: c.x / size.w * 100, y: c.y / size.h * 100, width: 0.5 });
  else if (tool === 'box' || tool === 'ellipse') {
    if (!d || 'points' in d) { m.draft.value = { kind: tool, a: c, b: c, byClick: true }; return true; }
    if (!ed.finish()) return true;
  } else {
    const last = d && 'points' in d ? d.points[d.points.length - 1]! : null;
    const done = last && last.x === c.x && last.y === c.y ? ed.finish(false) : ed.place(tool as 'polygon', ed.snap(c, tool));
    if (!done) return true;
  }
  ed.cursor.value = null;
  return true;
}

function stamp(ed: Editor, tool: Tool, c: Point): void {
  const p = ed.pixels;
  if (!p) return;
  if (ed.penDown) { ed.penDown = false; p.up(); return; }
  p.down(tool, c, { shift: false, alt: false });
  if (tool === 'brush' || tool === 'eraser') ed.penDown = true; else p.up();
}

/* Backspace while a line is drawn takes its last point back. */
function undoPoint(ed: Editor): boolean {
  const { m } = ed, d = m.draft.peek();
  if (!d || !('points' in d)) return false;
  if (d.points.length < 2) ed.cancel();
  else m.draft.value = { ...d, points: d.points.slice(0, -1), outs: d.outs.slice(0, -1) };
  return true;
}

export function bindKeys(ed: Editor, root: { current: HTMLElement | null }, space: { value: boolean }): () => void {
  const { m } = ed, here = (e: { target: EventTarget | null }): boolean => {
    const el = e.target as Element | null;
    return !el || el === document.body || root.current?.contains(el) === true || !!el.closest?.('.rlist');
  };
  const arrows = (['left', 'right', 'up', 'down'] as const).flatMap((key) => {
    const dx = key === 'left' ? -1 : key === 'right' ? 1 : 0, dy = key === 'up' ? -1 : key === 'down' ? 1 : 0;
    return ([['', false, false], ['shift+', true, false], ['ctrl+', false, true], ['ctrl+shift+', true, true]] as const).map(([pre, shift, ctrl]) => ({
      combo: `${pre}${key}`,
      act: (e: { target: EventTarget | null }) => {
        if ((e.target as Element | null)?.closest?.('.rlist') && !shift && !ctrl && m.store.selection.peek() === null) return false;
        return here(e) ? arrow(ed, dx, dy, shift, ctrl) : false;
      },
    }));
  });
  const size = (by: number) => (): boolean => {
    if (!isMaskTool(m.tool.peek())) return false;
    ed.radius.value = Math.min(400, Math.max(1, Math.round(ed.radius.peek() * by + (by > 1 ? 1 : -1))));
    return true;
  };
  const off = keys.bind('stage', [
    ...arrows,
    { combo: 'enter', act: (e) => here(e) && enter(ed), what: t('an.key.place') },
    { combo: 'esc', act: () => ed.cancel(), what: t('an.key.cancel') },
    { combo: 'backspace', act: () => undoPoint(ed) },
    { combo: 'ctrl+plus', act: () => m.zoomStep(1), what: t('an.zoom.in') },
    { combo: 'ctrl+=', act: () => m.zoomStep(1) },
    { combo: 'ctrl+-', act: () => m.zoomStep(-1), what: t('an.zoom.out') },
    { combo: 'shift+1', act: () => m.fit(), what: t('an.zoom.fit') },
    { combo: 'shift+2', act: () => m.zoomTo(1), what: t('an.zoom.full', { k: 100 }) },
    { combo: '[', act: size(1 / 1.25), what: t('im.smaller') },
    { combo: ']', act: size(1.25), what: t('im.larger') },
    ...(m.pages.length > 1 ? [
      { combo: 'pageup', act: () => m.show(m.page.peek() - 1), what: t('im.page.previous') },
      { combo: 'pagedown', act: () => m.show(m.page.peek() + 1), what: t('im.page.next') }] : []),
  ]);
  const hold = (e: KeyboardEvent) => {
    if (e.code !== 'Space' || e.ctrlKey || !here(e)) return;
    space.value = e.type === 'keydown';
    if (e.type === 'keydown') e.preventDefault();
  };
  document.addEventListener('keydown', hold);
  document.addEventListener('keyup', hold);
  return () => { off(); document.removeEventListener('keydown', hold); document.removeEventListener('keyup', hold); };
}
