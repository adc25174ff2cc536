/* Background jobs: their states in words, and following one until it ends. */
import { get, pause } from '../core/api';
import type { Job } from './shapes';

const ended = new Set(['done', 'finished', 'completed', 'failed', 'dead', 'cancelled', 'refused']);
export function jobEnded(j: Job): boolean { return ended.has(j.state); }
export function jobWell(j: Job): boolean { return j.state === 'done' || j.state === 'finished' || j.state === 'completed'; }

export function jobState(j: Job): { tone: 'ok' | 'bad' | 'acc' | ''; icon: 'check' | 'alert' | 'clock'; key: 'job.done' | 'job.failed' | 'job.running' | 'job.waiting' } {
  if (jobWell(j)) return { tone: 'ok', icon: 'check', key: 'job.done' };
  if (jobEnded(j)) return { tone: 'bad', icon: 'alert', key: 'job.failed' };
  return j.state === 'running' || j.done > 0 ? { tone: 'acc', icon: 'clock', key: 'job.running' } : { tone: '', icon: 'clock', key: 'job.waiting' };
}

/** Asks until the job has ended: quickly at first, then every two seconds. */
export async function followJob(id: number, seen: (j: Job) => void, signal: AbortSignal): Promise<Job> {
  for (let n = 0; ; n++) {
    const j = await get<Job>(`/api/jobs/${id}`, { signal });
    seen(j);
    if (jobEnded(j)) return j;
    await pause(Math.min(2000, 150 * 1.4 ** n), signal);
  }
}
