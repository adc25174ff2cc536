// What a config is shown with: its sample task, or one made from the $fields; every media address is replaced by a small
// file of that kind of our own, so that a walk loads nothing from anywhere.
import { readFileSync } from 'node:fs';

const svg = (n) => `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320"><rect width="480" height="320" fill="#cfdde3"/><rect x="${60 + 20 * n}" y="80" width="150" height="110" fill="#b5503c"/><circle cx="350" cy="180" r="60" fill="#4f8a55"/></svg>`;

/** A second of silence. */
function wav() {
  const n = 4000, b = Buffer.alloc(44 + n, 128);
  b.write('RIFF', 0); b.writeUInt32LE(36 + n, 4); b.write('WAVEfmt ', 8); b.writeUInt32LE(16, 16); b.writeUInt16LE(1, 20); b.writeUInt16LE(1, 22);
  b.writeUInt32LE(4000, 24); b.writeUInt32LE(4000, 28); b.writeUInt16LE(1, 32); b.writeUInt16LE(8, 34); b.write('data', 36); b.writeUInt32LE(n, 40);
  return b;
}
const PDF = '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';
const DIALOGUE = [{ author: 'Ada', text: 'Where does the ferry land?' }, { author: 'Ben', text: 'At the north pier, at noon.' }];
const CSV = 'time,value,sensor1,sensor2\n' + Array.from({ length: 20 }, (_, i) => `${i},${i % 5},${(i * 7) % 11},${i}`).join('\n');

/** Files that the page fetches by address: served by the walk itself, under the address of the server. */
export const FILES = {
  text: ['text/plain', 'The ferry left the north pier at noon and came back at dusk.'],
  html: ['text/html', '<div><h1>Ferry</h1><p>The ferry left the <b>north pier</b> at noon.</p></div>'],
  json: ['application/json', JSON.stringify(DIALOGUE)],
  csv: ['text/csv', CSV],
  pdf: ['application/pdf', PDF],
  audio: ['audio/wav', wav()],
  video: ['video/mp4', ''],
};
const data64 = (type, b) => `data:${type};base64,${Buffer.from(b).toString('base64')}`;
let pictures = 0;
const media = {
  image: () => data64('image/svg+xml', svg(pictures++ % 5)),
  ...Object.fromEntries(Object.keys(FILES).map((k) => [k, () => `/walk/${k}`])),
};

const PLAIN = {
  text: 'The ferry Aster left Port Lomond at noon. Nobody saw it come back.',
  html: '<div><h1>Harbour news</h1><p>The ferry <b>Aster</b> left Port Lomond at noon.</p></div>',
  dialogue: DIALOGUE,
  chat: [{ role: 'user', content: 'Where does the ferry land?' }, { role: 'assistant', content: 'At the north pier.' }],
  list: [{ id: 'a', title: 'First', body: 'The first thing' }, { id: 'b', title: 'Second', body: 'The second thing' }, { id: 'c', title: 'Third', body: 'The third' }],
  table: { Name: 'Aster', Port: 'Lomond', Crew: 12 },
  options: ['Ship', 'Port', 'Person'],
  series: { time: Array.from({ length: 20 }, (_, i) => i), value: Array.from({ length: 20 }, (_, i) => i % 5) },
};

// ---- the config, as far as a walk has to know it ----

/** Every tag with its attributes (names in lower case). Good enough for a sample; the server is the one that parses. */
function tagsOf(xml) {
  const out = [], bare = xml.replace(/<!--[\s\S]*?-->/g, '');
  for (const m of bare.matchAll(/<([A-Za-z][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*\/?>/g)) {
    const attrs = {};
    for (const a of m[2].matchAll(/([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) attrs[a[1].toLowerCase()] = a[2] ?? a[3];
    out.push({ tag: m[1].toLowerCase(), attrs });
  }
  return { tags: out, texts: [...bare.matchAll(/>([^<]*\$[A-Za-z_][^<]*)</g)].map((m) => m[1]) };
}

const MEDIA_TAG = { image: 'image', audio: 'audio', audioplus: 'audio', video: 'video', pdf: 'pdf', img: 'image' };
const URL_TAG = { text: 'text', hypertext: 'html', paragraphs: 'json', timeseries: 'csv', table: 'json', list: 'json' };

function kindOf(tag, attrs, attr) {
  if (attr === 'valuelist') return { media: MEDIA_TAG[tag] ?? 'image', many: true };
  if (attr === 'audiourl') return { media: 'audio' };
  if (attr === 'on') return { plain: 'repeat' };
  if (MEDIA_TAG[tag]) return { media: MEDIA_TAG[tag] };
  const url = attrs.valuetype === 'url' || (tag === 'timeseries' && attrs.valuetype !== 'json');
  if (url && URL_TAG[tag]) return { media: URL_TAG[tag] };
  if (/labels$|^choices$|^taxonomy$/.test(tag)) return { plain: 'options' };
  return { plain: { hypertext: 'html', paragraphs: 'dialogue', chat: 'chat', list: 'list', table: 'table', timeseries: 'series' }[tag] ?? 'text' };
}

/** Every reference of a config: path ("a.b", "items[].url") and what it stands for. */
export function refsOf(xml) {
  const { tags, texts } = tagsOf(xml), out = [], mark = /\{\{?\w+\}?\}/;
  for (const { tag, attrs } of tags) {
    for (const attr of ['value', 'valuelist', 'on', 'audiourl', 'src']) {
      const v = attrs[attr];
      if (v?.startsWith('$')) out.push({ path: v.slice(1).replace(/\[[^\]]*\]/g, (x) => (mark.test(x) || /\[\d+\]/.test(x) ? '[]' : x)), ...kindOf(tag, attrs, attr) });
    }
  }
  for (const s of texts) for (const m of s.matchAll(/\$([A-Za-z_][\w.]*)/g)) out.push({ path: m[1], plain: 'text' });
  return out;
}

const stepsOf = (path) => path.replace(/\[\]/g, '.[]').split('.').filter(Boolean);

function made(refs) {
  const data = {};
  for (const r of refs.filter((x) => x.plain !== 'repeat')) {
    const steps = stepsOf(r.path), value = () => (r.many ? [media[r.media](), media[r.media]()] : r.media ? media[r.media]() : structuredClone(PLAIN[r.plain]));
    put(data, steps, value);
  }
  for (const r of refs.filter((x) => x.plain === 'repeat')) if (!Array.isArray(data[r.path])) put(data, stepsOf(r.path), () => [{}, {}]);
  return data;
}

function put(at, steps, value) {
  const [k, ...rest] = steps;
  if (k === undefined) return;
  if (!rest.length) { at[k] ??= value(); return; }
  if (rest[0] === '[]') {
    if (!Array.isArray(at[k])) at[k] = [];
    for (const i of [0, 1]) {
      if (rest.length === 1) at[k][i] ??= value();
      else { if (typeof at[k][i] !== 'object') at[k][i] = {}; put(at[k][i], rest.slice(1), value); }
    }
    return;
  }
  if (typeof at[k] !== 'object' || at[k] === null) at[k] = {};
  put(at[k], rest, value);
}

const ADDRESS = /^(https?:|s3:|gs:|\/static\/|\/data\/|<HOSTNAME>)/i, EXT = { image: /\.(jpe?g|png|gif|webp|svg|bmp)(\?|$)/i, audio: /\.(wav|mp3|flac|ogg|m4a)(\?|$)/i, video: /\.(mp4|webm|mov|avi)(\?|$)/i, pdf: /\.pdf(\?|$)/i, csv: /\.csv(\?|$)/i };

/** No address of elsewhere stays: by the tag that shows it, else by its ending. */
function ours(data, refs) {
  const at = (o, steps, kind) => {
    const [k, ...rest] = steps;
    if (o === null || typeof o !== 'object') return;
    const keys = k === '[]' ? Object.keys(o) : k in o ? [k] : [];
    for (const x of keys) {
      if (rest.length) at(o[x], rest, kind);
      else if (typeof o[x] === 'string') { if (!/^data:/.test(o[x])) o[x] = media[kind](); }
      else if (Array.isArray(o[x])) o[x] = o[x].map((y) => (typeof y === 'string' ? media[kind]() : y));
    }
  };
  for (const r of refs) if (r.media) at(data, stepsOf(r.path), r.media);
  const rest = (v) => {
    if (typeof v === 'string' && ADDRESS.test(v)) { for (const [kind, re] of Object.entries(EXT)) if (re.test(v)) return media[kind](); return v; }
    if (typeof v === 'string' && /<img[\s>]/i.test(v)) return v.replace(/(<img[^>]*\ssrc\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, (_, head) => `${head}"${media.image()}"`);
    if (Array.isArray(v)) return v.map(rest);
    return v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, rest(x)])) : v;
  };
  return rest(data);
}

/** { xml, data, results }: a config with its task, and the answers that came with it. */
export function sampleOf(xmlFile, jsonFile) {
  const xml = readFileSync(xmlFile, 'utf8'), refs = refsOf(xml);
  if (!jsonFile) return { xml, data: made(refs), results: [] };
  let task = JSON.parse(readFileSync(jsonFile, 'utf8'));
  if (Array.isArray(task)) task = task[0];
  const data = { ...made(refs), ...(task.data ?? task) };
  const given = [...(task.annotations ?? task.completions ?? [])].map((a) => a?.result).filter((r) => Array.isArray(r) && r.length);
  return { xml, data: ours(data, refs), results: given };
}
