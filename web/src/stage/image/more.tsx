/* Parts of the stage that come when they are needed. */
import { signal, type Signal } from '@preact/signals';
import { later } from '../../ui/later';
import type { Size } from './view';

/* Everything about shapes. Asked for at once, so that it comes beside the picture and not after it; and again, when the line was down. */
export const layer: Signal<typeof import('./layer') | null> = signal(null);
function fetchLayer(): void { import('./layer').then((m) => { layer.value = m; }, () => { setTimeout(fetchLayer, 2000); }); }
fetchLayer();

/* Above this many pixels a browser no longer keeps the decoded picture: it is shown by tiles. */
const HUGE = 40_000_000;
export const isHuge = (s: Size): boolean => s.w * s.h > HUGE;

export const Tiles = later(() => import('./tiles').then((x) => x.default));
export const ViewPanel = later(() => import('./view-panel').then((x) => x.default));
