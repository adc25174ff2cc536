/* Fields to fill in. */
import { addMessages } from '../core/i18n';
import words from '../i18n/en/form.json';
import './forms.css';

await addMessages('form', words);

export { DateTime, NumberTag, Rating } from './inputs';
export { TextArea } from './textarea';
