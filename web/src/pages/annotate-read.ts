/* Guidelines read so far: project -> version. Kept in this browser. */
import { setting } from '../core/store';

export const read = setting<Record<string, number>>('guidelines', {});

export const guideChanged = (project: number, version: number | undefined): boolean =>
  version !== undefined && (read.value[String(project)] ?? 0) < version;
