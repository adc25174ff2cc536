/* The copy of the ways of working that the server keeps. What is changed here is sent a moment later; what was changed
   elsewhere comes with the first look. Other preferences of the person are left as they are. */
import { effect } from '@preact/signals';
import { get, patch } from '../core/api';
import { person } from '../core/session';
import { singleKeys } from './look';
import { flow, setFlow, START, type Flow } from './flow';

type Kept = Omit<Flow, 'owner'> & { single: boolean };
interface Account { prefs: { work?: Partial<Kept>; [other: string]: unknown } }

let started = false, sent = '', timer = 0;

const now = (): Kept => { const { owner: _, ...rest } = flow.value; return { ...rest, single: singleKeys.value }; };

/** Once a page; a server out of reach changes nothing here. */
export async function followPerson(): Promise<void> {
  const me = person.peek()?.id ?? 0;
  if (started || !me) return;
  started = true;
  const asked = flow.peek(), single0 = singleKeys.peek();
  try {
    const { prefs } = await get<Account>('/api/account'), work = prefs.work;
    // What was changed here while the answer was on its way is newer than the answer.
    const touched = flow.peek() !== asked || singleKeys.peek() !== single0;
    if (work && !touched) {
      const { single, ...rest } = work;
      // Read is read, wherever it was.
      const read = flow.peek().owner === me ? { ...rest.read, ...flow.peek().read } : rest.read ?? {};
      setFlow({ ...rest, read, owner: me });
      if (single !== undefined) singleKeys.value = single;
    } else if (flow.peek().owner !== me) setFlow({ ...(touched ? {} : START), owner: me });
    sent = JSON.stringify(work ?? {});
  } catch { started = false; return; }
  effect(() => {
    const text = JSON.stringify(now());
    clearTimeout(timer);
    if (text !== sent) timer = window.setTimeout(() => void push(text), 800);
  });
}

async function push(text: string): Promise<void> {
  try {
    const { prefs } = await get<Account>('/api/account');
    await patch('/api/account', { prefs: { ...prefs, work: JSON.parse(text) as Kept } });
    sent = text;
  } catch { timer = window.setTimeout(() => void push(JSON.stringify(now())), 30_000); }
}
