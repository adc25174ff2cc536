/* What the person must know about the line to the server and about their hold on the task, above the bottom bar. */
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { close, discard, keepMine, takeNewer } from './annotate-acts';
import type { Open, Pipeline } from './annotate-pipeline';
import { mend } from './annotate-own';
import './annotate-side';

export default function Banners({ p, open }: { p: Pipeline; open: Open | null }) {
  const stuck = p.queue.stuck.value, refused = p.queue.refused.value, newer = open?.newer.value;
  return <div class="banners">
    {p.queue.loggedOut.value && <div class="note warn act" role="alert"><Icon i="lock" /><span class="grow">{t('an.loggedout', { n: p.queue.waiting.value })}</span>
      <Button href="/user/login">{t('an.login')}</Button></div>}
    {stuck > 0 && !p.queue.loggedOut.value && <div class="note warn act" role="status"><Icon i="warn" /><span class="grow">{t('an.offline', { n: p.queue.waiting.value })}</span>
      <Button onClick={() => p.queue.retry()}>{t('again')}</Button></div>}
    {refused.map((j) => <div class="note bad act" role="alert" key={j.key}><Icon i="alert" /><span class="grow">{t('an.refused', { id: j.task, why: j.refused ?? '' })}</span>
      <Button onClick={() => void mend(p, j)}>{t('an.refused.open')}</Button><Button kind="danger" onClick={() => void discard(p, j)}>{t('an.refused.drop')}</Button></div>)}
    {open?.edit && <div class="note act" role="status"><Icon i="info" /><span class="grow">{t('an.edit', { id: open.lease.task.id })}</span>
      <Button onClick={() => close(p)}>{t('an.edit.leave')}</Button></div>}
    {open && open.gone.value && <div class="note warn act" role="alert"><Icon i="warn" /><span class="grow">{t('an.gone', { why: open.gone.value })}</span>
      <Button onClick={() => close(p)}>{t('an.gone.next')}</Button></div>}
    {newer && open && <div class="note warn act" role="alert"><Icon i="warn" /><span class="grow">{t('an.newer')}</span>
      <Button onClick={() => takeNewer(open)}>{t('an.newer.take')}</Button><Button onClick={() => keepMine(p, open)}>{t('an.newer.keep')}</Button></div>}
  </div>;
}
