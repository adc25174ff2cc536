/* Rating, Number, DateTime: one value each. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n';
import { keys } from '../core/hotkeys';
import { Kbd } from '../ui/button';
import { Frame, roving, titleOf, useAsked } from './bits';
import { useRegion, useWork } from './context';
import { kindOf, strftime } from './dates';
import { writtenKey } from './keymap';
import { attr, flag, num, type Tag } from './tree';

export function Rating({ tag }: { tag: Tag }) {
  const { store, stars, live } = useWork(), region = useRegion(), asked = useAsked(tag);
  const max = Math.min(20, Math.max(1, Math.round(num(tag, 'maxRating', 5))));
  const value = Number(store.answer(tag.name!, region)?.value?.rating ?? 0);
  const digits = stars === tag && live;
  const set = (n: number): void => {
    if (store.readOnly) return;
    const now = Number(store.answer(tag.name!, region)?.value?.rating ?? 0);
    store.setAnswer(tag, 'rating', n === now ? null : { rating: n }, region);
    store.history.seal();
  };
  const all = Array.from({ length: max }, (_, i) => i + 1);
  useLayoutEffect(() => digits && !store.readOnly
    ? keys.bind('page', all.map((n) => ({ combo: String(n), act: () => set(n), what: t('form.rate.of', { n, max }) })))
    : undefined, [store, tag, region, digits]);
  useHot(tag, t('form.more'), () => { const now = Number(store.answer(tag.name!, region)?.value?.rating ?? 0); set(now >= max ? 1 : now + 1); });
  return <Frame tag={tag}>
    <div class="row"><div class="rate" role="radiogroup" aria-label={titleOf(tag)} {...asked} onKeyDown={(e) => { roving(e); }}>
      {all.map((n) => <button key={n} type="button" role="radio" aria-checked={n === value} aria-label={t('form.rate.of', { n, max })}
        aria-disabled={store.readOnly || undefined} tabIndex={n === (value || 1) ? 0 : -1} onClick={() => set(n)}>{n}</button>)}
    </div>{digits && <span class="small mute"><Kbd combo="1" /> – <Kbd combo={String(max)} /></span>}</div>
  </Frame>;
}

Rating.stays = true as const;

/* The key a config gives a field: one more. */
function useHot(tag: Tag, what: string, act: () => void): void {
  const { store, live } = useWork(), region = useRegion(), combo = writtenKey(attr(tag, 'hotkey')), run = useRef(act);
  run.current = act;
  useLayoutEffect(() => !combo || !live || store.readOnly ? undefined
    : keys.bind(region === null ? 'page' : 'region', [{ combo, act: () => run.current(), what: `${titleOf(tag)}: ${what}` }]), [store, tag, region, live]);
}

export function NumberTag({ tag }: { tag: Tag }) {
  const { store } = useWork(), region = useRegion(), asked = useAsked(tag);
  const min = attr(tag, 'min'), max = attr(tag, 'max'), step = attr(tag, 'step');
  const raw = store.answer(tag.name!, region)?.value?.number;
  const value = raw === undefined || raw === '' ? NaN : Number(raw);
  const set = (n: number): void => store.setAnswer(tag, 'number', Number.isFinite(n) ? { number: n } : null, region, `num:${tag.name}:${region}`);
  const bump = (): void => {
    const now = Number(store.answer(tag.name!, region)?.value?.number ?? NaN), by = Number(step) || 1;
    const next = Number.isFinite(now) ? now + by : Number(min ?? 0);
    if (!store.readOnly && within(next, min, max)) set(next);
  };
  useHot(tag, t('form.more'), bump);
  const common = { min, max, step: step ?? 'any', disabled: store.readOnly, 'aria-label': titleOf(tag) };
  return <Frame tag={tag}><div class="row">
    {flag(tag, 'slider') && <input type="range" class="grow" {...common} step={step ?? 1} value={Number.isFinite(value) ? value : Number(min ?? 0)} onInput={(e) => set(e.currentTarget.valueAsNumber)} />}
    <input class="input num-in" type="number" inputMode="decimal" {...common} {...asked} value={Number.isFinite(value) ? value : ''}
      onInput={(e) => { const n = e.currentTarget.valueAsNumber; if (e.currentTarget.value === '' || within(n, min, max)) set(n); }}
      onBlur={(e) => { const n = e.currentTarget.valueAsNumber; if (Number.isFinite(n) && !within(n, min, max)) set(Math.min(Math.max(n, Number(min ?? n)), Number(max ?? n))); }} />
    {(min !== undefined || max !== undefined) && <span class="small mute nowrap">{min ?? ''} – {max ?? ''}</span>}
  </div></Frame>;
}

const within = (n: number, min?: string, max?: string): boolean =>
  Number.isFinite(n) && (min === undefined || n >= Number(min)) && (max === undefined || n <= Number(max));

export function DateTime({ tag }: { tag: Tag }) {
  const { store } = useWork(), region = useRegion(), asked = useAsked(tag);
  const kind = kindOf(attr(tag, 'only'));
  const raw = String(store.answer(tag.name!, region)?.value?.datetime ?? '');
  const limit = (v: string | undefined): string | undefined => (v === 'current' ? new Date().toISOString().slice(0, kind === 'date' ? 10 : 16) : v);
  const set = (v: string): void => {
    if (kind === 'number' && v !== '' && !/^\d{4}$/.test(v)) return;
    store.setAnswer(tag, 'datetime', v === '' ? null : { datetime: v }, region, `date:${tag.name}:${region}`);
  };
  const said = attr(tag, 'format') && raw ? strftime(attr(tag, 'format')!, raw) : '';
  return <Frame tag={tag}><div class="row wrap">
    <input class="input date-in" type={kind} disabled={store.readOnly} aria-label={titleOf(tag)} {...asked} min={limit(attr(tag, 'min'))} max={limit(attr(tag, 'max'))}
      value={kind === 'datetime-local' ? raw.slice(0, 16) : raw} onInput={(e) => set(e.currentTarget.value)} />
    {said && <span class="mute small" dir="auto">{said}</span>}
  </div></Frame>;
}
