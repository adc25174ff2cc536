/* One's own keys: press to change, conflicts named at once, a file to carry them, a sheet to print. They are kept with
   the account. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../core/a11y';
import type { Action } from '../core/actions';
import { keys, shownCombo } from '../core/hotkeys';
import { t } from '../core/i18n';
import { Note } from '../ui/bits';
import { Button, Segmented } from '../ui/button';
import { Check } from '../ui/field';
import { toast } from '../ui/toast';
import { flow, setFlow } from './flow';
import { comboOfEvent, GROUPS, keyIn, mayBind, owner, readKeyFile, withKey, type Bad } from './keytools';
import { said } from './keywords';
import { singleKeys } from './look';
import { followPerson } from './prefs';
import { Entry, View } from './shell';
import './keys.css';

type Asking = { id: Action; combo?: string; by?: Action; kept?: string };

export default function KeysPage() {
  const f = flow.value, [ask, set] = useState<Asking | null>(null), [bad, setBad] = useState('');
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => { void followPerson(); }, []);

  const take = (id: Action, combo: string): void => {
    setFlow({ keys: withKey(f.keys, f.hand, id, combo) });
    set(null);
    announce(t('kp.now', { what: said(id), key: shownCombo(combo) }));
  };
  // While a key is awaited nothing else hears one.
  useLayoutEffect(() => {
    if (!ask || ask.combo !== undefined) return undefined;
    const hear = (e: KeyboardEvent): void => {
      if (e.isComposing) return;
      e.preventDefault();
      e.stopImmediatePropagation();
      if (e.key === 'Escape') { set(null); return; }
      const combo = comboOfEvent(e, keys.mac);
      if (combo === null) return;
      if (!mayBind(combo)) { set({ id: ask.id, kept: combo }); return; }
      const by = owner(f.keys, f.hand, combo, ask.id);
      if (by) set({ id: ask.id, combo, by }); else take(ask.id, combo);
    };
    addEventListener('keydown', hear, true);
    return () => removeEventListener('keydown', hear, true);
  }, [ask, f]);

  const reset = (id: Action): void => { const { [id]: _, ...rest } = f.keys; setFlow({ keys: rest }); };
  const save = (): void => {
    const a = document.createElement('a');
    a.href = URL.createObjectURL(new Blob([JSON.stringify({ annotary: 'keys', version: 1, hand: f.hand, keys: f.keys }, null, 1)], { type: 'application/json' }));
    a.download = 'annotary-keys.json';
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
  };
  const load = async (given: File | undefined): Promise<void> => {
    if (!given) return;
    const got = readKeyFile(given.size > 65_536 ? '' : await given.text());
    if ('why' in got) { setBad(t('kp.import.bad', { why: reason(got) })); return; }
    setBad('');
    setFlow({ hand: got.hand, keys: got.keys });
    toast(t('kp.imported'));
  };
  const changed = Object.keys(f.keys).length > 0;

  return <View title={t('kp.title')} acts={<Button icon="keys" onClick={() => print()}>{t('kp.print')}</Button>}>
    <div class="noprint"><Entry title={t('kp.your')} text={t('kp.side')}><section class="panel in col wide">
      <div class="row wrap"><span class="mid">{t('kp.preset')}</span>
        <Segmented name={t('kp.preset')} value={f.hand ? 'hand' : 'default'} onChange={(v) => setFlow({ hand: v === 'hand' })} options={[['default', t('kp.preset.default')], ['hand', t('kp.preset.hand')]]} /></div>
      <Check label={t('keys.single')} hint={t('keys.single.hint')} checked={singleKeys.value} onChange={(v) => { singleKeys.value = v; }} />
      <p class="small mute">{t('kp.labels')}</p>
      <div class="row wrap"><Button onClick={save}>{t('kp.export')}</Button><Button onClick={() => file.current?.click()}>{t('kp.import')}</Button>
        <input ref={file} class="vh" type="file" accept="application/json,.json" aria-label={t('kp.import')} tabIndex={-1} onChange={(e) => { void load(e.currentTarget.files?.[0]); e.currentTarget.value = ''; }} />
        <Button disabled={!changed} onClick={() => setFlow({ keys: {} })}>{t('kp.all')}</Button></div>
      {bad && <Note tone="bad" role="alert">{bad}</Note>}
    </section></Entry></div>
    <div class="keysheet col wide">{GROUPS.map(([group, ids]) => <Entry key={group} title={t(`kp.${group}` as 'kp.work')}><section class="panel">
      <table class="tbl keyrows"><thead class="vh"><tr><th scope="col">{t('keys.does')}</th><th scope="col">{t('keys.key')}</th><th scope="col">{t('kp.change')}</th></tr></thead>
        <tbody>{ids.map((id) => {
          const key = keyIn(f.keys, f.hand, id), mine = f.keys[id] !== undefined, on = ask?.id === id;
          return <tr key={id} class={on ? 'on' : ''}><td>{said(id)}</td>
            <td>{on ? <Asked ask={ask} take={take} again={() => set({ id })} /> : key ? <kbd>{shownCombo(key)}</kbd> : <span class="mute">{t('kp.none')}</span>}</td>
            <td class="acts noprint">{mine && !on && <Button kind="quiet" name={t('kp.reset.name', { what: said(id) })} onClick={() => reset(id)}>{t('kp.reset')}</Button>}
              <Button pressed={on} name={t('kp.change.name', { what: said(id) })} onClick={() => set(on ? null : { id })}>{t('kp.change')}</Button></td></tr>;
        })}</tbody></table></section></Entry>)}</div>
  </View>;
}

function Asked({ ask, take, again }: { ask: Asking; take: (id: Action, combo: string) => void; again: () => void }) {
  if (ask.combo !== undefined && ask.by) {
    return <span role="alert" class="row wrap"><span>{t('kp.taken', { key: shownCombo(ask.combo), what: said(ask.by) })}</span>
      <Button onClick={() => take(ask.id, ask.combo!)}>{t('kp.take')}</Button><Button kind="quiet" onClick={again}>{t('kp.another')}</Button></span>;
  }
  return <span role="status">{ask.kept ? <span class="bad">{t('kp.kept', { key: shownCombo(ask.kept) })}</span> : t('kp.press')}</span>;
}

function reason(b: Bad): string {
  if (b.why === 'id') return t('kp.import.id', { id: b.id });
  if (b.why === 'key' || b.why === 'twice') return t(`kp.import.${b.why}`, { key: shownCombo(b.key) });
  return t(`kp.import.${b.why}`);
}
