/* The questions, as a form and as XML: either, or both side by side. One text under both. */
import { useRef } from 'preact/hooks';
import { setting } from '../../core/store';
import { t } from '../../core/i18n';
import { Button, Segmented } from '../../ui/button';
import { ConfigEditor, ParsePill } from '../editor';
import { ConfigForm } from './form';
import type { Config } from './use';

export type Look = 'form' | 'xml' | 'both';
export const look = setting<Look>('config.look', 'both');

export function ConfigPane({ cfg, id, level, taskFields }: { cfg: Config; id: string; level: 2 | 3; taskFields: readonly string[] }) {
  const box = useRef<HTMLDivElement>(null), H = `h${level}` as const, way = look.value;
  const keys = (e: KeyboardEvent) => {
    const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement;
    if (!(e.ctrlKey || e.metaKey) || e.altKey || typing || e.key.toLowerCase() !== 'z') return;
    const act = e.shiftKey ? cfg.redo : cfg.undo;
    e.preventDefault();
    e.stopPropagation();
    act?.();
  };
  return <div class={`bpane ${way}`} ref={box} onKeyDown={keys}>
    <header class="row wrap wz-h"><H class="vh">{t('config.questions')}</H>
      <Segmented name={t('b.view')} value={way} onChange={v => { look.value = v; }} options={[['form', t('b.form')], ['xml', t('b.xml')], ['both', t('b.both')]]} />
      <Button kind="quiet" icon="undo" name={t('b.undo')} disabled={!cfg.undo} onClick={() => cfg.undo?.()} /><Button kind="quiet" icon="redo" name={t('b.redo')} disabled={!cfg.redo} onClick={() => cfg.redo?.()} />
      <span class="grow" /><ParsePill parsed={cfg.parsed} busy={cfg.busy} /></header>
    <div class="bcols">
      {way !== 'xml' && <ConfigForm cfg={cfg} taskFields={taskFields} />}
      {way !== 'form' && <ConfigEditor xml={cfg.xml} onXml={cfg.type} parsed={cfg.parsed} id={id} />}
      {way === 'form' && cfg.parsed && cfg.parsed.errors.length > 0 && <p class="in"><Button onClick={() => { look.value = 'both'; }}>{t('b.showxml')}</Button></p>}
    </div>
  </div>;
}
