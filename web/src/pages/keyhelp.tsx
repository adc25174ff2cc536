import { keys, shownCombo } from '../core/hotkeys';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { helpOpen, singleKeys } from './look';

/** All keys that work right now. */
export default function KeyHelp() {
  const rows = keys.list();
  return <Dialog title={t('help')} onClose={() => { helpOpen.value = false; }}>
    <p class="dim">{t('help.text')}</p>
    <table class="tbl"><thead><tr><th scope="col">{t('keys.key')}</th><th scope="col">{t('keys.does')}</th></tr></thead>
      <tbody>{rows.map(r => <tr key={r.scope + r.combo}><td><kbd>{shownCombo(r.combo)}</kbd></td><td>{r.what}</td></tr>)}</tbody></table>
    {!singleKeys.value && <p class="small mute">{t('keys.singleoff')}</p>}
    <div class="row"><a class="link" href="/account" onClick={() => { helpOpen.value = false; }}>{t('keys.settings')}</a>
      <span class="grow" /><Button kind="primary" onClick={() => { helpOpen.value = false; }}>{t('close')}</Button></div>
  </Dialog>;
}
