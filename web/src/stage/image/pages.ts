/* The pictures of a task: one for each Image tag, or one for each entry of its valueList. */
import { addressOf } from '../../tags/address';
import { attr, lookup, valueOf, type Data, type Tag } from '../../tags/tree';

/* `item`: which entry of a list; null where the tag holds one picture. */
export interface Page { image: Tag; item: number | null; src: string | null }

export function pagesOf(images: readonly Tag[], data: Data): Page[] {
  return images.flatMap((image): Page[] => {
    const own = valueOf(image, data), list = attr(image, 'valueList') ? lookup(data, attr(image, 'valueList')) : own;
    if (!Array.isArray(list)) return [{ image, item: null, src: addressOf(own) }];
    return list.length ? list.map((v, item) => ({ image, item, src: addressOf(v) })) : [{ image, item: 0, src: null }];
  });
}
