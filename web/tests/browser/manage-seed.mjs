// People who differ: projects with choices, boxes and spans, three answers a task, settled.

/** Three annotators join; their ids. */
export async function invite(kept, server, api, project, names) {
  const ids = [];
  for (const name of names) {
    const made = await api('POST', `/api/projects/${project}/invitations`, { role: 'annotator' });
    const token = new URL(made.url).pathname.split('/').pop();
    const joined = await kept.request.post(`${server.base}/api/invitations/${token}/accept`, { data: { name, email: `${name.split(' ')[0].toLowerCase()}@saltmarsh.example`, password: 'eight herons at high tide' }, headers: { Origin: server.base } });
    ids.push((await joined.json()).person.id);
  }
  return ids;
}

export const choice = (word, control = 'topic') => ({ id: `${control}-${word}`, type: 'choices', from_name: control, to_name: 'text', value: { choices: [word] } });
export const box = (id, x, y, w, h, label) => ({ id, type: 'rectanglelabels', from_name: 'box', to_name: 'img', original_width: 400, original_height: 300, image_rotation: 0, value: { x, y, width: w, height: h, rotation: 0, rectanglelabels: [label] } });
export const span = (text, part, label) => { const start = text.indexOf(part); return { id: `${label}${start}`, type: 'labels', from_name: 'ner', to_name: 'text', value: { start, end: start + part.length, text: part, labels: [label] } }; };

export const picture = `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300" fill="#cfd9de"/><rect y="190" width="400" height="110" fill="#6d7275"/><rect x="60" y="110" width="110" height="90" rx="8" fill="#2f7a72"/><rect x="70" y="122" width="90" height="36" fill="#98b0b6"/><circle cx="280" cy="150" r="14" fill="#b98763"/><rect x="268" y="164" width="24" height="56" fill="#d9a13b"/></svg>`).toString('base64')}`;

export const CONFIGS = {
  choices: '<View><Text name="text" value="$text"/><Choices name="topic" toName="text"><Choice value="Harbour"/><Choice value="Weather"/><Choice value="Other"/></Choices><Choices name="tone" toName="text"><Choice value="Calm"/><Choice value="Urgent"/></Choices></View>',
  boxes: '<View><Image name="img" value="$image"/><RectangleLabels name="box" toName="img"><Label value="Bus"/><Label value="Pedestrian"/><Label value="Cyclist"/></RectangleLabels></View>',
  spans: '<View><Text name="text" value="$text"/><Labels name="ner" toName="text"><Label value="Ship"/><Label value="Place"/></Labels></View>',
};

/** A project with its tasks answered by `people`; said(i, k) is what person k says of task i. */
export async function answered(api, title, config, rows, people, said) {
  const p = await api('POST', '/api/projects/', { title, label_config: config, maximum_annotations: people.length });
  for (const person of people) await api('POST', `/api/projects/${p.id}/members`, { person, role: 'annotator' });
  const { task_ids: tasks } = await api('POST', `/api/projects/${p.id}/import?return_task_ids=true`, rows.map(data => ({ data })));
  for (const [i, task] of tasks.entries()) {
    for (const [k, person] of people.entries()) await api('POST', `/api/tasks/${task}/annotations/`, { completed_by: person, lead_time: 15 + 3 * k + i % 7, result: said(i, k) });
  }
  return { id: p.id, tasks };
}

export async function settled(api, project, n) {
  for (let k = 0; k < 300; k++) {
    if ((await api('GET', `/api/projects/${project}/overview`)).agreement.n === n) return;
    await new Promise(r => setTimeout(r, 100));
  }
  throw new Error('the consensus was not computed');
}

/* Masks, wordings and a line: one person saw another bus than the others. */
const W = 400, H = 300;

/** A mask of these boxes as Label Studio packs it: runs of four equal words a pixel, lengths in 16 bits. */
function rle(...boxes) {
  const on = (x, y) => boxes.some(([a, b, w, h]) => x >= a && y >= b && x < a + w && y < b + h);
  let bits = (W * H * 4).toString(2).padStart(32, '0') + '00111' + '0010001101111111';
  for (let i = 0; i < W * H;) {
    const v = on(i % W, Math.floor(i / W));
    let j = i + 1;
    while (j < W * H && j - i < 16384 && on(j % W, Math.floor(j / W)) === v) j++;
    bits += `111${((j - i) * 4 - 1).toString(2).padStart(16, '0')}${v ? '11111111' : '00000000'}`;
    i = j;
  }
  bits += '0'.repeat(8 - bits.length % 8);
  return bits.match(/.{8}/g).map(b => parseInt(b, 2));
}
const head = (id, from_name, type) => ({ id, from_name, to_name: 'img', type, original_width: W, original_height: H, image_rotation: 0 });
const mask = (id, label, ...boxes) => ({ ...head(id, 'b', 'brushlabels'), value: { format: 'rle', rle: rle(...boxes), brushlabels: [label] } });
const note = (id, m, text) => ({ ...head(id, 'note', 'textarea'), value: { format: 'rle', rle: m.value.rle, text: [text] } });
const kerb = { ...head('kerb', 'v', 'vectorlabels'), value: { vertices: [{ id: 'p', x: 10, y: 80, prevPointId: null, isBezier: false }, { id: 'q', x: 90, y: 70, prevPointId: 'p', isBezier: false }], closed: false, vectorlabels: ['Kerb'] } };

const YARD = '<View><Image name="img" value="$image"/><BrushLabels name="b" toName="img"><Label value="Bus"/><Label value="Man"/></BrushLabels><VectorLabels name="v" toName="img"><Label value="Kerb"/></VectorLabels><TextArea name="note" toName="img" perRegion="true"/></View>';
function seen(k) {
  const bus = k === 2 ? mask('bus', 'Bus', [60, 110, 40, 90]) : mask('bus', 'Bus', [58 + k, 108, 110, 60], [58 + k, 160, 110, 40]);
  return [bus, note('bus', bus, ['Bus at the stop', 'Bus near the stop', 'Red tram'][k]), mask('man', 'Man', [266, 138 + k, 28, 80]), ...(k === 0 ? [kerb] : [])];
}

const TEXT = 'The Marie Brandt left Cuxhaven at dawn and met the Elbe pilot off Scharhörn.';
/** The projects and their people. */
export async function seed(kept, server, api) {
  await api('POST', '/api/projects/', { title: 'First', label_config: CONFIGS.choices });
  const people = await invite(kept, server, api, 1, ['Ana Reis', 'Ben Okafor', 'Chen Li']);
  const words = ['Harbour', 'Weather', 'Other'];
  const choices = await answered(api, 'Port notices', CONFIGS.choices, Array.from({ length: 12 }, (_, n) => ({ text: `Notice ${n + 1}: berth ${n + 3} is closed until further notice because of wind from the north-west.` })), people,
    (i, k) => [choice(i === 0 ? words[k] : i < 3 && k === 2 ? 'Other' : words[i % 2]), choice(i % 4 === 0 && k === 1 ? 'Urgent' : 'Calm', 'tone')]);
  const boxes = await answered(api, 'Harbour kerbside', CONFIGS.boxes, [{ image: picture }, { image: picture }], people,
    (i, k) => [box('bus', 15 + k, 36 + k / 2, 27 - k, 31, 'Bus'), ...(i === 0 && k === 2 ? [box('man', 66, 45, 8, 20, 'Cyclist')] : [box('man', 66 + k / 2, 45, 8, 29, i === 0 && k === 1 ? 'Cyclist' : 'Pedestrian')])]);
  const spans = await answered(api, 'Ship log', CONFIGS.spans, [{ text: TEXT }, { text: 'Nothing to report.' }], people,
    (i, k) => i ? [] : [span(TEXT, k === 2 ? 'Brandt' : 'Marie Brandt', 'Ship'), span(TEXT, 'Cuxhaven', 'Place'), ...(k === 0 ? [span(TEXT, 'Scharhörn', 'Place')] : [span(TEXT, 'Elbe', k === 1 ? 'Place' : 'Ship')])]);
  const judges = await answered(api, 'Two judges', CONFIGS.choices, [{ text: 'مرحبا بكم في الميناء' }, { text: 'b' }], people.slice(0, 2), (i, k) => [choice(words[k])]);
  const yard = await answered(api, 'Yard masks', YARD, [{ image: picture }], people, (_, k) => seen(k));
  await settled(api, choices.id, 12);
  await settled(api, boxes.id, 2);
  await settled(api, spans.id, 2);
  await settled(api, judges.id, 2);
  await settled(api, yard.id, 1);
  return { people, yard, judges, choices, boxes, spans, TEXT };
}
