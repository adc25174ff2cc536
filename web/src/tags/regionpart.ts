/* The list of regions, and what is asked of the chosen one: their code comes right behind the first task on screen. */
import { later } from '../ui/later';

export type { Describe } from './regions';

export const RegionList = later(() => import('./regions').then((m) => m.RegionList));
export const RegionDetail = later(() => import('./regions').then((m) => m.RegionDetail));
