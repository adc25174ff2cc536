/* All keys that work right now, by where they work; what another binding has taken away is said. Made for paper too. */
import { keys, shownCombo, type Bound, type Scope } from '../core/hotkeys';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { said } from './keywords';
import { helpOpen, singleKeys } from './look';
import './keys.css';

const name = (r: Bound): string => r.what ?? (r.id ? said(r.id) : '');

export default function KeyHelp() {
  const rows = keys.list().filter((r) => !(r.masked && name(r.masked) === name(r)));
  const scopes = (['page', 'stage', 'region', 'dialog', 'field'] as Scope[]).filter((s) => rows.some((r) => r.scope === s));
  const close = (): void => { helpOpen.value = false; };
  return <Dialog title={t('help')} onClose={close}>
    <p class="dim noprint">{t('help.text')}</p>
    <div class="keyhelp" role="region" aria-label={t('help')} tabIndex={0}>{scopes.map((s) => <section key={s}>
      <h3 class="small mute">{t(`kp.scope.${s}` as 'kp.scope.page')}</h3>
      <table class="tbl"><thead class="vh"><tr><th scope="col">{t('keys.key')}</th><th scope="col">{t('keys.does')}</th></tr></thead>
        <tbody>{rows.filter((r) => r.scope === s).map((r) => <tr key={r.combo + name(r)} class={r.masked ? 'masked' : ''}>
          <td><kbd>{shownCombo(r.combo)}</kbd></td><td><bdi>{name(r)}</bdi>{r.masked && <span class="small"> ({t('kp.masked', { what: name(r.masked) })})</span>}</td></tr>)}</tbody></table>
    </section>)}</div>
    {!singleKeys.value && <p class="small mute">{t('keys.singleoff')}</p>}
    <div class="row noprint"><a class="link" href="/keys" onClick={close}>{t('keys.settings')}</a>
      <span class="grow" /><Button onClick={() => print()}>{t('kp.print')}</Button><Button kind="primary" onClick={close}>{t('close')}</Button></div>
  </Dialog>;
}
