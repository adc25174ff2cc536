/* Parts of the stage that come when they are asked for. */
import { later } from '../../ui/later';

export const ShapeFields = later(() => import('./fields').then((x) => x.ShapeFields));
export const ViewPanel = later(() => import('./view-panel').then((x) => x.default));
