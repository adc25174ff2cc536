/* Templates: Conversations. */
import { type Template } from './sample';

export const talk: readonly Template[] = [
  {
    id: 'talk-turns', group: 'talk', art: 'talk', overlap: 2,
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
    id: 'talk-goal', group: 'talk', art: 'talk', overlap: 3,
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
    id: 'talk-reply', group: 'talk', art: 'write', overlap: 1,
    xml: `<View>
  <Paragraphs name="talk" value="$talk" nameKey="who" textKey="says" layout="dialogue"/>
  <Header value="What should the desk say next?"/>
  <TextArea name="reply" toName="talk" rows="4" maxSubmissions="1" required="true" placeholder="The reply"/>
</View>`,
    sample: { talk: [{ who: 'Guest', says: 'My room has no light.' }, { who: 'Desk', says: 'Which room are you in?' }, { who: 'Guest', says: '214, on the harbour side.' }] },
  },
];
