/* The size of a file in words. */
import { num } from '../core/i18n';

export function fileSize(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let i = 0, v = n;
  while (v >= 1000 && i < units.length - 1) { v /= 1000; i++; }
  return `${num(v, { maximumFractionDigits: v < 10 && i ? 1 : 0 })} ${units[i]}`;
}
