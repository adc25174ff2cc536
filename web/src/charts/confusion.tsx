/* What one says where another says something: per cent of the row in every cell, six steps of one blue. A table, so that it
   is read like one. */
import { num, t } from '../core/i18n';
import { ScrollX } from '../ui/bits';
import type { Square } from './confusion-model';

export const labelName = (l: string): string => l || t('chart.nothing');

export function Confusion({ s, name }: { s: Square; name: string }) {
  return <ScrollX name={name}><table class="conf"><caption class="vh">{name}. {t('chart.ofrow')}</caption>
    <thead><tr><td />{s.labels.map(l => <th scope="col" key={l} dir="auto" title={labelName(l)}>{labelName(l)}</th>)}</tr></thead>
    <tbody>{s.labels.map((l, i) => <tr key={l}><th scope="row" dir="auto" title={labelName(l)}>{labelName(l)}</th>{s.cells[i]!.map((n, j) => {
      if (l === '' && s.labels[j] === '') return <td key={j} class="none" />;
      const v = s.sums[i] ? n / s.sums[i]! : 0;
      return <td key={j} class={`c${Math.max(0, Math.min(5, Math.floor(v * 6)))}`} title={`${labelName(l)} – ${labelName(s.labels[j]!)}: ${num(n)}`}>{num(v * 100, { maximumFractionDigits: 0 })}</td>;
    })}</tr>)}</tbody></table></ScrollX>;
}
