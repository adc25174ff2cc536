/* Tasks that an order leaves out are said to be left out: how many, by what, and the way to them. */
import { useEffect, useState } from 'preact/hooks';
import { post } from '../core/api';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { columnName } from './tasks-columns';
import { leavesOut, leftOut, toServer, type Field, type Query } from './tasks-query';

interface Props { project: number | string; query: Query; find: string; fields: readonly Field[]; shown: number; all: number | null; onQuery: (q: Query) => void }

export function LeftOut({ project, query, find, fields, shown, all, onQuery }: Props) {
  const name = leavesOut(query), plain = toServer({ ...query, ordering: [] }, find), [of, set] = useState<number | null>(null), asked = JSON.stringify(plain) ?? '';
  useEffect(() => {
    if (name === null || !plain) { set(null); return; }
    const stop = new AbortController();
    post<{ total: number }>(`/api/projects/${project}/tasks/map`, { query: plain, step: 1_000_000 }, { signal: stop.signal, idempotency: '' }).then(v => set(v.total), () => set(null));
    return () => { stop.abort(); set(null); };
  }, [name, asked]);
  const whole = plain ? of : all, n = whole === null ? 0 : whole - shown;
  if (name === null || n <= 0) return null;
  const rest = leftOut(query, name, fields);
  return <div class="note act" role="status"><Icon i="info" /><div class="grow">{t('tasks.unsorted', { n, name: columnName(name) })}</div>
    {rest && <Button onClick={() => onQuery(rest)}>{t('tasks.unsorted.show')}</Button>}</div>;
}
