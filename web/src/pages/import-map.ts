/* Which column of a file feeds which field of the questions. */

export interface Need { field: string; tag: string; missing: number }
export interface Column { name: string; filled: number; example?: unknown }
export interface PreviewRow { line: number; data?: Record<string, unknown>; field?: string; why?: string }
export interface FilePreview { format: string; rows: PreviewRow[]; columns: Column[]; needs: Need[]; looked: number; bad: number; more: boolean; problem?: string }

/** What a person chose: the column of each field, and the columns left out. */
export interface Mapping { feed: Record<string, string>; out: string[] }

const looksLike: Record<string, RegExp> = {
  Image: /\.(png|jpe?g|gif|webp|bmp|tiff?|svg)(\?|$)/i, Audio: /\.(wav|mp3|ogg|flac|m4a|opus)(\?|$)/i, Video: /\.(mp4|webm|mov|mkv)(\?|$)/i, Pdf: /\.pdf(\?|$)/i,
};

/** The likely mapping: same name, same name but for case and signs, a value that looks like it, the only text that is left. */
export function guessMapping(p: Pick<FilePreview, 'columns' | 'needs'>): Mapping {
  const feed: Record<string, string> = {}, taken = new Set<string>(), names = p.columns.map(c => c.name), plain = (s: string) => s.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const open = () => p.needs.filter(n => feed[n.field] === undefined), free = () => p.columns.filter(c => !taken.has(c.name));
  const take = (field: string, name: string | undefined) => { if (name !== undefined && !taken.has(name)) { feed[field] = name; taken.add(name); } };
  for (const n of p.needs) if (names.includes(n.field)) take(n.field, n.field);
  for (const n of open()) take(n.field, free().find(c => plain(c.name) === plain(n.field))?.name);
  for (const n of open()) { const like = looksLike[n.tag]; if (like) take(n.field, free().find(c => typeof c.example === 'string' && like.test(c.example))?.name); }
  const texts = open().filter(n => n.tag === 'Text' || n.tag === 'HyperText');
  if (texts.length === 1) {
    const words = free().filter(c => typeof c.example === 'string').sort((a, b) => String(b.example).length - String(a.example).length);
    take(texts[0]!.field, words[0]?.name);
  }
  return { feed, out: [] };
}

/** What the server is told: nothing where all stays as it is. */
export function mapOf(m: Mapping): Record<string, string | null> | null {
  const map: Record<string, string | null> = {};
  for (const name of m.out) map[name] = null;
  for (const [field, column] of Object.entries(m.feed)) if (column && column !== field) map[column] = field;
  return Object.keys(map).length ? map : null;
}

/** Fields that two columns would feed, and fields nobody feeds. */
export function unfed(p: Pick<FilePreview, 'needs' | 'columns'>, m: Mapping): string[] {
  const names = new Set(p.columns.map(c => c.name));
  return p.needs.filter(n => { const c = m.feed[n.field]; return !c || !names.has(c) || m.out.includes(c); }).map(n => n.field);
}
