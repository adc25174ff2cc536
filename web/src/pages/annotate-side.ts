/* What the panels of the annotate page share: their words and their styles. */
import words from '../i18n/en/side.json';
import { addMessages } from '../core/i18n';
import './annotate-side.css';

await addMessages('side', words);
