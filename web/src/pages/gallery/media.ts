/* Templates: Sound, video and measured values. */
import { type Template } from './sample';

export const media: readonly Template[] = [
  {
    id: 'sound-write', group: 'media', art: 'speech', overlap: 2,
    xml: `<View>
  <Audio name="audio" value="$audio"/>
  <TextArea name="words" toName="audio" rows="4" maxSubmissions="1" required="true" placeholder="What is said"/>
  <Choices name="clear" toName="audio" choice="single" required="true" showInline="true">
    <Choice value="Clear"/>
    <Choice value="Hard to follow"/>
    <Choice value="Nothing is said"/>
  </Choices>
</View>`,
    sample: { audio: '/sample.wav' },
  },
  {
    id: 'sound-class', group: 'media', art: 'speech', overlap: 3,
    xml: `<View>
  <Audio name="audio" value="$audio"/>
  <Choices name="sound" toName="audio" choice="single" required="true" showInline="true">
    <Choice value="Speech" hotkey="1"/>
    <Choice value="Music" hotkey="2"/>
    <Choice value="Noise" hotkey="3"/>
    <Choice value="Silence" hotkey="4"/>
  </Choices>
</View>`,
    sample: { audio: '/sample.wav' },
  },
  {
    id: 'sound-turns', group: 'media', art: 'speech', overlap: 2, later: 'part',
    xml: `<View>
  <Labels name="speaker" toName="audio">
    <Label value="Speaker 1"/>
    <Label value="Speaker 2"/>
  </Labels>
  <Audio name="audio" value="$audio"/>
  <TextArea name="words" toName="audio" perRegion="true" rows="2" maxSubmissions="1" editable="true"/>
</View>`,
    sample: { audio: '/sample.wav' },
  },
  {
    id: 'video-class', group: 'media', art: 'film', overlap: 3,
    xml: `<View>
  <Video name="video" value="$video"/>
  <Choices name="shows" toName="video" choice="single" required="true" showInline="true">
    <Choice value="Something moves"/>
    <Choice value="Nothing moves"/>
    <Choice value="Cannot tell"/>
  </Choices>
</View>`,
    sample: { video: '/sample.webm' },
  },
  {
    id: 'video-moments', group: 'media', art: 'film', overlap: 2, later: 'part',
    xml: `<View>
  <Video name="video" value="$video" frameRate="12"/>
  <TimelineLabels name="moment" toName="video">
    <Label value="Arrives"/>
    <Label value="Leaves"/>
  </TimelineLabels>
</View>`,
    sample: { video: '/sample.webm' },
  },
  {
    id: 'video-boxes', group: 'media', art: 'film', overlap: 2, later: 'part',
    xml: `<View>
  <Labels name="thing" toName="video">
    <Label value="Car"/>
    <Label value="Person"/>
  </Labels>
  <Video name="video" value="$video" frameRate="12"/>
  <VideoRectangle name="box" toName="video"/>
</View>`,
    sample: { video: '/sample.webm' },
  },
  {
    id: 'series-parts', group: 'media', art: 'series', overlap: 2, later: 'notice',
    xml: `<View>
  <TimeSeriesLabels name="event" toName="series">
    <Label value="Rise"/>
    <Label value="Fall"/>
    <Label value="Fault"/>
  </TimeSeriesLabels>
  <TimeSeries name="series" value="$series" valueType="json" timeColumn="time">
    <Channel column="level" legend="Water level" units="m"/>
  </TimeSeries>
</View>`,
    sample: { series: { time: [0, 1, 2, 3, 4, 5, 6, 7], level: [1.2, 1.3, 1.8, 2.6, 2.7, 2.1, 1.5, 1.3] } },
  },
];
