/* What every page but the annotate page needs: its words and its styles, loaded once before the first of them. */
import './common.css';
import words from '../i18n/en/pages.json';
import { addMessages } from '../core/i18n';

await addMessages('pages', words);
