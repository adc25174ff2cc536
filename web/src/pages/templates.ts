/* Our own labelling configs, grouped by kind. Each has a sample task to try it on. */
import type { Drawing } from './art';

export type Group = 'text' | 'image' | 'pairs' | 'talk' | 'forms';
export interface Template { id: string; group: Group; title: string; about: string; art: Drawing; overlap: number; xml: string; sample: Record<string, unknown> }

const letter = 'The parcel came two days late and the box was wet. The lamp itself works, and the person on the phone was kind about it.';
const notice = 'Captain Ines Duarte of the Aurora reported on 4 March that the tug Gaivota had left Porto Velho for Lisbon.';
const scene = '/sample.svg';

export const templates: readonly Template[] = [
  {
    id: 'text-class', group: 'text', title: 'Choose a class', about: 'One class for each text.', art: 'textclass', overlap: 3,
    xml: `<View>
  <Header value="What is this message mainly about?"/>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text" choice="single" required="true" showInline="true">
    <Choice value="Delivery" hotkey="1"/>
    <Choice value="Product" hotkey="2"/>
    <Choice value="Service" hotkey="3"/>
    <Choice value="Something else" hotkey="4"/>
  </Choices>
</View>`,
    sample: { text: letter },
  },
  {
    id: 'text-sentiment', group: 'text', title: 'Mood of a text', about: 'Good, bad or neither, and how sure one is.', art: 'rating', overlap: 3,
    xml: `<View>
  <Text name="text" value="$text"/>
  <Choices name="mood" toName="text" choice="single" required="true" showInline="true">
    <Choice value="Good"/>
    <Choice value="Neither"/>
    <Choice value="Bad"/>
  </Choices>
  <Header value="How sure are you?"/>
  <Rating name="sure" toName="text" maxRating="5"/>
</View>`,
    sample: { text: letter },
  },
  {
    id: 'text-tags', group: 'text', title: 'Several tags', about: 'Everything that applies.', art: 'rubric', overlap: 3,
    xml: `<View>
  <Text name="text" value="$text"/>
  <Header value="Tick everything the text speaks of"/>
  <Choices name="tags" toName="text" choice="multiple">
    <Choice value="Price"/>
    <Choice value="Quality"/>
    <Choice value="Delivery"/>
    <Choice value="Packing"/>
    <Choice value="Staff"/>
  </Choices>
</View>`,
    sample: { text: letter },
  },
  {
    id: 'text-spans', group: 'text', title: 'Mark words', about: 'Names, places and dates in a text.', art: 'spans', overlap: 2,
    xml: `<View>
  <Labels name="entity" toName="text">
    <Label value="Person" hotkey="1"/>
    <Label value="Organisation" hotkey="2"/>
    <Label value="Place" hotkey="3"/>
    <Label value="Date" hotkey="4"/>
  </Labels>
  <Text name="text" value="$text" granularity="word"/>
</View>`,
    sample: { text: notice },
  },
  {
    id: 'text-relations', group: 'text', title: 'Spans and relations', about: 'Who did what with whom.', art: 'relations', overlap: 2,
    xml: `<View>
  <Relations>
    <Relation value="commands"/>
    <Relation value="travels to"/>
    <Relation value="belongs to"/>
  </Relations>
  <Labels name="thing" toName="text">
    <Label value="Person"/>
    <Label value="Ship"/>
    <Label value="Port"/>
  </Labels>
  <Text name="text" value="$text" granularity="word"/>
</View>`,
    sample: { text: notice },
  },
  {
    id: 'text-tree', group: 'text', title: 'A tree of classes', about: 'From coarse to fine.', art: 'tree', overlap: 2,
    xml: `<View>
  <Text name="text" value="$text"/>
  <Taxonomy name="class" toName="text">
    <Choice value="Goods">
      <Choice value="Damaged"/>
      <Choice value="Wrong item"/>
      <Choice value="Missing part"/>
    </Choice>
    <Choice value="Delivery">
      <Choice value="Late"/>
      <Choice value="Lost"/>
    </Choice>
    <Choice value="Praise"/>
  </Taxonomy>
</View>`,
    sample: { text: letter },
  },
  {
    id: 'text-rewrite', group: 'text', title: 'Write or rewrite', about: 'A summary in one’s own words.', art: 'write', overlap: 1,
    xml: `<View>
  <Header value="Read the text, then sum it up in one sentence"/>
  <Text name="text" value="$text"/>
  <TextArea name="summary" toName="text" rows="3" maxSubmissions="1" required="true" placeholder="One sentence"/>
</View>`,
    sample: { text: letter },
  },
  {
    id: 'text-translate', group: 'text', title: 'Check a translation', about: 'Fluent? Complete? A better version.', art: 'form', overlap: 2,
    xml: `<View>
  <Header value="Source"/>
  <Text name="source" value="$source"/>
  <Header value="Translation"/>
  <Text name="target" value="$target"/>
  <Header value="Does it read well?"/>
  <Rating name="fluent" toName="target" maxRating="5"/>
  <Header value="Is everything there?"/>
  <Rating name="complete" toName="target" maxRating="5"/>
  <TextArea name="better" toName="target" rows="3" maxSubmissions="1" placeholder="A better version, if you have one"/>
</View>`,
    sample: { source: 'A chuva parou ao fim da tarde.', target: 'The rain stopped in the late afternoon.' },
  },
  {
    id: 'image-boxes', group: 'image', title: 'Boxes on images', about: 'One box around each thing.', art: 'boxes', overlap: 2,
    xml: `<View>
  <Image name="img" value="$image" zoom="true"/>
  <RectangleLabels name="box" toName="img">
    <Label value="Car" hotkey="1"/>
    <Label value="Person" hotkey="2"/>
    <Label value="Tree" hotkey="3"/>
  </RectangleLabels>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-boxes-more', group: 'image', title: 'Boxes with questions', about: 'A question for every box.', art: 'boxes', overlap: 2,
    xml: `<View>
  <Image name="img" value="$image" zoom="true"/>
  <RectangleLabels name="box" toName="img">
    <Label value="Car"/>
    <Label value="Person"/>
  </RectangleLabels>
  <Choices name="hidden" toName="img" perRegion="true" required="true" showInline="true">
    <Choice value="Nothing hidden"/>
    <Choice value="Under half"/>
    <Choice value="Over half"/>
  </Choices>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-polygon', group: 'image', title: 'Outlines', about: 'Polygons around areas.', art: 'polygon', overlap: 2,
    xml: `<View>
  <Image name="img" value="$image" zoom="true"/>
  <PolygonLabels name="area" toName="img">
    <Label value="Road"/>
    <Label value="Building"/>
    <Label value="Plants"/>
  </PolygonLabels>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-brush', group: 'image', title: 'Paint areas', about: 'A brush for what has no straight edge.', art: 'brush', overlap: 2,
    xml: `<View>
  <Image name="img" value="$image" zoom="true"/>
  <BrushLabels name="mask" toName="img">
    <Label value="Water"/>
    <Label value="Cloud"/>
  </BrushLabels>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-points', group: 'image', title: 'Points', about: 'Named points, as on a body.', art: 'points', overlap: 2,
    xml: `<View>
  <Image name="img" value="$image" zoom="true"/>
  <KeyPointLabels name="point" toName="img">
    <Label value="Head"/>
    <Label value="Hand"/>
    <Label value="Foot"/>
  </KeyPointLabels>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-class', group: 'image', title: 'Class of an image', about: 'What the picture shows.', art: 'choose', overlap: 3,
    xml: `<View>
  <Image name="img" value="$image"/>
  <Choices name="shows" toName="img" choice="single" required="true" showInline="true">
    <Choice value="Street"/>
    <Choice value="Harbour"/>
    <Choice value="Indoors"/>
    <Choice value="Cannot tell"/>
  </Choices>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-caption', group: 'image', title: 'Describe an image', about: 'One sentence a person could draw from.', art: 'write', overlap: 1,
    xml: `<View>
  <Image name="img" value="$image"/>
  <TextArea name="caption" toName="img" rows="2" maxSubmissions="1" required="true" placeholder="One sentence"/>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'pair-answers', group: 'pairs', title: 'Compare answers', about: 'Which of two answers is better, and why.', art: 'compare', overlap: 3,
    xml: `<View>
  <Header value="Which answer helps more?"/>
  <Text name="prompt" value="$prompt"/>
  <Pairwise name="better" toName="first,second"/>
  <Text name="first" value="$answer_a"/>
  <Text name="second" value="$answer_b"/>
  <TextArea name="why" toName="prompt" rows="2" maxSubmissions="1" placeholder="Why?"/>
</View>`,
    sample: { prompt: 'How do I get candle wax out of a tablecloth?', answer_a: 'Let it harden, scrape it off, then iron the rest into kitchen paper.', answer_b: 'Wash it at 30 degrees.' },
  },
  {
    id: 'pair-images', group: 'pairs', title: 'Compare images', about: 'Which of two pictures fits the words.', art: 'compare', overlap: 3,
    xml: `<View>
  <Header value="Which picture fits the words better?"/>
  <Text name="words" value="$words"/>
  <Pairwise name="better" toName="first,second"/>
  <Image name="first" value="$image_a"/>
  <Image name="second" value="$image_b"/>
</View>`,
    sample: { words: 'A red car beside a tree', image_a: scene, image_b: scene },
  },
  {
    id: 'answer-rubric', group: 'pairs', title: 'Grade by rubric', about: 'Several criteria for one answer.', art: 'rubric', overlap: 3,
    xml: `<View>
  <Text name="prompt" value="$prompt"/>
  <Header value="Answer"/>
  <Text name="answer" value="$answer"/>
  <Header value="Correct"/>
  <Rating name="correct" toName="answer" maxRating="5" required="true"/>
  <Header value="Complete"/>
  <Rating name="complete" toName="answer" maxRating="5" required="true"/>
  <Header value="Anything unsafe in it?"/>
  <Choices name="unsafe" toName="answer" choice="single" required="true" showInline="true">
    <Choice value="No"/>
    <Choice value="Yes"/>
  </Choices>
</View>`,
    sample: { prompt: 'Why is the sky blue?', answer: 'Air scatters short waves of light more than long ones, so blue comes to us from all sides.' },
  },
  {
    id: 'rank', group: 'pairs', title: 'Put in order', about: 'Best first.', art: 'rank', overlap: 3,
    xml: `<View>
  <Text name="question" value="$question"/>
  <List name="answers" value="$answers" title="Answers"/>
  <Ranker name="order" toName="answers"/>
</View>`,
    sample: { question: 'What should a visitor see first?', answers: [{ id: 'a', title: 'The harbour', body: 'Ships and fish stalls.' }, { id: 'b', title: 'The tower', body: 'A view over the bay.' }, { id: 'c', title: 'The market', body: 'Open until noon.' }] },
  },
  {
    id: 'talk-turns', group: 'talk', title: 'Turns of a conversation', about: 'Mark passages in a dialogue.', art: 'talk', overlap: 2,
    xml: `<View>
  <ParagraphLabels name="act" toName="talk">
    <Label value="Question"/>
    <Label value="Promise"/>
    <Label value="Complaint"/>
  </ParagraphLabels>
  <Paragraphs name="talk" value="$talk" nameKey="who" textKey="says" layout="dialogue"/>
</View>`,
    sample: { talk: [{ who: 'Guest', says: 'My room has no light.' }, { who: 'Desk', says: 'I will send someone within ten minutes.' }] },
  },
  {
    id: 'talk-goal', group: 'talk', title: 'Was it solved?', about: 'Judge a whole conversation.', art: 'talk', overlap: 3,
    xml: `<View>
  <Paragraphs name="talk" value="$talk" nameKey="who" textKey="says" layout="dialogue"/>
  <Header value="Was the guest’s problem solved?"/>
  <Choices name="solved" toName="talk" choice="single" required="true" showInline="true">
    <Choice value="Yes"/>
    <Choice value="Partly"/>
    <Choice value="No"/>
  </Choices>
  <Rating name="tone" toName="talk" maxRating="5"/>
</View>`,
    sample: { talk: [{ who: 'Guest', says: 'My room has no light.' }, { who: 'Desk', says: 'I will send someone within ten minutes.' }, { who: 'Guest', says: 'It works now, thank you.' }] },
  },
  {
    id: 'form-entry', group: 'forms', title: 'Read a document', about: 'A picture of a form, its fields typed in.', art: 'form', overlap: 2,
    xml: `<View>
  <Image name="page" value="$image" zoom="true"/>
  <Header value="Name as written"/>
  <TextArea name="name" toName="page" rows="1" maxSubmissions="1" required="true"/>
  <Header value="Date on the document"/>
  <DateTime name="date" toName="page" only="date"/>
  <Header value="Total"/>
  <Number name="total" toName="page" min="0" step="0.01"/>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'form-facts', group: 'forms', title: 'Check a claim', about: 'True, false or not to be told, with the passage.', art: 'rubric', overlap: 3,
    xml: `<View>
  <Header value="Claim"/>
  <Text name="claim" value="$claim"/>
  <Header value="Source"/>
  <Labels name="proof" toName="source">
    <Label value="Supports"/>
    <Label value="Contradicts"/>
  </Labels>
  <Text name="source" value="$source" granularity="word"/>
  <Choices name="verdict" toName="claim" choice="single" required="true" showInline="true">
    <Choice value="True"/>
    <Choice value="False"/>
    <Choice value="Cannot be told"/>
  </Choices>
</View>`,
    sample: { claim: 'The tug left for Lisbon.', source: notice },
  },
  {
    id: 'blank', group: 'forms', title: 'Start empty', about: 'Paste a config, or write your own.', art: 'blank', overlap: 1,
    xml: `<View>
  <Text name="text" value="$text"/>
</View>`,
    sample: { text: letter },
  },
];

/** A task to try any config on: each `$field` gets a value that fits the tag that reads it. */
export function sampleFor(xml: string): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [, tag, attrs] of xml.matchAll(/<([A-Za-z]+)\b([^<>]*)>/g)) {
    const m = /\b(?:value|valueList)\s*=\s*["']\$([\w.]+)/.exec(attrs ?? '');
    if (!m) continue;
    const field = m[1]!.split('.')[0]!, kind = tag!.toLowerCase();
    if (field in out) continue;
    out[field] = kind === 'image' ? scene
      : kind === 'paragraphs' ? [{ author: 'A', text: 'Good morning.' }, { author: 'B', text: 'Good morning to you.' }]
        : kind === 'list' ? [{ id: '1', title: 'First' }, { id: '2', title: 'Second' }]
          : kind === 'choices' || kind === 'labels' ? [{ value: 'One' }, { value: 'Two' }]
            : letter;
  }
  return out;
}
