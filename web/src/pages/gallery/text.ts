/* Templates: Text. */
import { letter, notice, type Template } from './sample';

export const text: readonly Template[] = [
  {
    id: 'text-class', group: 'text', art: 'textclass', overlap: 3,
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
    id: 'text-sentiment', group: 'text', art: 'rating', overlap: 3,
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
    id: 'text-tags', group: 'text', art: 'rubric', overlap: 3,
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
    id: 'text-spans', group: 'text', art: 'spans', overlap: 2,
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
    id: 'text-relations', group: 'text', art: 'relations', overlap: 2,
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
    id: 'text-tree', group: 'text', art: 'tree', overlap: 2,
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
    id: 'text-rewrite', group: 'text', art: 'write', overlap: 1,
    xml: `<View>
  <Header value="Read the text, then sum it up in one sentence"/>
  <Text name="text" value="$text"/>
  <TextArea name="summary" toName="text" rows="3" maxSubmissions="1" required="true" placeholder="One sentence"/>
</View>`,
    sample: { text: letter },
  },
  {
    id: 'text-translate', group: 'text', art: 'form', overlap: 2,
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
    id: 'text-question', group: 'text', art: 'spans', overlap: 2,
    xml: `<View>
  <Header value="Question"/>
  <Text name="question" value="$question"/>
  <Header value="Mark the words that answer it"/>
  <Labels name="answer" toName="text">
    <Label value="Answer" hotkey="1"/>
  </Labels>
  <Text name="text" value="$text" granularity="word"/>
  <Choices name="found" toName="question" choice="single" required="true" showInline="true">
    <Choice value="The text answers it"/>
    <Choice value="Only in part"/>
    <Choice value="It does not"/>
  </Choices>
</View>`,
    sample: { question: 'Where was the tug going?', text: notice },
  },
  {
    id: 'text-moderate', group: 'text', art: 'shield', overlap: 3,
    xml: `<View>
  <Text name="text" value="$text"/>
  <Choices name="verdict" toName="text" choice="single" required="true" showInline="true">
    <Choice value="Fine" hotkey="1"/>
    <Choice value="Not allowed" hotkey="2"/>
    <Choice value="Cannot tell" hotkey="3"/>
  </Choices>
  <View visibleWhen="choice-selected" whenTagName="verdict" whenChoiceValue="Not allowed">
    <Header value="Why?"/>
    <Choices name="why" toName="text" choice="multiple" required="true">
      <Choice value="Insult"/>
      <Choice value="Threat"/>
      <Choice value="Private data"/>
      <Choice value="Advertising"/>
    </Choices>
    <Header value="How bad is it?"/>
    <Rating name="bad" toName="text" maxRating="3"/>
  </View>
</View>`,
    sample: { text: letter },
  },
  {
    id: 'text-html', group: 'text', art: 'spans', overlap: 2,
    xml: `<View>
  <HyperTextLabels name="part" toName="page">
    <Label value="Price"/>
    <Label value="Condition"/>
    <Label value="Contact"/>
  </HyperTextLabels>
  <HyperText name="page" value="$html"/>
</View>`,
    sample: { html: '<h2>Room by the harbour</h2><p>From <b>60</b> a night, breakfast included. Write to the desk to book.</p>' },
  },
];
