/* A labelling config as text and as the tree that the server read from it, with places. Every change is a change of the
   text in one or two places; nothing is ever written anew, so comments, spaces, unknown attributes and unknown tags stay
   byte by byte what they were. Offsets are those of JavaScript strings. */

export type Written = [name: string, value: string, from: number, valueFrom: number, valueTo: number];
export type At = [from: number, open: number, close: number, to: number];

export interface Placed {
  tag: string; kind: string; name: string | null; toName: string[]; attrs: Record<string, string>; children: Placed[]; text: string; line: number;
  at?: At; written?: Written[];                 // absent on "#text"
}
export interface Real extends Placed { at: At; written: Written[] }
export interface Edit { from: number; to: number; text: string }
export interface Doc { xml: string; root: Real }

export const isReal = (x: Placed): x is Real => x.at !== undefined;
export const kids = (x: Placed): Real[] => x.children.filter(isReal);

export function apply(xml: string, edits: readonly Edit[]): string {
  return [...edits].sort((a, b) => b.from - a.from).reduce((s, e) => s.slice(0, e.from) + e.text + s.slice(e.to), xml);
}

export function* every(x: Real): Generator<Real> { yield x; for (const k of kids(x)) yield* every(k); }

export const written = (x: Real, name: string): Written | undefined => x.written.find(w => w[0].toLowerCase() === name.toLowerCase());
export const valueOf = (x: Real, name: string): string | undefined => written(x, name)?.[1];

export function escape(value: string, quote: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\r/g, '&#13;').replace(/\n/g, '&#10;').replace(/\t/g, '&#9;')
    .replace(quote === "'" ? /'/g : /"/g, quote === "'" ? '&apos;' : '&quot;');
}

const tagName = (xml: string, x: Real) => /^<([^\s/>]+)/.exec(xml.slice(x.at[0], x.at[1]))?.[1] ?? x.tag;

/** Set an attribute, or take it away with null. */
export function setAttr(xml: string, x: Real, name: string, value: string | null): Edit | null {
  const w = written(x, name);
  if (!w) {
    if (value === null) return null;
    const last = x.written.at(-1), at = last ? last[4] + 1 : x.at[0] + 1 + tagName(xml, x).length;
    return { from: at, to: at, text: ` ${name}="${escape(value, '"')}"` };
  }
  if (value !== null) return { from: w[3], to: w[4], text: escape(value, xml[w[3] - 1] ?? '"') };
  let from = w[2];
  while (from > 0 && /\s/.test(xml[from - 1]!)) from--;
  return { from, to: w[4] + 1, text: '' };
}

/** The document after setAttr, without asking the server: places move, the one value is new. */
export function withAttr(doc: Doc, x: Real, name: string, value: string | null): Doc {
  const e = setAttr(doc.xml, x, name, value);
  if (!e) return doc;
  const by = e.text.length - (e.to - e.from), low = name.toLowerCase();
  const move = (n: number) => n > e.from && n >= e.to ? n + by : n;
  const copy = (o: Placed): Placed => {
    if (!isReal(o)) return o;
    let list: Written[] = o.written.map(w => [w[0], w[1], move(w[2]), move(w[3]), move(w[4])]);
    const attrs = { ...o.attrs };
    if (o === x) {
      const own = list.find(w => w[0].toLowerCase() === low);
      if (value === null) { list = list.filter(w => w !== own); delete attrs[low]; } else {
        attrs[low] = value;
        if (own) { own[1] = value; own[4] = own[3] + e.text.length; } else list.push([name, value, e.from + 1, e.from + name.length + 3, e.from + e.text.length - 1]);
      }
    }
    const out: Real = { ...o, attrs, at: o.at.map(move) as At, written: list, children: o.children.map(copy) };
    if (o === x && low === 'name' && (o.kind === 'object' || o.kind === 'control' || o.kind === 'visual')) out.name = value || null;
    if (o === x && low === 'toname') out.toName = (value ?? '').split(',').map(s => s.trim()).filter(Boolean);
    return out;
  };
  return { xml: apply(doc.xml, [e]), root: copy(doc.root) as Real };
}

/* ---- lines ---- */

interface Span { from: number; to: number; indent: string; whole: boolean }      // whole: nothing else stands on its lines

function span(xml: string, x: Real): Span {
  const start = xml.lastIndexOf('\n', x.at[0] - 1) + 1, nl = xml.indexOf('\n', x.at[3]), end = nl < 0 ? xml.length : nl;
  const before = xml.slice(start, x.at[0]), after = xml.slice(x.at[3], end);
  const whole = !before.trim() && !after.trim() && start > 0;
  return whole ? { from: start, to: nl < 0 ? end : end + 1, indent: before, whole } : { from: x.at[0], to: x.at[3], indent: /^\s*/.exec(xml.slice(start, x.at[0]))![0], whole };
}

const indented = (text: string, indent: string) => text.split('\n').join(`\n${indent}`);
const inOneLine = (text: string) => text.split('\n').map(s => s.trim()).join('');

export function remove(xml: string, x: Real): Edit {
  const s = span(xml, x);
  return { from: s.from, to: s.to, text: '' };
}

/** Put `text` into `parent`, before its child number `index` (or at the end). `asIs` keeps the lines of a moved piece. */
export function insert(xml: string, parent: Real, index: number, text: string, asIs = false): Edit {
  const list = kids(parent), next = list[index], last = list.at(-1), tag = tagName(xml, parent);
  if (next) {
    const s = span(xml, next);
    return s.whole ? { from: s.from, to: s.from, text: `${s.indent}${asIs ? text : indented(text, s.indent)}\n` } : { from: next.at[0], to: next.at[0], text: asIs ? text : inOneLine(text) };
  }
  if (last) {
    const s = span(xml, last);
    return s.whole ? { from: last.at[3], to: last.at[3], text: `\n${s.indent}${asIs ? text : indented(text, s.indent)}` } : { from: last.at[3], to: last.at[3], text: asIs ? text : inOneLine(text) };
  }
  const lines = xml.includes('\n'), outer = span(xml, parent).indent, inner = `${outer}  `;
  const body = lines ? `\n${inner}${asIs ? text : indented(text, inner)}\n${outer}` : asIs ? text : inOneLine(text);
  if (parent.at[1] === parent.at[3]) {
    let cut = parent.at[3] - 2;                 // before "/>", and the spaces before it
    while (/\s/.test(xml[cut - 1]!)) cut--;
    return { from: cut, to: parent.at[3], text: `>${body}</${tag}>` };
  }
  const blank = !xml.slice(parent.at[1], parent.at[2]).trim();
  return blank ? { from: parent.at[1], to: parent.at[2], text: body } : { from: parent.at[2], to: parent.at[2], text: asIs ? text : inOneLine(text) };
}

/* ---- names ---- */

export function names(root: Real): Set<string> {
  return new Set([...every(root)].map(x => valueOf(x, 'name')).filter((s): s is string => !!s));
}

export function freeName(taken: ReadonlySet<string>, wish: string): string {
  if (!taken.has(wish)) return wish;
  const stem = wish.replace(/\d+$/, '');
  for (let n = 2; ; n++) if (!taken.has(`${stem}${n}`)) return `${stem}${n}`;
}

/** Another name, also where others point at it by toName and whenTagName. */
export function renamed(doc: Doc, x: Real, name: string): Edit[] {
  const old = valueOf(x, 'name'), edits = [setAttr(doc.xml, x, 'name', name || null)];
  if (old && name) {
    for (const o of every(doc.root)) {
      if (x.kind === 'object' && o.toName.includes(old)) edits.push(setAttr(doc.xml, o, 'toName', o.toName.map(n => n === old ? name : n).join(',')));
      if (valueOf(o, 'whenTagName') === old) edits.push(setAttr(doc.xml, o, 'whenTagName', name));
    }
  }
  return edits.filter((e): e is Edit => e !== null);
}

/** A copy right behind: names of its own, another value for a label, no key twice. */
export function duplicate(doc: Doc, parent: Real, x: Real): Edit {
  const taken = names(doc.root), shift = x.at[0], edits: Edit[] = [];
  const put = (o: Real, name: string, value: string | null) => { const e = setAttr(doc.xml, o, name, value); if (e) edits.push({ from: e.from - shift, to: e.to - shift, text: e.text }); };
  for (const o of every(x)) {
    const name = valueOf(o, 'name');
    if (name) { const own = freeName(taken, name); taken.add(own); put(o, 'name', own); }
    if (written(o, 'hotkey')) put(o, 'hotkey', null);
  }
  const value = valueOf(x, 'value');
  if (x.kind === 'child' && value && !value.startsWith('$')) {
    const there = new Set(kids(parent).map(k => valueOf(k, 'value'))), stem = value.replace(/ \d+$/, '');
    let n = 2;
    while (there.has(`${stem} ${n}`)) n++;
    put(x, 'value', `${stem} ${n}`);
  }
  const text = apply(doc.xml.slice(x.at[0], x.at[3]), edits);
  return insert(doc.xml, parent, kids(parent).indexOf(x) + 1, text, true);
}

/* ---- moving ---- */

/** Change places with the sibling before or behind; what stands between stays between. */
export function swap(xml: string, parent: Real, x: Real, by: -1 | 1): Edit | null {
  const list = kids(parent), other = list[list.indexOf(x) + by];
  if (!other) return null;
  const [a, b] = by < 0 ? [other, x] : [x, other], text = (o: Real) => xml.slice(o.at[0], o.at[3]);
  return { from: a.at[0], to: b.at[3], text: text(b) + xml.slice(a.at[3], b.at[0]) + text(a) };
}

/** Into another tag, at its end; or out of the parent, right behind it. */
export function moveInto(xml: string, x: Real, target: Real): Edit[] {
  return [remove(xml, x), insert(xml, target, kids(target).length, xml.slice(x.at[0], x.at[3]), true)];
}

export function moveOut(xml: string, x: Real, parent: Real, grand: Real): Edit[] {
  return [remove(xml, x), insert(xml, grand, kids(grand).indexOf(parent) + 1, xml.slice(x.at[0], x.at[3]), true)];
}

/** A new tag of the table: a free name, and bound to what is there to be asked about. */
export function fresh(doc: Doc, start: string, fits: (objectTag: string) => boolean): string {
  const taken = names(doc.root), objects = [...every(doc.root)].filter(o => o.kind === 'object' && o.name);
  const object = objects.find(o => fits(o.tag)) ?? objects[0];
  return start.replace(/ name="([^"]+)"/g, (_, n: string) => { const own = freeName(taken, n); taken.add(own); return ` name="${own}"`; })
    .replace('toName="@"', () => `toName="${escape(object?.name ?? '', '"')}"`);
}

/* ---- what the tree must be for all this to hold; asked by the tests ---- */

/** The text put together from the pieces of the tree; identical when every place is right and none overlap. */
export function emit(doc: Doc): string {
  const { xml } = doc;
  const start = (x: Real): string => {
    let at = x.at[0], out = '';
    for (const w of x.written) { out += xml.slice(at, w[2]) + w[0] + xml.slice(w[2] + w[0].length, w[3]) + xml.slice(w[3], w[4]); at = w[4]; }
    return out + xml.slice(at, x.at[1]);
  };
  const whole = (x: Real): string => {
    let at = x.at[1], out = start(x);
    for (const k of kids(x)) { out += xml.slice(at, k.at[0]) + whole(k); at = k.at[3]; }
    return out + xml.slice(at, x.at[2]) + xml.slice(x.at[2], x.at[3]);
  };
  return xml.slice(0, doc.root.at[0]) + whole(doc.root) + xml.slice(doc.root.at[3]);
}
