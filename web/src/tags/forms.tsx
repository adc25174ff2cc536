/* Fields to fill in. */
export { DateTime, NumberTag, Rating } from './inputs';
export { TextArea } from './textarea';
