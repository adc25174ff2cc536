/* What every page but the annotate page needs: its words, icons and styles, loaded once before the first of them. */
import './common.css';
import words from '../i18n/en/pages.json';
import { addMessages } from '../core/i18n';
import { addIcons } from '../ui/paths';
import { MORE } from '../ui/paths-more';

addIcons(MORE);
await addMessages('pages', words);
