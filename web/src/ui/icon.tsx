/* Icons and label marks. Drawn by path, so no sprite has to be in the page. */
import { MARKS, pathOf, type IconName } from './paths';

const turning = new Set<IconName>(['back', 'chev', 'undo', 'redo', 'skip']);

/** Decoration beside a word; with `name` it speaks for itself. */
export function Icon({ i, name, lg, cls }: { i: IconName; name?: string; lg?: boolean; cls?: string }) {
  const c = `ic${turning.has(i) ? ' flip' : ''}${lg ? ' lg' : ''}${cls ? ` ${cls}` : ''}`;
  return name
    ? <svg class={c} viewBox="0 0 16 16" role="img" aria-label={name}><path d={pathOf(i)} /></svg>
    : <svg class={c} viewBox="0 0 16 16" aria-hidden="true"><path d={pathOf(i)} /></svg>;
}

/** The shape of label n (from 1); colours repeat after twelve with the next shape. */
export function Mark({ n }: { n: number }) {
  const colour = (n - 1) % 12 + 1, shape = (n - 1 + Math.floor((n - 1) / 12)) % 12;
  return <svg class={`mk l${colour}`} viewBox="0 0 12 12" aria-hidden="true"><path fill-rule="evenodd" d={MARKS[shape]} /></svg>;
}

export function Brand({ name = 'Annotary' }: { name?: string }) {
  return <>
    <svg viewBox="0 0 20 20" aria-hidden="true" class="logo">
      <path d="M3.5 12.5 10 3l6.5 9.500" /><path class="acc" d="M3.500 17h13" />
    </svg>{name}
  </>;
}
