/* The tools of the picture stage, and which a control brings. */
import { t } from '../../core/i18n';
import type { Tag } from '../../tags/tree';

export type Tool = 'move' | 'hand' | 'box' | 'box3' | 'polygon' | 'vector' | 'ellipse' | 'point' | 'brush' | 'eraser' | 'wand' | 'bucket';

/* Which tools a control brings. */
const TOOLS_OF: [RegExp, Tool[]][] = [
  [/^Rectangle/, ['box', 'box3']], [/^Polygon/, ['polygon']], [/^Vector/, ['vector']], [/^Ellipse/, ['ellipse']], [/^KeyPoint/, ['point']],
  [/^(Brush|Bitmask)/, ['brush', 'eraser', 'wand', 'bucket']], [/^MagicWand$/, ['wand', 'eraser']],
];
export const toolsOf = (c: Tag): Tool[] => TOOLS_OF.find(([re]) => re.test(c.tag))?.[1] ?? [];
const MASK_TOOLS: ReadonlySet<Tool> = new Set<Tool>(['brush', 'eraser', 'wand', 'bucket']);
export const isMaskTool = (t: Tool): boolean => MASK_TOOLS.has(t);

/* As they stand in the rail. */
export const ORDER: readonly Tool[] = ['box', 'box3', 'polygon', 'vector', 'ellipse', 'point', 'brush', 'eraser', 'wand', 'bucket'];

export const toolName = (x: Tool): string => t(`an.tool.${x}` as 'an.tool.move');
