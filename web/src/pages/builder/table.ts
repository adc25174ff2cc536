/* The tags of the labelling language and their attributes, as the form offers them. What a tag means is the server's
   business; an attribute that is not here still stands in the form when the config has it.

   One word an attribute: name, then ! when the tag needs it, ? for yes or no (?+ yes by itself), # a number, % a colour,
   =a|b one of these, ~ what holds when it is not there (_ is a space). */

export interface Field { name: string; kind: 'text' | 'bool' | 'number' | 'colour' | 'one'; needed: boolean; options: string[]; otherwise: string }
export type Group = 'show' | 'ask' | 'mark' | 'layout' | 'inside';
export interface TagRow { tag: string; group: Group; inside: readonly string[]; fields: Field[]; start: string }

const when = 'visibleWhen=region-selected|no-region-selected|choice-selected|choice-unselected whenTagName whenLabelValue whenChoiceValue';
const need = 'required? requiredMessage perRegion? perItem?', look = 'opacity# fillColor% strokeColor% strokeWidth#~1';
const labels = 'name! toName! choice=single|multiple~single maxUsages# showInline?+', points = 'pointSize=small|medium|large pointStyle=rectangle|circle';
const smart = 'smart? smartOnly?', snap = 'snap=pixel|none~none', vector = 'closable? curves? skeleton? minPoints# maxPoints#';
const text = 'valueType=url|text~text saveTextResult=yes|no encoding=none|base64|base64unicode selectionEnabled?+ highlightColor% showLabels? granularity=symbol|word|sentence|paragraph~symbol';

/* tag, group, what stands in it, attributes, and what a new one looks like */
const rows: readonly (readonly [string, Group, string, string, string])[] = [
  ['Text', 'show', '', `name! value! ${text}`, '<Text name="text" value="$text"/>'],
  ['Image', 'show', '', 'name! value! valueList width~100% maxWidth~750px zoom? zoomControl? rotateControl? brightnessControl? contrastControl? crosshair? grid? gridSize#~30 gridColor% zoomBy#~1.1 negativeZoom? smoothing?+ defaultZoom=auto|original|fit~fit horizontalAlignment=left|center|right~left verticalAlignment=top|center|bottom~top crossOrigin=none|anonymous|use-credentials~none', '<Image name="image" value="$image"/>'],
  ['HyperText', 'show', '', `name! value! inline? clickableLinks? ${text}`, '<HyperText name="html" value="$html"/>'],
  ['Paragraphs', 'show', '', 'name! value! layout=none|dialogue~none nameKey~author textKey~text valueType=json|url~json audioUrl sync showPlayer? saveTextResult=yes|no~yes contextScroll?', '<Paragraphs name="dialogue" value="$dialogue" layout="dialogue"/>'],
  ['Chat', 'show', '', 'name! value! messageroles editable? minmessages# maxmessages# llm', '<Chat name="chat" value="$messages"/>'],
  ['Audio', 'show', '', 'name! value! hotkey sync height#~96 waveheight#~32 spectrogram? splitchannels? defaultspeed#~1 defaultscale#~1 defaultzoom#~1 defaultvolume#~1 decoder player', '<Audio name="audio" value="$audio"/>'],
  ['Video', 'show', '', 'name! value! frameRate#~24 sync muted? height#~600 timelineHeight#~64 defaultPlaybackSpeed#~1 minPlaybackSpeed#~1', '<Video name="video" value="$video"/>'],
  ['TimeSeries', 'show', 'Channel MultiChannel', 'name! value! valueType=url|json~url timeColumn timeFormat timeDisplayFormat durationDisplayFormat sep~, overviewChannels overviewWidth~25% fixedScale? sync cursorColor%', '<TimeSeries name="series" value="$series" timeColumn="time" valueType="json">\n  <Channel column="value" legend="Value"/>\n</TimeSeries>'],
  ['Table', 'show', '', 'name value! valueType', '<Table name="table" value="$table"/>'],
  ['List', 'show', '', 'name! value! title', '<List name="items" value="$items"/>'],
  ['Pdf', 'show', '', 'name! value!', '<Pdf name="pdf" value="$pdf"/>'],
  ['Choices', 'ask', 'Choice View', `name! toName! choice=single|single-radio|multiple~single showInline? layout=select|inline|vertical value allowNested? ${need} ${when}`, '<Choices name="choice" toName="@">\n  <Choice value="One"/>\n  <Choice value="Other"/>\n</Choices>'],
  ['TextArea', 'ask', '', `name! toName! placeholder rows# value label maxSubmissions# editable? skipDuplicates? transcription? displayMode=tag|region-list~tag showSubmitButton? ${need} ${when}`, '<TextArea name="answer" toName="@" rows="3" maxSubmissions="1"/>'],
  ['Rating', 'ask', '', `name! toName! maxRating#~5 defaultValue#~0 size=small|medium|large~medium hotkey ${need} ${when}`, '<Rating name="rating" toName="@" maxRating="5"/>'],
  ['Number', 'ask', '', `name! toName! min# max# step#~1 defaultValue# slider? hotkey ${need} ${when}`, '<Number name="number" toName="@"/>'],
  ['DateTime', 'ask', '', `name! toName! only=date|time|date,time|month|year format min max ${need} ${when}`, '<DateTime name="date" toName="@" only="date"/>'],
  ['Taxonomy', 'ask', 'Choice', `name! toName! placeholder leafsOnly? showFullPath? pathSeparator~/ maxUsages# minWidth# maxWidth# apiUrl labeling? legacy? ${need} ${when}`, '<Taxonomy name="class" toName="@">\n  <Choice value="Group">\n    <Choice value="Member"/>\n  </Choice>\n</Taxonomy>'],
  ['Pairwise', 'ask', '', `name! toName! selectionStyle ${when}`, '<Pairwise name="better" toName="@"/>'],
  ['Ranker', 'ask', 'Bucket', 'name! toName!', '<Ranker name="order" toName="@">\n  <Bucket name="good" title="Good"/>\n  <Bucket name="bad" title="Bad"/>\n</Ranker>'],
  ['Relations', 'ask', 'Relation', 'choice=single|multiple~single', '<Relations>\n  <Relation value="belongs to"/>\n</Relations>'],
  ['Labels', 'mark', 'Label', `${labels} ${look} value`, '<Labels name="label" toName="@">\n  <Label value="Thing"/>\n</Labels>'],
  ['HyperTextLabels', 'mark', 'Label', labels, '<HyperTextLabels name="label" toName="@">\n  <Label value="Thing"/>\n</HyperTextLabels>'],
  ['ParagraphLabels', 'mark', 'Label', labels, '<ParagraphLabels name="label" toName="@">\n  <Label value="Thing"/>\n</ParagraphLabels>'],
  ['RectangleLabels', 'mark', 'Label', `${labels} canRotate?+ ${look} ${snap}`, '<RectangleLabels name="box" toName="@">\n  <Label value="Thing"/>\n</RectangleLabels>'],
  ['PolygonLabels', 'mark', 'Label', `${labels} ${look} ${points} ${snap}`, '<PolygonLabels name="polygon" toName="@">\n  <Label value="Thing"/>\n</PolygonLabels>'],
  ['EllipseLabels', 'mark', 'Label', `${labels} canRotate?+ ${look}`, '<EllipseLabels name="ellipse" toName="@">\n  <Label value="Thing"/>\n</EllipseLabels>'],
  ['KeyPointLabels', 'mark', 'Label', `${labels} opacity#~0.9 strokeWidth#~1 ${snap}`, '<KeyPointLabels name="point" toName="@">\n  <Label value="Thing"/>\n</KeyPointLabels>'],
  ['BrushLabels', 'mark', 'Label', labels, '<BrushLabels name="brush" toName="@">\n  <Label value="Thing"/>\n</BrushLabels>'],
  ['BitmaskLabels', 'mark', 'Label', labels, '<BitmaskLabels name="mask" toName="@">\n  <Label value="Thing"/>\n</BitmaskLabels>'],
  ['VectorLabels', 'mark', 'Label', `${labels} ${look} ${points} ${snap} ${vector}`, '<VectorLabels name="line" toName="@">\n  <Label value="Thing"/>\n</VectorLabels>'],
  ['TimeSeriesLabels', 'mark', 'Label', `${labels} ${look}`, '<TimeSeriesLabels name="segment" toName="@">\n  <Label value="Thing"/>\n</TimeSeriesLabels>'],
  ['TimelineLabels', 'mark', 'Label', labels, '<TimelineLabels name="moment" toName="@">\n  <Label value="Thing"/>\n</TimelineLabels>'],
  ['Rectangle', 'mark', '', `name! toName! canRotate?+ ${look} ${smart} ${snap}`, '<Rectangle name="box" toName="@"/>'],
  ['Polygon', 'mark', '', `name! toName! ${look} ${points} ${smart} ${snap}`, '<Polygon name="polygon" toName="@"/>'],
  ['Ellipse', 'mark', '', `name! toName! canRotate?+ ${look} ${smart}`, '<Ellipse name="ellipse" toName="@"/>'],
  ['KeyPoint', 'mark', '', `name! toName! ${look} ${smart} ${snap}`, '<KeyPoint name="point" toName="@"/>'],
  ['Brush', 'mark', '', `name! toName! choice=single|multiple~single maxUsages# showInline?+ ${smart}`, '<Brush name="brush" toName="@"/>'],
  ['MagicWand', 'mark', '', 'name! toName! opacity#~0.6 blurradius#~5 defaultthreshold#~15', '<MagicWand name="wand" toName="@"/>'],
  ['Bitmask', 'mark', '', 'name! toName!', '<Bitmask name="mask" toName="@"/>'],
  ['Vector', 'mark', '', `name! toName! ${look} ${points} ${smart} ${snap} ${vector}`, '<Vector name="line" toName="@"/>'],
  ['VideoRectangle', 'mark', '', 'name! toName!', '<VideoRectangle name="track" toName="@"/>'],
  ['VideoVector', 'mark', '', 'name! toName!', ''],
  ['VideoVectorLabels', 'mark', 'Label', labels, ''],
  ['OcrLabels', 'mark', 'Label', labels, ''],
  ['ReactCode', 'mark', '', 'name! toName!', ''],
  ['Header', 'layout', '', 'value! size#~4 underline? style', '<Header value="A question in words"/>'],
  ['View', 'layout', '*', `display=block|inline~block style className idAttr ${when}`, '<View>\n</View>'],
  ['Markdown', 'layout', '', `value style className idAttr ${when}`, '<Markdown value="$notes"/>'],
  ['Collapse', 'layout', 'Panel', 'accordion?+ bordered? open?', '<Collapse>\n  <Panel value="More">\n  </Panel>\n</Collapse>'],
  ['Repeater', 'layout', '*', 'on! indexFlag~{{idx}} mode=list|pagination~list', '<Repeater on="$items" indexFlag="{{idx}}">\n</Repeater>'],
  ['Filter', 'layout', '', 'toName! placeholder minlength#~3 style hotkey', '<Filter toName="@"/>'],
  ['Style', 'layout', '', '', '<Style>\n  .part { padding: 8px }\n</Style>'],
  ['Label', 'inside', '', 'value! alias background% hotkey selected? hint maxUsages# showAlias? aliasStyle size selectedColor% granularity=symbol|word html category#', '<Label value="Label"/>'],
  ['Choice', 'inside', 'Choice', 'value! alias hotkey selected? hint color% html style', '<Choice value="Choice"/>'],
  ['Relation', 'inside', '', 'value! background%', '<Relation value="belongs to"/>'],
  ['Bucket', 'inside', '', 'name! title! default?', '<Bucket name="bucket" title="Bucket"/>'],
  ['Panel', 'inside', '*', 'value', '<Panel value="More">\n</Panel>'],
  ['Channel', 'inside', '', 'column! legend units displayFormat height#~200 strokeColor% strokeWidth#~1 markerColor% markerSize#~0 markerSymbol timeRange dataRange showAxis fixedScale?', '<Channel column="value"/>'],
  ['MultiChannel', 'inside', 'Channel', 'height#~200 showAxis?+ showYAxis?+ fixedScale?', '<MultiChannel>\n  <Channel column="value"/>\n</MultiChannel>'],
  ['Shortcut', 'inside', '', 'value! alias hotkey background%', '<Shortcut value="…" alias="dots"/>'],
];

function field(word: string): Field {
  const m = /^([\w.]+)(!?)(\?\+|\?|#|%|=[^~]+)?(!?)(?:~(.+))?$/.exec(word);
  if (!m) throw new Error(`the table of tags has a word it should not: ${word}`);
  const mark = m[3] ?? '', needed = m[2] === '!' || m[4] === '!';
  const kind = mark.startsWith('?') ? 'bool' : mark === '#' ? 'number' : mark === '%' ? 'colour' : mark.startsWith('=') ? 'one' : 'text';
  return { name: m[1]!, kind, needed, options: kind === 'one' ? mark.slice(1).split('|') : [], otherwise: kind === 'bool' ? (mark === '?+' ? 'true' : 'false') : (m[5] ?? '').replace(/_/g, ' ') };
}

const words = (s: string) => s.split(' ').filter(Boolean);

export const table: readonly TagRow[] = rows.map(([tag, group, inside, fields, start]) => ({ tag, group, inside: words(inside), fields: words(fields).map(field), start }));

const byTag = new Map(table.map(r => [r.tag, r]));

export const rowOf = (tag: string): TagRow | undefined => byTag.get(tag);

/** What a person may put into this tag by the form. */
export function mayHold(tag: string, html: boolean): readonly TagRow[] {
  const inside = html ? ['*'] : rowOf(tag)?.inside ?? [];
  if (inside.includes('*')) return table.filter(r => r.group !== 'inside' && r.start);
  return inside.map(t => byTag.get(t)).filter((r): r is TagRow => !!r && r.tag !== 'View' && r.start !== '');
}
