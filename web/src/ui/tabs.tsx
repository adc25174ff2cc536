import { Count } from './bits';

export interface Tab { href: string; text: string; count?: number | null | undefined }

/** Tabs that are places: plain links, the current one marked. */
export function Tabs({ label, tabs, at }: { label: string; tabs: Tab[]; at: string }) {
  return <nav class="tabs" aria-label={label}>{tabs.map(x =>
    <a key={x.href} href={x.href} aria-current={x.href === at ? 'page' : undefined}>{x.text}{typeof x.count === 'number' && <Count n={x.count} />}</a>)}</nav>;
}
