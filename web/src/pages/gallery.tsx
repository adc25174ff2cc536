/* The gallery of templates beside the editor: to look through, to search, and to fold away. */
import words from '../i18n/en/gallery.json';
import { useMemo, useState } from 'preact/hooks';
import { addMessages, t, type Key } from '../core/i18n';
import { Button } from '../ui/button';
import { FindField } from '../ui/field';
import { Art } from './art';
import { groups, templates, type Template } from './templates';

await addMessages('gallery', words);

export const titleOf = (x: Template): string => t(`g.${x.id}` as Key);
const aboutOf = (x: Template): string => t(`g.${x.id}.about` as Key);

export function Gallery({ chosen, take, folded, fold }: { chosen: string; take: (x: Template) => void; folded: boolean; fold: (v: boolean) => void }) {
  const [find, setFind] = useState('');
  const hits = useMemo(() => { const f = find.trim().toLowerCase(); return templates.filter(x => !f || `${titleOf(x)} ${aboutOf(x)} ${x.xml}`.toLowerCase().includes(f)); }, [find]);
  if (folded) return <section class="wz-l" aria-label={t('templates')}><Button icon="grid" onClick={() => fold(false)}>{t('gallery.show')}</Button></section>;
  return <section class="wz-l" aria-label={t('templates')}>
    <FindField label={t('templates.find')} value={find} onValue={setFind} />
    <div class="row"><h2 class="grow">{t('templates')}</h2><span class="small mute" role="status">{t('templates.n', { n: hits.length, of: templates.length })}</span><Button kind="quiet" cls="h28" icon="x" name={t('gallery.fold')} onClick={() => fold(true)} /></div>
    {hits.length === 0 && <p class="dim">{t('templates.none')}</p>}
    {groups.map(g => {
      const list = hits.filter(x => x.group === g);
      return list.length > 0 && <div class="col" key={g}><h3 class="small mute">{t(`group.${g}`)}</h3><div class="gallery">{list.map(x =>
        <button type="button" class="tpl" key={x.id} aria-current={x.id === chosen ? 'true' : undefined} title={aboutOf(x)} onClick={() => take(x)}><Art of={x.art} /><b>{titleOf(x)}{x.later && <span class="tpl-later">{t(`gallery.${x.later}`)}</span>}</b></button>)}</div></div>;
    })}
  </section>;
}
