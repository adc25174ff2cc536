/* A chart with the same data as a table behind it and as a file. The chart is read point by point with the arrow keys or
   the pointer; what is read stands in a line under it. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import words from '../i18n/en/charts.json';
import { addMessages, t } from '../core/i18n';
import { ScrollX } from '../ui/bits';
import { Button } from '../ui/button';
import { csvText, type Col, type Value } from './csv';
import './charts.css';

await addMessages('charts', words);

export type Way = 'chart' | 'table';
export function saveFile(name: string, text: string, type = 'text/csv'): void {
  const url = URL.createObjectURL(new Blob([text], { type })), a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const fileName = (name: string): string => `${name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')}.csv`;

export interface FigureProps {
  name: string;
  aside?: ComponentChildren;
  as: Way;
  cols: Col[];
  rows: Value[][];                // as shown
  data?: Value[][];               // as saved, where that is another thing
  chart: (at: number | null, seek: (i: number | null) => void) => ComponentChildren;
  note?: string | undefined;      // few cases, or how it was measured
}

export function Figure({ name, aside, as, cols, rows, data, chart, note }: FigureProps) {
  const [at, seek] = useState<number | null>(null), n = rows.length;
  const key = (e: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey || n === 0) return;
    if (by) seek(i => Math.max(0, Math.min(n - 1, i === null ? (by > 0 ? 0 : n - 1) : i + by)));
    else if (e.key === 'Home' || e.key === 'End') seek(e.key === 'Home' ? 0 : n - 1);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const row = at === null ? null : rows[at];
  return <section class="panel fig-p"><header><h3 class="grow">{name}</h3>{aside}
    <Button kind="quiet" icon="out" name={t('chart.csv', { name })} onClick={() => saveFile(fileName(name), csvText(cols, data ?? rows))} /></header>
    {as === 'chart' ? <div class="in col">
      <div class="fig-focus" tabIndex={0} role="group" aria-label={t('chart.reads', { name })} onKeyDown={key} onBlur={() => seek(null)} onPointerLeave={() => seek(null)}>{chart(at, seek)}</div>
      <p class="small fig-read" aria-live="polite">{row ? cols.map((c, i) => (i === 0 ? String(row[i] ?? '') : `${c.name} ${row[i] ?? '–'}`)).join(' · ') : note ?? ''}</p>
    </div> : <><ScrollX name={name}><table class="tbl"><caption class="vh">{name}</caption>
      <thead><tr>{cols.map(c => <th scope="col" key={c.name} class={c.num ? 'num' : ''}>{c.name}</th>)}</tr></thead>
      <tbody>{rows.map((r, i) => <tr key={i}>{r.map((v, k) => <td key={k} class={cols[k]!.num ? 'num' : ''} dir={cols[k]!.num ? undefined : 'auto'}>{v ?? '–'}</td>)}</tr>)}</tbody></table></ScrollX>
      {note && <p class="in small mute">{note}</p>}</>}
  </section>;
}
