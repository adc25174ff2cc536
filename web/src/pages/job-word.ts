/* What a job does, in words; a kind without words is called by its name. */
import { t, type Key } from '../core/i18n';
import words from '../i18n/en/notices.json';

export const jobWord = (kind: string): string => `jobkind.${kind}` in words ? t(`jobkind.${kind}` as Key) : kind;
