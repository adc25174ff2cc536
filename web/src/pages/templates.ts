/* Our own labelling configs, grouped by kind. Each has a sample task to try it on. */
import { forms } from './gallery/forms';
import { image } from './gallery/image';
import { media } from './gallery/media';
import { pairs } from './gallery/pairs';
import { letter, scene, type Group, type Template } from './gallery/sample';
import { talk } from './gallery/talk';
import { text } from './gallery/text';

export type { Group, Template };
export const groups: readonly Group[] = ['text', 'image', 'pairs', 'talk', 'media', 'forms'];
export const templates: readonly Template[] = [...text, ...image, ...pairs, ...talk, ...media, ...forms];

/** A task to try any config on: each `$field` gets a value that fits the tag that reads it. */
export function sampleFor(xml: string): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [, tag, attrs] of xml.matchAll(/<([A-Za-z]+)\b([^<>]*)>/g)) {
    const m = /\b(?:value|valueList)\s*=\s*["']\$([\w.]+)/.exec(attrs ?? '');
    if (!m) continue;
    const field = m[1]!.split('.')[0]!, kind = tag!.toLowerCase();
    if (field in out) continue;
    out[field] = kind === 'image' ? scene
      : kind === 'audio' ? '/sample.wav' : kind === 'video' ? '/sample.webm'
      : kind === 'paragraphs' ? [{ author: 'A', text: 'Good morning.' }, { author: 'B', text: 'Good morning to you.' }]
        : kind === 'list' ? [{ id: '1', title: 'First' }, { id: '2', title: 'Second' }]
          : kind === 'choices' || kind === 'labels' ? [{ value: 'One' }, { value: 'Two' }]
            : letter;
  }
  return out;
}
