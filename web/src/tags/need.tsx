/* That a question must be answered; in the same place, once an answer was refused, what is missing. */
import { addMessages, t } from '../core/i18n';
import words from '../i18n/en/need.json';
import { Icon } from '../ui/icon';
import { saidAt } from './bits';
import { useWork } from './context';
import { flag, type Tag } from './tree';
import './need.css';

await addMessages('need', words);

/* `tags` may be several where one bar stands for several sets; `at` is where the problem is kept. */
export function Need({ tags, at }: { tags: readonly Tag[]; at: string }) {
  const { store } = useWork(), problem = store.problems.value.get(at);
  if (problem) return <p class="err" id={saidAt(at)}><Icon i="alert" /><span dir="auto">{problem}</span></p>;
  return store.readOnly || !tags.some((x) => flag(x, 'required')) ? null : <p class="need" id={saidAt(at)}>{t('need.mark')}</p>;
}
