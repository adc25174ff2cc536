/* Notices as a list: what happened, in which project, when; each leads to its place. */
import words from '../i18n/en/notices.json';
import { addMessages, t } from '../core/i18n';
import { ago } from '../core/time';
import { Icon } from '../ui/icon';
import type { IconName } from '../ui/paths';
import { jobWord } from './job-word';
import { placeOf, type Notice, type NoticeKind } from './notices';

await addMessages('notices', words);

const looks: Record<NoticeKind, [IconName, string]> = {
  'import.done': ['check', 'ok'], 'import.failed': ['alert', 'bad'], 'job.done': ['check', 'ok'], 'job.failed': ['alert', 'bad'], 'project.finished': ['seal', 'ok'], 'comment.new': ['chat', 'acc'], 'comment.reply': ['chat', 'acc'],
};

function say(n: Notice): string {
  const a = n.about;
  if (n.kind === 'import.done') return t('notice.import.done', { name: String(a.name), n: Number(a.tasks) });
  if (n.kind === 'import.failed') return t('notice.import.failed', { name: String(a.name), n: Number(a.errors) });
  if (n.kind === 'job.done') return t('notice.job.done', { what: jobWord(String(a.job_kind)) });
  if (n.kind === 'job.failed') return t('notice.job.failed', { what: jobWord(String(a.job_kind)) });
  if (n.kind === 'project.finished') return t('notice.project.finished', { n: Number(a.tasks) });
  return t(n.kind === 'comment.new' ? 'notice.comment.new' : 'notice.comment.reply', { n: Number(a.task) });
}

export function NoticeList({ list }: { list: readonly Notice[] }) {
  return <ul class="hot">{list.map(n => { const [icon, cls] = looks[n.kind] ?? ['info', '']; return <li key={n.id} class={n.read ? '' : 'fresh'}>
    <Icon i={icon} cls={cls} />
    <div class="col flat"><a class="rowlink" href={placeOf(n)}>{say(n)}</a><span class="small dim"><bdi>{n.project.title}</bdi>{!n.read && <span class="vh">, {t('notice.new')}</span>}</span></div>
    <time class="small mute" dateTime={n.created_at}>{ago(n.created_at)}</time>
  </li>; })}</ul>;
}
