/* Templates: Images. */
import { scene, type Template } from './sample';

export const image: readonly Template[] = [
  {
    id: 'image-boxes', group: 'image', art: 'boxes', overlap: 2,
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
    id: 'image-boxes-more', group: 'image', art: 'boxes', overlap: 2,
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
    id: 'image-polygon', group: 'image', art: 'polygon', overlap: 2,
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
    id: 'image-brush', group: 'image', art: 'brush', overlap: 2,
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
    id: 'image-points', group: 'image', art: 'points', overlap: 2,
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
    id: 'image-class', group: 'image', art: 'choose', overlap: 3,
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
    id: 'image-caption', group: 'image', art: 'write', overlap: 1,
    xml: `<View>
  <Image name="img" value="$image"/>
  <TextArea name="caption" toName="img" rows="2" maxSubmissions="1" required="true" placeholder="One sentence"/>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-ocr', group: 'image', art: 'ocr', overlap: 2,
    xml: `<View>
  <Image name="img" value="$image" zoom="true"/>
  <RectangleLabels name="kind" toName="img">
    <Label value="Printed"/>
    <Label value="Written by hand"/>
  </RectangleLabels>
  <TextArea name="text" toName="img" perRegion="true" required="true" rows="1" maxSubmissions="1" editable="true" placeholder="What it says"/>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-ellipse', group: 'image', art: 'ellipse', overlap: 2,
    xml: `<View>
  <Image name="img" value="$image" zoom="true"/>
  <EllipseLabels name="round" toName="img">
    <Label value="Wheel"/>
    <Label value="Crown of a tree"/>
  </EllipseLabels>
</View>`,
    sample: { image: scene },
  },
  {
    id: 'image-quality', group: 'image', art: 'shield', overlap: 3,
    xml: `<View>
  <Image name="img" value="$image" zoom="true"/>
  <Choices name="usable" toName="img" choice="single" required="true" showInline="true">
    <Choice value="Usable" hotkey="1"/>
    <Choice value="Not usable" hotkey="2"/>
  </Choices>
  <Choices name="flaw" toName="img" choice="multiple">
    <Choice value="Blurred"/>
    <Choice value="Too dark"/>
    <Choice value="Cut off"/>
    <Choice value="Writing over it"/>
  </Choices>
</View>`,
    sample: { image: scene },
  },
];
