/* What the parts behind the picture say. */
import { addMessages } from '../../core/i18n';
import words from '../../i18n/en/shapes.json';

await addMessages('shapes', words);
