/* The copy of the ways of working that the server keeps. What is changed here is sent a moment later; what was changed
   elsewhere comes with the first look. Other preferences of the person are left as they are. */
import { effect } from '@preact/signals';
import { get, patch } from '../core/api';
import { person } from '../core/session';
import { singleKeys } from './look';
import { flow, found, setFlow, START, type Flow } from './flow';

type Kept = Omit<Flow, 'owner'> & { single: boolean };
interface Account { prefs: { work?: Partial<Kept>; [other: string]: unknown } }

let started = false, sent = '', timer = 0;

const now = (): Kept => { const { owner: _, ...rest } = flow.value; return { ...rest, single: singleKeys.value }; };

function changed<T extends object>(now: T, was: T): Partial<T> {
  return Object.fromEntries(Object.entries(now).filter(([k, v]) => v !== was[k as keyof T])) as Partial<T>;
}

/** Once a page; a server out of reach changes nothing here. What was changed on the page before the answer came is newer
    than the answer, field by field; read is read, wherever it was. */
export async function followPerson(): Promise<void> {
  const me = person.peek()?.id ?? 0;
  if (started || !me) return;
  started = true;
  const single0 = singleKeys.peek();
  try {
    const { prefs } = await get<Account>('/api/account'), { single, ...kept } = prefs.work ?? {};
    const now = flow.peek(), mine = now.owner === me;
    const read = { ...kept.read, ...(mine ? now.read : changed(now.read, found.read) as Flow['read']) };
    setFlow({ ...(mine ? now : START), ...kept, ...changed(now, found), read, owner: me });
    if (single !== undefined && singleKeys.peek() === single0) singleKeys.value = single;
    sent = JSON.stringify(prefs.work ?? {});
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
