/* What one is told of: how much is new, kept up to date while the page is looked at. */
import { signal } from '@preact/signals';
import { get, post } from '../core/api';

export type NoticeKind = 'import.done' | 'import.failed' | 'job.done' | 'job.failed' | 'project.finished' | 'comment.new' | 'comment.reply';
export interface Notice { id: number; kind: NoticeKind; project: { id: number; title: string }; about: Record<string, string | number>; created_at: string; read: boolean }
export interface Notices { unread: number; next: number | null; results: Notice[] }

export const unread = signal(0);

const EVERY = 60_000;

export async function fetchNotices(limit: number, before?: number): Promise<Notices> {
  const v = await get<Notices>('/api/notices', { query: { limit, before } });
  unread.value = v.unread;
  return v;
}

export async function seen(upto: number): Promise<void> {
  await post('/api/notices/read', { upto });
  unread.value = 0;
}

/** Looks now and then, and when the page comes to the front; a failure is tried again the next time. */
export function watchNotices(): () => void {
  const look = () => { if (document.visibilityState === 'visible') fetchNotices(1).catch(() => {}); };
  look();
  const timer = setInterval(look, EVERY);
  document.addEventListener('visibilitychange', look);
  return () => { clearInterval(timer); document.removeEventListener('visibilitychange', look); };
}

/** Where a notice leads. */
export function placeOf(n: Notice): string {
  const base = `/projects/${n.project.id}`;
  if (n.kind === 'import.failed') return `${base}/import?job=${n.about.job}`;
  if (n.kind === 'import.done') return `${base}/tasks`;
  if (n.kind === 'job.done' || n.kind === 'job.failed') return `${base}/jobs`;
  if (n.kind === 'comment.new' || n.kind === 'comment.reply') return `${base}/tasks/${n.about.task}`;
  return base;
}
