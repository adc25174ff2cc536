/*
 * chat.tsx -- a conversation as bubbles, and the next message.
 *
 * Result: one `chatmessage` a message, an id of its own, so that questions can
 * be about one.  The messages of the task are shown as they are; they become
 * results with the first message that is written or chosen.  Replies of a
 * model are not made here: somebody writes both sides.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { addMessages, t } from '../core/i18n';
import { shortId } from '../core/store';
import words from '../i18n/en/span.json';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Frame } from './bits';
import { useWork } from './context';
import { questionsFor } from './regions';
import type { Result } from './result';
import type { TaskStore } from './store';
import { attr, commas, controls, flag, isObject, num, textOf, valueOf, type Tag } from './tree';
import './chat.css';

await addMessages('span', words);

interface Message { id: string | null; role: string; content: string; raw: Record<string, unknown> }

const ofResult = (id: string, r: Result): Message | null => {
  const m = r.value?.chatmessage;
  return isObject(m) ? { id, role: textOf(m.role), content: textOf(m.content), raw: m } : null;
};

function messagesIn(v: unknown): Message[] {
  return (Array.isArray(v) ? v : []).filter(isObject).map((m) => ({ id: null, role: textOf(m.role) || 'user', content: textOf(m.content), raw: m }));
}

export function Chat({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const given = useMemo(() => messagesIn(valueOf(tag, store.task.data)), [tag, store]);
  const own = store.order.value.flatMap((id): Message[] => {
    const r = store.items(id).find((x) => x.type === 'chatmessage' && x.to_name === tag.name), m = r && ofResult(id, r);
    return m ? [m] : [];
  });
  const list = own.length ? own : given, least = num(tag, 'minmessages', 0), most = num(tag, 'maxmessages', Infinity);
  const asks = controls(store.tree).some((c) => flag(c, 'perRegion') && c.toName.includes(tag.name ?? ''));
  const may = (role: string): boolean => { const e = attr(tag, 'editable'); return !store.readOnly && (e === 'true' || (e !== undefined && e !== 'false' && commas(e).includes(role))); };
  const edited = useSignal<number | null>(null);

  const item = (m: Message): Result => ({ id: shortId(), from_name: tag.name!, to_name: tag.name!, type: 'chatmessage', origin: 'manual', value: { chatmessage: { ...m.raw, role: m.role, content: m.content } } });
  /* What the task gave becomes the answer; then the change itself, all one step. */
  const write = (what: string, more: (ids: string[]) => [string, Result[] | null][]): string[] => {
    const kept = own.length ? [] : given.map(item), ids = own.length ? own.map((m) => m.id!) : kept.map((r) => r.id!);
    const extra = more(ids), by = new Map<string, Result[] | null>([...kept.map((r): [string, Result[]] => [r.id!, [r]]), ...extra]);
    store.change(what, [...by]);
    store.history.seal();
    return ids;
  };
  const choose = (i: number): void => {
    const id = list[i]!.id ?? write('messages', () => [])[i]!;
    store.selection.value = store.selection.peek() === id ? null : id;
  };
  const change = (i: number, content: string): void => {
    edited.value = null;
    if (content === list[i]!.content || !content.trim()) return;
    write('message', (ids) => [[ids[i]!, own.length ? store.peek(ids[i]!).map((r) => (r.type === 'chatmessage' ? { ...r, value: { ...r.value, chatmessage: { ...(r.value?.chatmessage as object), content } } } : r))
      : [{ ...item({ ...list[i]!, content }), id: ids[i]! }]]]);
  };

  return <Frame tag={tag} cls="chat">
    {attr(tag, 'llm') && <p class="note small" data-notice="Chat llm"><Icon i="info" /><span>{t('chat.nollm')}</span></p>}
    <ol class="msgs" aria-label={t('chat')}>{list.map((m, i) => {
      const sel = m.id !== null && store.selection.value === m.id;
      return <li key={m.id ?? i} class={`msg ${m.role === 'user' ? 'mine' : ''} ${sel ? 'sel' : ''}`}>
        <div class="who row"><span class="mid" dir="auto">{m.role}</span>
          <span class="acts">
            {asks && <Button kind="quiet" icon="point" cls="do-choose" pressed={sel} name={t('chat.choose', { n: i + 1 })} onClick={() => choose(i)} />}
            {may(m.role) && edited.value !== i && <Button kind="quiet" icon="text" name={t('chat.edit', { n: i + 1 })} onClick={() => { edited.value = i; }} />}
            {may(m.role) && <Button kind="quiet" icon="trash" name={t('chat.remove', { n: i + 1 })} onClick={() => { write('message', (ids) => [[ids[i]!, null]]); }} />}
          </span></div>
        {edited.value === i ? <Editor text={m.content} name={t('chat.edit', { n: i + 1 })} onDone={(v) => change(i, v)} /> : <div class="bubble pre" dir="auto">{m.content}</div>}
        {sel && asks && <Asked store={store} id={m.id!} />}
      </li>;
    })}</ol>
    {!list.length && <p class="mute small">{t('chat.none')}</p>}
    {!store.readOnly && list.length < most && <Composer tag={tag} store={store} last={list[list.length - 1]?.role}
      onSend={(role, content) => {
        const r = item({ id: null, role, content, raw: { createdAt: Date.now() } });
        write('message', () => [[r.id!, [r]]]);
      }} />}
    {least > list.length && <p class="small mute">{t('chat.least', { n: list.length, min: least })}</p>}
  </Frame>;
}

/* How many questions are asked about a message; they stand where the config put them. */
function Asked({ store, id }: { store: TaskStore; id: string }) {
  const n = questionsFor(store, id).length;
  return n ? <p class="small mute">{t('chat.asked', { n })}</p> : null;
}

function Editor({ text, name, onDone }: { text: string; name: string; onDone: (v: string) => void }) {
  const now = useSignal(text);
  return <textarea class="input" dir="auto" rows={Math.min(12, text.split('\n').length + 1)} aria-label={name} value={now.value} ref={(el) => { if (el && document.activeElement !== el) el.focus(); }}
    onInput={(e) => { now.value = e.currentTarget.value; }} onBlur={() => onDone(now.value)}
    onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing && !e.ctrlKey) { e.preventDefault(); e.currentTarget.blur(); } else if (e.key === 'Escape') { now.value = text; onDone(text); } }} />;
}

function Composer({ tag, store, last, onSend }: { tag: Tag; store: TaskStore; last: string | undefined; onSend: (role: string, content: string) => void }) {
  const roles = commas(attr(tag, 'messageroles'));
  const all = roles.length ? roles : ['user', 'assistant'];
  const words = useSignal(''), picked = useSignal<string | null>(null);
  // The one who did not speak last.
  const role = picked.value ?? all.find((r) => r !== last) ?? all[0]!;
  const send = (): void => {
    const text = words.peek().trim();
    if (!text) return;
    words.value = '';
    picked.value = null;
    onSend(role, text);
  };
  useEffect(() => { store.flushers.add(send); return () => { store.flushers.delete(send); }; });
  return <div class="say">
    {all.length > 1 && <div class="seg" role="group" aria-label={t('chat.role')}>{all.map((r) => <button type="button" key={r} aria-pressed={r === role} onClick={() => { picked.value = r; }}><span dir="auto">{r}</span></button>)}</div>}
    <textarea class="input grow" dir="auto" rows={2} aria-label={t('chat.words', { role })} placeholder={t('chat.words', { role })} value={words.value} onInput={(e) => { words.value = e.currentTarget.value; }}
      onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey && !e.ctrlKey && !e.metaKey && !e.isComposing) { e.preventDefault(); send(); } }} />
    <Button onClick={send} disabled={!words.value.trim()} cls="do-send">{t('chat.send')}</Button>
  </div>;
}
