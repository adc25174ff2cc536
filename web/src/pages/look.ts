/* The look of the page and its keys: settings of this browser, needed before any page is loaded. */
import { signal } from '@preact/signals';
import { keys } from '../core/hotkeys';
import { preferred, useLanguage, usePseudo } from '../core/i18n';
import { setting } from '../core/store';
import './flow';

export const theme = setting<'system' | 'light' | 'dark'>('theme', 'system');
export const contrast = setting<boolean>('contrast', false);
/** A language for tests: '' is none, else `ltr` or `rtl`. Set by hand in the browser's storage. */
const pseudo = setting<'' | 'ltr' | 'rtl'>('pseudo', '');
/** '' follows the browser. A change loads the page again: words are read once, when a page is made. */
export const tongue = setting<string>('language', '');
export const singleKeys = setting<boolean>('keys.single', true);

/** Before the first word. */
export function putLanguage(): Promise<void> { return useLanguage(tongue.value || preferred(navigator.languages)); }

/** Puts the settings of the look on the page; called once. */
export function applyLook(): () => void {
  const root = document.documentElement;
  if (pseudo.value) usePseudo(pseudo.value === 'rtl');
  const offs = [
    theme.subscribe(v => { if (v === 'system') delete root.dataset.theme; else root.dataset.theme = v; }),
    contrast.subscribe(v => { if (v) root.dataset.contrast = 'more'; else delete root.dataset.contrast; }),
    singleKeys.subscribe(v => { keys.single.value = v; }),
    keys.bind('page', [{ id: 'help', act: () => { helpOpen.value = !helpOpen.value; } }]),
  ];
  return () => { for (const off of offs) off(); };
}

export function flipTheme(): void {
  const dark = theme.value === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme.value === 'dark';
  theme.value = dark ? 'light' : 'dark';
}

export const helpOpen = signal(false);

let moves = 0;
/** Pages shown since the start: the first keeps the focus where the browser put it. */
export function countMove(): void { moves++; }
export function moved(): boolean { return moves > 0; }
