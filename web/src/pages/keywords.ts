/* What the keys do, in words: for the key help, the page of keys and their print. */
import words from '../i18n/en/keys.json';
import type { Action } from '../core/actions';
import { addMessages, t } from '../core/i18n';

await addMessages('keys', words);

export const said = (id: Action): string => t(`do.${id}` as 'do.submit');
