/* What of the task's data may be loaded, and how its text is read. */
import { attr, lookup, valueOf, type Data, type Tag } from './tree';

/* An address the page may load: of this server, http(s), or data of a picture. */
export function addressOf(v: unknown): string | null {
  if (typeof v !== 'string' || v === '') return null;
  if (/^data:(image|audio|video)\//i.test(v)) return v;
  try {
    const u = new URL(v, location.origin);
    return u.protocol === 'http:' || u.protocol === 'https:' || u.protocol === 'blob:' ? u.href : null;
  } catch { return null; }
}

/* The picture of an Image tag; of several the first. */
export const pictureOf = (tag: Tag, data: Data): string | null => {
  const v = valueOf(tag, data) ?? lookup(data, attr(tag, 'valueList'));
  return addressOf(Array.isArray(v) ? v[0] : v);
};

export function decoded(text: string, encoding: string | undefined): string {
  if (encoding !== 'base64' && encoding !== 'base64unicode') return text;
  try { return new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))); } catch { return text; }
}

/* A picture in tiles (Deep Zoom). */
export const isDeep = (src: string | null | undefined): boolean => /\.dzi(?:[?#]|$)/i.test(src ?? '');

/* Something small in place of one of ours: without its ending the server gives a picture of the whole. */
export const smallOf = (src: string): string => src.replace(/(\/media\/\d+\/[0-9a-f]{64})\.dzi$/, '$1');
