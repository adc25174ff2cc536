/* Line drawings of kinds of work: in the template gallery and beside projects. */

const drawings = {
  boxes: ['M28 18h46v30H28z M86 26h18v26H86z', ''],
  polygon: ['M34 46 44 18l30-4 18 18-10 20Z', ''],
  brush: ['M26 50c10-26 24-34 38-30s8 20 22 20 12-10 18-14', 'M30 54c12-18 24-24 34-22s12 18 24 18'],
  points: ['M64 16v34M46 28l18-6 18 6M52 58l12-12 12 12', 'M64 14h.01M46 28h.01M82 28h.01M52 58h.01M76 58h.01'],
  spans: ['M20 22h24M50 22h50M20 36h60M86 36h20M20 50h40', 'M50 22h28M20 36h34'],
  relations: ['M20 46h24M50 46h22M78 46h30', 'M32 40V22h58v14M86 32l4 5 4-5'],
  choose: ['M24 14h40v44H24z M76 20h28M76 36h22M76 52h26', 'M70 36h.01'],
  textclass: ['M20 18h52M20 30h46M20 42h50M20 54h30 M86 18h24v12H86z M86 42h24v12H86z', 'M86 30h24v12H86z'],
  compare: ['M20 14h42v34H20zM68 14h42v34H68z M26 24h28M26 32h22M74 24h30M74 32h26M74 40h14', 'M40 56h10'],
  rank: ['M44 16h60M44 30h48M44 44h54M44 58h36 M26 16h8M26 30h8M26 44h8M26 58h8', 'M44 16h60'],
  rubric: ['M24 16h8v8h-8zM24 32h8v8h-8zM24 48h8v8h-8zM42 20h60M42 36h44M42 52h52', 'm26 20 2 2 4-5'],
  write: ['M20 16h88v40H20z M28 26h52M28 36h40', 'M28 46v6'],
  rating: ['M36 28l3 7 8 1-6 5 2 8-7-4-7 4 2-8-6-5 8-1Z M92 28l3 7 8 1-6 5 2 8-7-4-7 4 2-8-6-5 8-1Z', 'M64 28l3 7 8 1-6 5 2 8-7-4-7 4 2-8-6-5 8-1Z'],
  speech: ['M20 34v4M28 28v16M36 20v32M44 26v20M52 32v8M60 16v40M68 24v24M76 30v12M84 22v28M92 28v16M100 33v6', 'M44 60h32'],
  tree: ['M24 20h24M24 20v38h24M24 39h24 M54 20h50M54 39h36M54 58h42', 'M54 39h36'],
  talk: ['M20 14h56v16H20z M52 38h56v18H52z', 'M60 47h30'],
  form: ['M20 14h88v14H20z M20 34h40v10H20z M68 34h40v10H68z M20 50h88v10H20z', 'M26 21h20'],
  ocr: ['M24 16h80v40H24z M32 26h34v8H32z M32 40h52v8H32z', 'M36 30h26M36 44h44'],
  ellipse: ['M40 36a18 14 0 1 0 36 0a18 14 0 1 0-36 0Z M82 46a10 8 0 1 0 20 0a10 8 0 1 0-20 0Z', ''],
  shield: ['M64 12 88 20v16c0 14-10 20-24 26-14-6-24-12-24-26V20Z', 'm54 36 7 7 14-14'],
  steps: ['M20 14h60v12H20z M20 32h60v12H20z M20 50h60v10H20z', 'm90 20 3 3 6-7 M90 34l8 8m0-8-8 8'],
  film: ['M22 16h84v40H22z M22 24h84M22 48h84 M32 16v8M44 16v8M56 16v8M68 16v8M80 16v8M92 16v8', 'm58 30 14 6-14 6Z'],
  series: ['M20 12v48h90', 'M24 48l12-4 10-18 12-6 12 14 14 12 20 2'],
  table: ['M20 14h88v44H20z M20 26h88M20 37h88M20 48h88M50 14v44', 'M58 43h30'],
  page: ['M42 10h34l12 12v40H42Z M76 10v12h12', 'M52 32h26M52 40h26M52 48h16'],
  blank: ['M44 14h40v44H44z', 'M54 26h20'],
} as const;

export type Drawing = keyof typeof drawings;

export function Art({ of, small }: { of: Drawing; small?: boolean }) {
  const [plain, hl] = drawings[of];
  return <svg class={`art ${small ? 'thumb' : ''}`} viewBox="0 0 128 72" aria-hidden="true"><g><path d={plain} />{hl && <path class="hl" d={hl} />}</g></svg>;
}

/** The drawing that fits a labelling config, told by its tags. */
export function artOf(xml: string): Drawing {
  const has = (re: RegExp) => re.test(xml);
  if (has(/<Rectangle(Labels)?[\s/>]/i)) return 'boxes';
  if (has(/<Ellipse(Labels)?[\s/>]/i)) return 'ellipse';
  if (has(/<Polygon(Labels)?[\s/>]/i)) return 'polygon';
  if (has(/<(Brush|Bitmask)(Labels)?[\s/>]/i)) return 'brush';
  if (has(/<KeyPoint(Labels)?[\s/>]/i)) return 'points';
  if (has(/<Pairwise[\s/>]/i)) return 'compare';
  if (has(/<Ranker[\s/>]/i)) return 'rank';
  if (has(/<(AudioPlus|Audio)[\s/>]/i)) return 'speech';
  if (has(/<Video[\s/>]/i)) return 'film';
  if (has(/<TimeSeries[\s/>]/i)) return 'series';
  if (has(/<Relations?[\s/>]/i)) return 'relations';
  if (has(/<(HyperText|Paragraph)?Labels[\s/>]/i)) return has(/<Paragraphs[\s/>]/i) ? 'talk' : 'spans';
  if (has(/<Taxonomy[\s/>]/i)) return 'tree';
  if (has(/<Choices[\s/>]/i)) return has(/<Image[\s/>]/i) ? 'choose' : 'textclass';
  if (has(/<Rating[\s/>]/i)) return 'rating';
  if (has(/<TextArea[\s/>]/i)) return 'write';
  return 'blank';
}

const kinds = ['boxes', 'polygon', 'ellipse', 'brush', 'points', 'compare', 'rank', 'speech', 'film', 'series', 'relations', 'spans', 'talk', 'tree', 'choose', 'textclass', 'rating', 'write'] as const;
export type KindKey = `kind.${typeof kinds[number]}` | 'kind.other';
export const kindKey = (d: Drawing): KindKey => (kinds as readonly string[]).includes(d) ? `kind.${d}` as KindKey : 'kind.other';
