/* Words for tags and attributes; what has none is called by its own name. */
import { t, type Key } from '../../core/i18n';
import pack from '../../i18n/en/builder.json';
import { rowOf } from './table';

export const tagWord = (tag: string): string => rowOf(tag) && `b.tag.${tag}` in pack ? t(`b.tag.${tag}` as Key) : tag;
export const attrWord = (name: string): string | null => `b.attr.${name}` in pack ? t(`b.attr.${name}` as Key) : null;
