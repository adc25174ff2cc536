/* Templates: Documents and checks. */
import { letter, notice, scene, type Template } from './sample';

export const forms: readonly Template[] = [
  {
    id: 'form-entry', group: 'forms', art: 'form', overlap: 2,
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
    id: 'form-facts', group: 'forms', art: 'rubric', overlap: 3,
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
    id: 'table-check', group: 'forms', art: 'table', overlap: 2,
    xml: `<View>
  <Table name="record" value="$record"/>
  <Choices name="right" toName="record" choice="single" required="true" showInline="true">
    <Choice value="All right"/>
    <Choice value="Something is wrong"/>
  </Choices>
  <TextArea name="instead" toName="record" rows="2" maxSubmissions="1" placeholder="What it should say"/>
</View>`,
    sample: { record: { name: 'Aurora', kind: 'Tug', built: 1987, port: 'Lisbon' } },
  },
  {
    id: 'product', group: 'forms', art: 'tree', overlap: 2,
    xml: `<View>
  <Image name="img" value="$image"/>
  <Text name="text" value="$text"/>
  <Taxonomy name="class" toName="text" required="true" leafsOnly="true" placeholder="Where it belongs">
    <Choice value="Home">
      <Choice value="Lamps"/>
      <Choice value="Textiles"/>
    </Choice>
    <Choice value="Outside">
      <Choice value="Garden"/>
      <Choice value="Boats"/>
    </Choice>
  </Taxonomy>
  <Number name="price" toName="text" min="0" step="0.01"/>
  <DateTime name="year" toName="text" only="year" min="1900" max="2100"/>
</View>`,
    sample: { image: scene, text: 'Reading lamp, brass, made in 1987, good as new. 35.' },
  },
  {
    id: 'page-class', group: 'forms', art: 'page', overlap: 2, later: 'notice',
    xml: `<View>
  <Pdf name="pdf" value="$pdf"/>
  <Choices name="kind" toName="pdf" choice="single" required="true" showInline="true">
    <Choice value="Invoice"/>
    <Choice value="Letter"/>
    <Choice value="Contract"/>
    <Choice value="Something else"/>
  </Choices>
</View>`,
    sample: { pdf: '/sample.pdf' },
  },
  {
    id: 'blank', group: 'forms', art: 'blank', overlap: 1,
    xml: `<View>
  <Text name="text" value="$text"/>
</View>`,
    sample: { text: letter },
  },
];
