/* How somebody likes to work: their keys, one hand, going on by itself. Kept in this browser for the first paint and
   for days without a server; the server has the copy that follows the person (prefs.ts). Gone with the logout. */
import { chosenKeys, oneHand, type Action } from '../core/actions';
import { onLogout } from '../core/session';
import { setting } from '../core/store';

export interface Flow {
  keys: Partial<Record<Action, string>>;
  hand: boolean;                        // the preset "one hand"
  auto: boolean;                        // submit by itself after the last answer
  sticky: boolean;                      // label and tool stay for the next task
  read: Record<string, number>;         // guidelines read: project -> version
  owner: number;                        // whose these are; 0: nobody's yet
}

export const START: Flow = { keys: {}, hand: false, auto: false, sticky: true, read: {}, owner: 0 };

export const flow = setting<Flow>('flow', START);
flow.value = { ...START, ...flow.peek() };
/** As the page found it: what differs from it was changed here. */
export const found = flow.peek();
export const setFlow = (patch: Partial<Flow>): void => { flow.value = { ...flow.peek(), ...patch }; };
flow.subscribe((f) => { chosenKeys.value = f.keys; oneHand.value = f.hand; });
onLogout(() => { flow.value = START; });

export const guideChanged = (project: number, version: number | undefined): boolean =>
  version !== undefined && (flow.value.read[project] ?? 0) < version;
