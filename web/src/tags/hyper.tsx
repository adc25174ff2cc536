/* HTML of a task: hostile, so it shows in a frame where nothing runs. */
import { addMessages, t } from '../core/i18n';
import words from '../i18n/en/span.json';
import { HyperStage } from '../stage/text/hyper';
import { Icon } from '../ui/icon';
import { useWork } from './context';
import { marksOn } from './layout';
import { useText } from './objects';
import { flag, type Tag } from './tree';

await addMessages('span', words);

export function HyperText({ tag }: { tag: Tag }) {
  const { store, live } = useWork(), { text, lost } = useText(tag);
  if (lost) return <p class="note bad" role="alert"><Icon i="alert" /><span>{t('an.text.failed')}</span></p>;
  return <HyperStage store={store} tag={tag} marks={marksOn(store.tree, tag)} html={text || markup(tag)} live={live} links={flag(tag, 'clickableLinks')} />;
}

/* Markup written in the config itself. */
function markup(tag: Tag): string {
  const safe = (s: string): string => s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
  const one = (x: Tag): string => `<${x.tag}${Object.entries(x.attrs).map(([k, v]) => ` ${k}="${safe(v)}"`).join('')}>${safe(x.text)}${x.children.map(one).join('')}</${x.tag}>`;
  return tag.attrs.value === undefined ? safe(tag.text) + tag.children.filter((c) => c.kind === 'html').map(one).join('') : '';
}
