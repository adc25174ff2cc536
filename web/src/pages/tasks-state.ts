/* The state of a task in a word, a tone and an icon; which pictures of a task may be shown. */
type State = { tone: 'ok' | 'warn' | 'acc' | ''; icon: 'seal' | 'alert' | 'eye' | 'clock'; key: 'state.settled' | 'state.disputed' | 'state.going' | 'state.waiting' };

const settled: State = { tone: 'ok', icon: 'seal', key: 'state.settled' };
const going: State = { tone: 'acc', icon: 'eye', key: 'state.going' };
const known: Record<string, State> = {
  settled, finished: settled, done: settled, complete: settled,
  disputed: { tone: 'warn', icon: 'alert', key: 'state.disputed' },
  started: going, going, in_progress: going, leased: going, answered: going, open_answered: going,
};

export function taskState(s: string): State { return known[s] ?? { tone: '', icon: 'clock', key: 'state.waiting' }; }

/** Pictures that may be shown: of this server, or held in the data itself. */
export function safeImage(url: string): boolean { return /^\/(?!\/)/.test(url) || url.startsWith('data:image/'); }
