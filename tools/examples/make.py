#!/usr/bin/env python3
"""Writes examples/: four sample projects of 60 tasks each, with their hidden truth.

    tools/examples/make.py [FOLDER]         default: examples/ of the project

Python's standard library only, one fixed seed: the same bytes every time.  Everything is written or
drawn for this project; no person, company or place in it exists.  Each folder gets

    config.xml      the labelling config
    tasks.jsonl     one task a line: {"data": {"id": …, …}}
    truth.jsonl     the truth in the same order: {"id": …, "result": […]}, Label Studio's shape
    README.md       what it is and where it comes from

Offsets of spans count UTF-16 units, as browsers do; boxes are in percent of the picture.
"""
import json
import os
import random
import sys

import answers
import messages
import scenes
import sentences

N = 60
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples")

CONFIGS = {
    "text-classification": """<View>
  <Header value="What is this message about?"/>
  <Text name="message" value="$text"/>
  <Choices name="topic" toName="message" choice="single" required="true" showInline="true">
    <Choice value="Delivery" hotkey="1" hint="Where it is, when and how it comes"/>
    <Choice value="Payment" hotkey="2" hint="Prices, invoices, charges, refunds of money"/>
    <Choice value="Returns" hotkey="3" hint="Sending something back or exchanging it"/>
    <Choice value="Product" hotkey="4" hint="The thing itself: what it is, how it works"/>
    <Choice value="Account" hotkey="5" hint="Signing in, profile, newsletter, privacy"/>
  </Choices>
</View>
""",
    "text-spans": """<View>
  <Header value="Mark every person, place, organisation and date"/>
  <Labels name="name" toName="note">
    <Label value="Person" hotkey="1"/>
    <Label value="Place" hotkey="2"/>
    <Label value="Organisation" hotkey="3"/>
    <Label value="Date" hotkey="4"/>
  </Labels>
  <Text name="note" value="$text" granularity="word"/>
</View>
""",
    "image-boxes": """<View>
  <Header value="Draw a box around each boat, car, bus and person"/>
  <Image name="picture" value="$image" zoom="true"/>
  <RectangleLabels name="thing" toName="picture">
    <Label value="Boat" hotkey="1"/>
    <Label value="Car" hotkey="2"/>
    <Label value="Bus" hotkey="3"/>
    <Label value="Person" hotkey="4"/>
  </RectangleLabels>
</View>
""",
    "pairwise": """<View>
  <Header value="Which answer serves the person better?"/>
  <Text name="question" value="$question"/>
  <Pairwise name="better" toName="answer_a,answer_b"/>
  <Text name="answer_a" value="$answer_a"/>
  <Text name="answer_b" value="$answer_b"/>
</View>
""",
}

ABOUT = {
    "text-classification": ("Messages to a shop", "Sixty short messages to an imaginary shop, each "
                            "about one of five topics.", "written"),
    "text-spans": ("Names in notes", "Sixty notes from an imaginary county. Every person, place, "
                   "organisation and date is marked; all of them are invented. The word “the” "
                   "belongs to a name only where the truth says so, and some notes hold no name at "
                   "all or an emoji, which counts as two units.", "written"),
    "image-boxes": ("Harbours and streets", "Sixty drawn pictures of harbours and streets with two "
                    "to six boats, cars, buses and people.", "drawn"),
    "pairwise": ("Which answer is better", "Sixty questions with two answers each, one of them "
                 "better: correct where the other is wrong, helpful where the other is empty, or to "
                 "the point where the other is not. Task data names the kind in `kind`.", "written"),
}


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


def classification(rnd, where):
    rows = []
    for topic in messages.TOPICS:
        for text in messages.MESSAGES[topic]:
            rows.append((topic, text.format(item=rnd.choice(messages.ITEMS),
                                            day=rnd.choice(messages.DAYS),
                                            no="#%d" % rnd.randint(10400, 98900))))
    rnd.shuffle(rows)
    for topic, text in rows[:N]:
        yield {"text": text}, [{"from_name": "topic", "to_name": "message", "type": "choices",
                                "value": {"choices": [topic]}}]


NAMES = {"P": ("Person", sentences.PERSONS), "L": ("Place", sentences.PLACES),
         "O": ("Organisation", sentences.ORGS), "D": ("Date", sentences.DATES),
         "W": ("Date", sentences.WHEN)}
EMOJI = ["🎉 ", "📌 "]


def fill(rnd, template, text, used, spans):
    """Appends one sentence to text, with a name for each slot, none twice."""
    at = 0
    while True:
        slot = template.find("{", at)
        if slot < 0:
            return text + template[at:]
        text += template[at:slot]
        label, pool = NAMES[template[slot + 1]]
        name = rnd.choice([n for n in pool if n not in used])
        used.add(name)
        if not text or text.endswith((". ", "🎉 ", "📌 ")):
            name = name[0].upper() + name[1:]
        if name[:3] in ("in ", "In "):
            text, name = text + name[:3], name[3:]
        spans.append((utf16(text), utf16(text) + utf16(name), name, label))
        text += name
        at = slot + 3


def notes(rnd, where):
    order = []
    while len(order) < 2 * N:
        again = list(sentences.SENTENCES)
        rnd.shuffle(again)
        order += again
    for k in range(N):
        spans, used = [], set()
        text = fill(rnd, order.pop(), EMOJI[k // 9 % 2] if k % 9 == 4 else "", used, spans)
        if rnd.random() < .55:
            text = fill(rnd, order.pop(), text + " ", used, spans)
        yield {"text": text}, [
            {"id": "s%d" % (n + 1), "from_name": "name", "to_name": "note", "type": "labels",
             "value": {"start": a, "end": b, "text": name, "labels": [label]}}
            for n, (a, b, name, label) in enumerate(spans)]


def pictures(rnd, where):
    os.makedirs(os.path.join(where, "images"), exist_ok=True)
    for k in range(N):
        draw = scenes.street if k % 2 else scenes.harbour
        while True:
            picture, things = draw(rnd)
            if len(things) >= 2:
                break
        name = "images/%03d.png" % (k + 1)
        with open(os.path.join(where, name), "wb") as f:
            f.write(picture.png())
        yield {"image": name, "scene": "street" if k % 2 else "harbour"}, [
            {"id": "b%d" % (n + 1), "from_name": "thing", "to_name": "picture",
             "type": "rectanglelabels", "original_width": scenes.W, "original_height": scenes.H,
             "image_rotation": 0,
             "value": {"x": round(x0 / scenes.W * 100, 3), "y": round(y0 / scenes.H * 100, 3),
                       "width": round((x1 - x0) / scenes.W * 100, 3),
                       "height": round((y1 - y0) / scenes.H * 100, 3), "rotation": 0,
                       "rectanglelabels": [label]}}
            for n, (label, (x0, y0, x1, y1)) in enumerate(things)]


def comparisons(rnd, where):
    rows = answers.PAIRS + answers.sums(rnd)
    rnd.shuffle(rows)
    sides = ["left", "right"] * (N // 2)
    rnd.shuffle(sides)
    for (question, good, bad, kind), side in zip(rows[:N], sides):
        a, b = (good, bad) if side == "left" else (bad, good)
        yield {"question": question, "answer_a": a, "answer_b": b, "kind": kind}, [
            {"from_name": "better", "to_name": "answer_a,answer_b", "type": "pairwise",
             "value": {"selected": side}}]


MAKERS = {"text-classification": ("message", classification), "text-spans": ("note", notes),
          "image-boxes": ("picture", pictures), "pairwise": ("question", comparisons)}


def check(data, result):
    """What the truth says must be there: the words under each span, a box inside its picture."""
    for v in (r["value"] for r in result):
        if "start" in v:
            units = data["text"].encode("utf-16-le")
            assert units[2 * v["start"]:2 * v["end"]].decode("utf-16-le") == v["text"], v
        if "width" in v:
            assert v["x"] >= 0 and v["y"] >= 0 and v["width"] > 0 and v["height"] > 0, v
            assert v["x"] + v["width"] <= 100 and v["y"] + v["height"] <= 100, v


def write(root, folder):
    where = os.path.join(root, folder)
    os.makedirs(where, exist_ok=True)
    stem, make = MAKERS[folder]
    tasks, truth = [], []
    for k, (data, result) in enumerate(make(random.Random("annotary " + folder), where)):
        key = "%s-%03d" % (stem, k + 1)
        check(data, result)
        tasks.append({"data": {"id": key, **data}})
        truth.append({"id": key, "result": result})
    assert len(tasks) == N, (folder, len(tasks))
    for name, rows in (("tasks.jsonl", tasks), ("truth.jsonl", truth)):
        with open(os.path.join(where, name), "w", encoding="utf-8") as f:
            f.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in rows)
    title, text, how = ABOUT[folder]
    with open(os.path.join(where, "config.xml"), "w", encoding="utf-8") as f:
        f.write(CONFIGS[folder])
    with open(os.path.join(where, "README.md"), "w", encoding="utf-8") as f:
        f.write("# %s\n\n%s\n\nOrigin: %s for this project by `tools/examples/make.py`, under the "
                "project's licence.\n" % (title, text, how))


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else ROOT
    for folder in CONFIGS:
        write(root, folder)


main()
