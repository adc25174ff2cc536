/* How the picture is looked at: turned, lighter, with a grid. Nothing here changes what is stored. */
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { keys } from '../../core/hotkeys';
import { t } from '../../core/i18n';
import { attr } from '../../tags/tree';
import { Button } from '../../ui/button';
import type { ImageModel } from './model';
import './words';
import './view-panel.css';

export default function ViewPanel({ m, onClose }: { m: ImageModel; onClose: () => void }) {
  const ref = useRef<HTMLDivElement>(null), off = (name: string): boolean => attr(m.image, name) === 'false';
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.querySelector<HTMLElement>('button')?.focus();
    const lift = keys.bind('region', [{ combo: 'esc', act: () => { if (!ref.current?.contains(document.activeElement)) return false; before?.focus(); onClose(); return true; } }]);
    return lift;
  }, []);
  const light = m.light.value;
  return <div class="viewp pop" role="group" aria-label={t('im.view')} ref={ref}>
    {!off('rotateControl') && <div class="row">
      <span class="grow">{t('im.turn')}</span>
      <Button icon="undo" name={t('im.turn.left')} onClick={() => m.turn(-1)} /><Button icon="redo" name={t('im.turn.right')} onClick={() => m.turn(1)} />
    </div>}
    {!off('brightnessControl') && <Slide label={t('im.brightness')} value={light.brightness} onValue={(brightness) => { m.light.value = { ...m.light.peek(), brightness }; }} />}
    {!off('contrastControl') && <Slide label={t('im.contrast')} value={light.contrast} onValue={(contrast) => { m.light.value = { ...m.light.peek(), contrast }; }} />}
    <Tick label={t('im.grid')} of={m.grid} /><Tick label={t('im.crosshair')} of={m.crosshair} />
    {m.editable && <Tick label={t('im.snap')} of={m.snapping} />}
    <div class="row"><Button onClick={() => { m.light.value = { brightness: 100, contrast: 100 }; while (m.view.peek().turn) m.turn(1); m.fit(); }}>{t('im.reset')}</Button>
      <span class="end"><Button onClick={onClose}>{t('an.close')}</Button></span></div>
  </div>;
}

function Slide({ label, value, onValue }: { label: string; value: number; onValue: (v: number) => void }) {
  return <label class="slide"><span>{label}</span><input type="range" min={20} max={300} step={5} value={value} onInput={(e) => onValue(e.currentTarget.valueAsNumber)} /><span class="num mute">{value} %</span></label>;
}

function Tick({ label, of }: { label: string; of: Signal<boolean> }) {
  return <label class="tick-row"><input type="checkbox" checked={of.value} onChange={(e) => { of.value = e.currentTarget.checked; }} /><span>{label}</span></label>;
}
