/* Text to mark; the stage comes with the tasks that need it. */
export { TextStage } from '../stage/text/text';
export { TextTask } from './textwork';
