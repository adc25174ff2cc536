/* What may be added to a tag: one button where there is one kind, a list to choose from where there are many. */
import { useState } from 'preact/hooks';
import { t } from '../../core/i18n';
import { Button } from '../../ui/button';
import { FindField } from '../../ui/field';
import { Popover } from '../../ui/popover';
import { fresh, kids, valueOf, type Doc, type Real } from './model';
import { rowOf, type Group, type TagRow } from './table';
import { tagWord } from './words';

/** Which objects a control is made for; the rest takes any. */
const made: Record<string, readonly string[]> = {
  Labels: ['Text', 'Audio', 'Paragraphs', 'HyperText'], HyperTextLabels: ['HyperText'], ParagraphLabels: ['Paragraphs'], TimeSeriesLabels: ['TimeSeries'], TimelineLabels: ['Video'],
  VideoRectangle: ['Video'], Ranker: ['List'],
};
const fits = (row: TagRow) => (tag: string) => made[row.tag]?.includes(tag) ?? (row.group === 'mark' ? tag === 'Image' : true);

export function AddTag({ rows, doc, to, put }: { rows: readonly TagRow[]; doc: Doc; to: Real; put: (text: string) => void }) {
  const make = (row: TagRow) => {
    const text = fresh(doc, row.start, fits(row));
    put(row.group === 'inside' ? numbered(text, to) : text);
  };
  if (rows.length <= 2) return <>{rows.map(r => <Button key={r.tag} kind="quiet" icon="plus" cls="h28" onClick={() => make(r)}>{t('b.add', { what: tagWord(r.tag) })}</Button>)}</>;
  return <Popover icon="plus" kind="quiet h28" label={<>{t('b.addto')}<span class="vh"> {`${tagWord(to.tag)} ${to.name ?? ''}`}</span></>}>{close => <Menu rows={rows} take={r => { close(); make(r); }} />}</Popover>;
}

/** One more of the same kind, for Enter behind a label. */
export const another = (x: Real, parent: Real): string => numbered(rowOf(x.tag)?.start ?? '', parent);

/** "Label 3": a value that its neighbours do not have. */
function numbered(text: string, to: Real): string {
  const there = new Set(kids(to).map(k => valueOf(k, 'value')));
  return text.replace(/ value="([^"]+)"/, (whole, v: string) => {
    let n = kids(to).length + 1;
    while (there.has(`${v} ${n}`)) n++;
    return there.size ? ` value="${v} ${n}"` : whole;
  });
}

const groups: readonly Group[] = ['show', 'ask', 'mark', 'layout', 'inside'];

function Menu({ rows, take }: { rows: readonly TagRow[]; take: (r: TagRow) => void }) {
  const [find, setFind] = useState(''), f = find.trim().toLowerCase();
  const hits = rows.filter(r => !f || `${r.tag} ${tagWord(r.tag)}`.toLowerCase().includes(f));
  return <div class="b-menu">
    <FindField label={t('b.find')} value={find} onValue={setFind} />
    {groups.map(g => { const list = hits.filter(r => r.group === g); return list.length > 0 && <div key={g}><h3 class="small mute">{t(`b.group.${g}`)}</h3>
      {list.map(r => <button type="button" key={r.tag} class="b-item" onClick={() => take(r)}><span>{tagWord(r.tag)}</span><code class="small mute">{r.tag}</code></button>)}</div>; })}
    {hits.length === 0 && <p class="small dim">{t('b.nofind')}</p>}
  </div>;
}
