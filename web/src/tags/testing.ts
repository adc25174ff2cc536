/* Small trees for unit tests, written as the server would hand them over. */
import type { Kind, Tag } from './tree';

const OBJECTS = new Set(['Image', 'Text', 'List', 'Paragraphs']);
const VISUAL = new Set(['View', 'Header', 'Repeater', 'Style']);
const CHILD = new Set(['Label', 'Choice', 'Relation', 'Bucket']);

export function tag(name: string, attrs: Record<string, string> = {}, ...children: Tag[]): Tag {
  const kind: Kind = OBJECTS.has(name) ? 'object' : VISUAL.has(name) ? 'visual' : CHILD.has(name) ? 'child' : 'control';
  return {
    tag: name, kind, name: attrs.name ?? null, toName: (attrs.toname ?? '').split(',').filter(Boolean), attrs, children, text: '', line: 1,
  };
}

export const labels = (...values: string[]): Tag[] => values.map((value) => tag('Label', { value }));
export const choices = (...values: string[]): Tag[] => values.map((value) => tag('Choice', { value }));

export const boxes = (): Tag => tag('View', {},
  tag('Image', { name: 'img', value: '$image' }),
  tag('RectangleLabels', { name: 'rect', toname: 'img' }, ...labels('Car', 'Bus')),
  tag('Choices', { name: 'hid', toname: 'img', perregion: 'true', required: 'true' }, ...choices('yes', 'no')),
  tag('Choices', { name: 'scene', toname: 'img', required: 'true', requiredmessage: 'Which?' }, ...choices('day', 'night')));
