/* What is done to the list of regions as a whole: grouped, hidden, locked. */
import type { Signal } from '@preact/signals';
import { t } from '../../core/i18n';
import { Button } from '../../ui/button';
import type { ImageModel } from './model';

export default function ListPanel({ m, group }: { m: ImageModel; group: Signal<'' | 'label' | 'tool'> }) {
  const { store } = m, all = store.regions.value;
  const every = (set: ReadonlySet<string>): boolean => all.length > 0 && all.every((id) => set.has(id));
  const turn = (which: 'hidden' | 'locked') => (): void => { store[which].value = new Set(every(store[which].peek()) ? [] : all); };
  const hidden = every(store.hidden.value), locked = every(store.locked.value);
  return <div class="listp" role="group" aria-label={t('im.list')}>
    <label><span class="vh">{t('im.group')}</span>
      <select class="input" value={group.value} onChange={(e) => { group.value = e.currentTarget.value as ''; }}>
        <option value="">{t('im.group.none')}</option><option value="label">{t('im.group.label')}</option><option value="tool">{t('im.group.tool')}</option>
      </select></label>
    <Button kind="quiet" icon={hidden ? 'eyeoff' : 'eye'} pressed={hidden} name={t('im.hideall')} onClick={turn('hidden')} />
    {m.editable && <Button kind="quiet" icon="lock" pressed={locked} name={t('im.lockall')} onClick={turn('locked')} />}
  </div>;
}
