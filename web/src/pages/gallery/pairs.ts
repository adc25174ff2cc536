/* Templates: Comparing and grading. */
import { notice, scene, type Template } from './sample';

export const pairs: readonly Template[] = [
  {
    id: 'pair-answers', group: 'pairs', art: 'compare', overlap: 3,
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
    id: 'pair-images', group: 'pairs', art: 'compare', overlap: 3,
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
    id: 'answer-rubric', group: 'pairs', art: 'rubric', overlap: 3,
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
    id: 'rank', group: 'pairs', art: 'rank', overlap: 3,
    xml: `<View>
  <Text name="question" value="$question"/>
  <List name="answers" value="$answers" title="Answers"/>
  <Ranker name="order" toName="answers"/>
</View>`,
    sample: { question: 'What should a visitor see first?', answers: [{ id: 'a', title: 'The harbour', body: 'Ships and fish stalls.' }, { id: 'b', title: 'The tower', body: 'A view over the bay.' }, { id: 'c', title: 'The market', body: 'Open until noon.' }] },
  },
  {
    id: 'answer-steps', group: 'pairs', art: 'steps', overlap: 3,
    xml: `<View>
  <Header value="Question"/>
  <Text name="question" value="$question"/>
  <ParagraphLabels name="step" toName="steps">
    <Label value="Right" hotkey="1" background="#17703d"/>
    <Label value="Wrong" hotkey="2" background="#a9231b"/>
    <Label value="Beside the point" hotkey="3" background="#7d5200"/>
  </ParagraphLabels>
  <Paragraphs name="steps" value="$steps" nameKey="step" textKey="says" layout="dialogue"/>
  <Choices name="result" toName="question" choice="single" required="true" showInline="true">
    <Choice value="The result is right"/>
    <Choice value="The result is wrong"/>
  </Choices>
</View>`,
    sample: { question: 'A ferry leaves every 40 minutes from 8:00. Which is the first after 10:30?', steps: [{ step: 'Step 1', says: 'Departures are at 8:00, 8:40, 9:20, 10:00.' }, { step: 'Step 2', says: 'The next one after 10:00 is 10:40.' }, { step: 'Step 3', says: 'So the answer is 10:40.' }] },
  },
  {
    id: 'answer-source', group: 'pairs', art: 'form', overlap: 3,
    xml: `<View>
  <Header value="Question"/>
  <Text name="question" value="$question"/>
  <Header value="Source"/>
  <Text name="source" value="$source"/>
  <Header value="Answer: mark what the source does not say"/>
  <Labels name="flaw" toName="answer">
    <Label value="Not in the source" hotkey="1"/>
    <Label value="Against the source" hotkey="2"/>
  </Labels>
  <Text name="answer" value="$answer" granularity="word"/>
  <Rating name="helps" toName="answer" maxRating="5" required="true"/>
</View>`,
    sample: { question: 'Who left, and when?', source: notice, answer: 'The tug Gaivota left Porto Velho for Lisbon on 4 March with two sailors.' },
  },
  {
    id: 'sort-buckets', group: 'pairs', art: 'rank', overlap: 3,
    xml: `<View>
  <Text name="question" value="$question"/>
  <List name="answers" value="$answers" title="Found"/>
  <Ranker name="sorted" toName="answers">
    <Bucket name="keep" title="Keep" default="true"/>
    <Bucket name="doubt" title="Doubtful"/>
    <Bucket name="out" title="Leave out"/>
  </Ranker>
</View>`,
    sample: { question: 'Which pages help with: removing candle wax?', answers: [{ id: 'a', title: 'Wax and cloth', body: 'Iron it into kitchen paper.' }, { id: 'b', title: 'Candles for sale', body: 'Forty colours.' }, { id: 'c', title: 'Stains of all kinds', body: 'Wine, grass, wax.' }] },
  },
];
