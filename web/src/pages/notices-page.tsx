/* Everything one was told of, newest first. What stands here counts as seen. */
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../core/api';
import { t } from '../core/i18n';
import { Empty, Failed } from '../ui/bits';
import { Button } from '../ui/button';
import { NoticeList } from './notice-list';
import { fetchNotices, seen, type Notice } from './notices';
import { View } from './shell';

export default function NoticesPage() {
  const [list, set] = useState<Notice[] | null>(null), [next, setNext] = useState<number | null>(null), [error, setError] = useState<ApiError | null>(null);
  const load = (before?: number) => fetchNotices(50, before).then(v => {
    set(old => before && old ? [...old, ...v.results] : v.results);
    setNext(v.next);
    const first = v.results[0];
    if (!before && first && v.unread) void seen(first.id).catch(() => {});
  }, e => setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))));
  useEffect(() => { void load(); }, []);
  return <View title={t('notices')}>
    {error && <Failed error={error} again={() => { setError(null); void load(); }} />}
    {list && list.length === 0 && <div class="panel"><Empty title={t('notices.none')} text={t('notices.none.text')} art="bell"><Button href="/">{t('nav.projects')}</Button></Empty></div>}
    {list && list.length > 0 && <section class="panel" aria-label={t('notices')}><NoticeList list={list} /></section>}
    {next !== null && list && list.length > 0 && <div class="row"><Button onClick={() => void load(next)}>{t('notices.more')}</Button></div>}
  </View>;
}
