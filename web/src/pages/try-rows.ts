/* The first rows of a file as data of tasks, read in the browser: JSON, JSON lines, CSV, TSV, plain lines. For trying only; importing is the server's. */

export const TRY = 5;
type Row = Record<string, unknown>;

const isRow = (v: unknown): v is Row => typeof v === 'object' && v !== null && !Array.isArray(v);
/* Tasks may come as {data: …}, as they are exported. */
const dataOf = (v: unknown): Row[] => (isRow(v) ? [isRow(v.data) ? v.data : v] : typeof v === 'string' ? [{ text: v }] : []);

/* Fields of the first records; quotes may hold separators, line ends and doubled quotes. */
export function records(text: string, sep: string, most: number): string[][] {
  const out: string[][] = [];
  let row: string[] = [], field = '', quoted = false;
  for (let i = 0; i <= text.length && out.length < most; i++) {
    const c = text[i];
    if (quoted) {
      if (c === undefined) quoted = false;
      else if (c !== '"') { field += c; continue; }
      else if (text[i + 1] === '"') { field += '"'; i++; continue; }
      else { quoted = false; continue; }
    }
    if (c === '"' && field === '') quoted = true;
    else if (c === sep) { row.push(field); field = ''; }
    else if (c === '\n' || c === undefined) {
      row.push(field.replace(/\r$/, ''));
      if (row.length > 1 || row[0] !== '') out.push(row);
      row = []; field = '';
    } else field += c;
  }
  return out;
}

/* What can be tried of a file; a sentence's worth of trouble is the caller's. */
export function rowsOf(text: string, name: string): Row[] {
  const clean = text.replace(/^\uFEFF/, ''), first = clean.trimStart()[0];
  if (/\.(csv|tsv)$/i.test(name)) {
    const [head, ...rest] = records(clean, /\.tsv$/i.test(name) ? '\t' : ',', TRY + 1);
    return head ? rest.map(r => Object.fromEntries(head.map((h, i) => [h, r[i] ?? '']))) : [];
  }
  if (first === '[') return (JSON.parse(clean) as unknown[]).slice(0, TRY).flatMap(dataOf);
  const lines = clean.split(/\r?\n/).filter(x => x.trim());
  if (first !== '{') return lines.slice(0, TRY).map(text => ({ text }));
  try { return lines.slice(0, TRY).flatMap(x => dataOf(JSON.parse(x))); } catch { return dataOf(JSON.parse(clean)); }
}
