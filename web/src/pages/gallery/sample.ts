/* What the templates share: their shape, and words and pictures to try them on. */
import type { Drawing } from '../art';

export type Group = 'text' | 'image' | 'pairs' | 'talk' | 'media' | 'forms';

/** `later`: this version shows a notice in place of all ('notice') or some ('part') of what is asked about. */
export interface Template { id: string; group: Group; art: Drawing; overlap: number; later?: 'notice' | 'part'; xml: string; sample: Record<string, unknown> }

export const letter = 'The parcel came two days late and the box was wet. The lamp itself works, and the person on the phone was kind about it.';
export const notice = 'Captain Ines Duarte of the Aurora reported on 4 March that the tug Gaivota had left Porto Velho for Lisbon.';
export const scene = '/sample.svg';
