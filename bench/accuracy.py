#!/usr/bin/env python3
"""accuracy.py [PART …] -- the measured tables of docs/manual/which-method.md, as Markdown.

Runs the commands of annotary with their default options on the public sets of ANNOTARY_TESTDATA
(../shared); parts are labels, numbers, text, masks, tags, weak, pairs.  Prints accuracy and the CPU
seconds of the whole command.  Only figures leave the data: no row of it is printed or kept.

accuracy.py --pictures FOLDER draws the pictures of the page instead, from a crowd that is made up.
"""
import csv
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.environ.get("ANNOTARY_BIN", os.path.join(ROOT, "build/annotary"))
DATA = os.path.join(os.environ.get("ANNOTARY_TESTDATA", os.path.join(ROOT, "../shared")), "data")
SETS = ("barzan bluebird cf d_possent d_product dog labelme music_style rte s_adult s_rel sp temp web "
        "zencrowd_us").split()
METHODS = ("majority wawa zbs dawid-skene one-coin glad mace kos mmsr ibcc ebcc bwa pm catd fast-ds "
           "ordinal-ds auto").split()
GRADED = ("s_adult", "s_rel", "web")        # classes that are grades in order
PUBLISHED = SETS[1:6] + ["music_style", "rte", "sp", "web", "zencrowd_us"]


def run(*args):
    """The CPU seconds of one command, or None where the method refuses the data."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([BIN, *args], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode == 3:
        return None
    if done.returncode:
        raise SystemExit(f"annotary {' '.join(args)}: {done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def report(work):
    with open(f"{work}/report.json") as f:
        return json.load(f)


def table(head, lines):
    """Numbers stand right, the best of a line (marked by the caller) is bold."""
    print("\n| " + " | ".join(head) + " |\n|---|" + "--:|" * (len(head) - 1))
    for line in lines:
        print("| " + " | ".join(line) + " |", flush=True)


def bold(values, form, least=False):
    known = [v for v in values if v is not None]
    best = form.format((min if least else max)(known))
    text = ["–" if v is None else form.format(v) for v in values]
    return [f"**{t}**" if t == best else t for t in text]


def mean(values):
    values = list(values)
    return None if None in values or not values else sum(values) / len(values)


# ------------------------------------------------------------------ the parts

def labels(work):
    share, spent = {}, {}
    for name in SETS:
        for method in METHODS:
            share[method, name] = None
            if method == "ordinal-ds" and name not in GRADED:
                continue
            at = f"{DATA}/categorical/{name}"
            cpu = run("aggregate", f"{at}/labels.csv", "--method", method, "--gold", f"{at}/truth.csv",
                      "-o", f"{work}/out.csv", "--json", f"{work}/report.json")
            if cpu is not None:
                share[method, name] = 100 * report(work)["gold"]["accuracy_ties_split"]
                spent[method] = spent.get(method, 0) + cpu
    best = {s: "{:.2f}".format(max(share[m, s] or 0 for m in METHODS)) for s in SETS}
    print("\nAccuracy in percent, ties split evenly; the mean is over the ten sets published elsewhere.")
    lines = []
    for method in METHODS:
        cells = ["–" if share[method, s] is None else "{:.2f}".format(share[method, s]) for s in SETS]
        cells = [f"**{c}**" if c == best[s] else c for c, s in zip(cells, SETS)]
        whole = mean(share[method, s] for s in PUBLISHED)
        lines.append([f"`{method}`", *cells, "–" if whole is None else f"{whole:.2f}", f"{spent[method]:.2f}"])
    table(["", *SETS, "mean", "CPU s, all"], lines)


def numbers(work):
    sets = ["n_emotion"] + ["snow_" + s for s in ("anger", "disgust", "joy", "sadness", "valence")]
    methods = ["mean", "median", "trimmed", "gaussian", "catd", "pm"]
    error = {}
    for name in sets:
        for method in methods:
            at = f"{DATA}/numeric/{name}"
            more = ["--numbers"] if method in ("catd", "pm") else []
            run("aggregate", f"{at}/labels.csv", "--method", method, "--gold", f"{at}/truth.csv", *more,
                "-o", f"{work}/out.csv", "--json", f"{work}/report.json")
            error[name, method] = report(work)["gold"]["rmse"]
    print("\nNumbers: root mean square error.")
    table(["", *(f"`{m}`" for m in methods)],
          [[s, *bold([error[s, m] for m in methods], "{:.2f}", True)] for s in sets])


def words(text):
    return re.sub(r"[^\w' ]+", " ", text.lower()).split()


def distance(a, b):
    line = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, line[0] = line[0], i
        for j, y in enumerate(b, 1):
            corner, line[j] = line[j], min(corner + (x != y), line[j] + 1, line[j - 1] + 1)
    return line[-1]


def text(work):
    methods = ["rover", "medoid", "rasa", "hrrasa", "exact"]
    sets = [("crowdspeech_dev_clean", 600), ("crowdwsa_j1", None), ("crowdwsa_t1", None)]
    lines = []
    for name, first in sets:
        at, errors = f"{DATA}/text/{name}", []
        truth = {r["task"]: words(r["label"]) for r in rows(f"{at}/truth.csv")[:first]}
        some = [r for r in rows(f"{at}/labels.csv") if r["task"] in truth]
        with open(f"{work}/some.csv", "w", newline="", encoding="utf-8") as f:
            out = csv.DictWriter(f, ["task", "worker", "label"], extrasaction="ignore")
            out.writeheader()
            out.writerows(some)
        for method in methods:
            run("merge", "text", f"{work}/some.csv", "--method", method, "-o", f"{work}/out.csv")
            said = {r["task"]: words(r["label"]) for r in rows(f"{work}/out.csv")}
            errors.append(sum(distance(said.get(t, []), w) for t, w in truth.items())
                          / sum(map(len, truth.values())))
        lines.append([name, *bold(errors, "{:.4f}", True)])
    print("\nTexts: word errors per word of the truth (crowdspeech: its first 600 texts).")
    table(["", *(f"`{m}`" for m in methods)], lines)


def pixels(runs):
    on, at, out = False, 0, set()
    for n in map(int, runs.split()):
        if on:
            out.update(range(at, at + n))
        at, on = at + n, not on
    return out


def masks(work):
    at, line = f"{DATA}/segmentation/ellipses_a", []
    truth = {r["task"]: pixels(r["rle"]) for r in rows(f"{at}/truth.csv")}

    def iou(mine):
        return mean(len(a & truth[t]) / max(1, len(a | truth[t])) for t, a in mine)

    single = iou([(r["task"], pixels(r["rle"])) for r in rows(f"{at}/labels.csv")])
    methods = ["majority", "weighted", "staple"]
    for method in methods:
        run("merge", "masks", f"{at}/labels.csv", "--width", "64", "--height", "64", "--method", method,
            "-o", f"{work}/out.csv")
        line.append(iou([(r["task"], pixels(r["rle"])) for r in rows(f"{work}/out.csv")]))
    print("\nMasks: mean IoU with the truth.")
    table(["", "one person", *(f"`{m}`" for m in methods)], [["ellipses_a", f"{single:.4f}", *bold(line, "{:.4f}")]])


def tags(work):
    """Tags on tokens have no command; the unit test prints what the library gives."""
    test = os.path.join(ROOT, "build/asan/tests/unit/test_stats_sequence")
    if not os.path.exists(test):
        print("\nTags on tokens: left out; build build/asan/tests/unit/test_stats_sequence first.")
        return
    env = dict(os.environ, ANNOTARY_TESTDATA=os.path.dirname(DATA), ANNOTARY_SOURCE=ROOT)
    said = subprocess.run([test], capture_output=True, text=True, env=env)
    found = re.findall(r"(\S+) +P ([\d.]+) R ([\d.]+) F1 ([\d.]+)", said.stdout + said.stderr)
    print("\nTags on tokens (conll_crowd_val): exact spans.")
    table(["", "precision", "recall", "F1"], [[f"`{m[0]}`", *m[1:]] for m in found])


def weak(work):
    methods, lines = ["majority", "ds-abstain", "triplet", "metal"], []
    for name, train, test in (("fs_video", "train", "dev"), ("sms_rules", "validation", "test"),
                              ("youtube", "train", "test")):
        at = f"{DATA}/weak/{name}"
        truth = {r["task"]: r["label"] for r in rows(f"{at}/{test}.csv")}
        for how, fit, more in ((f"alone ({test})", test, ["--no-gold"]), (f"on {train}", train, [])):
            line = []
            for method in methods:
                run("weak", f"{at}/{fit}.csv", "--method", method, *more, "--apply", f"{at}/{test}.csv",
                    "-o", f"{work}/out.csv")
                got = rows(f"{work}/out.csv")           # an answer to no vote at all counts as class 0
                line.append(100 * mean((r["label"] or "0") == truth[r["task"]] for r in got))
            lines.append([name, how, *bold(line, "{:.2f}")])
    print("\nWeak supervision: accuracy in percent; rows without a vote count as class 0.")
    table(["", "fitted", *(f"`{m}`" for m in methods)], lines)


def pairs(work):
    fit, later = f"{DATA}/pairwise/football_2010_2021/pairs.csv", f"{DATA}/pairwise/football_2022_2023/pairs.csv"
    lines = []
    for method in ("bt", "bt-davidson", "bt-rao-kupper", "plackett-luce", "elo", "trueskill"):
        for home in (["--home"], []) if method.startswith("bt") else ([],):
            cpu = run("rank", fit, "--method", method, *home, "--test", later, "-o", f"{work}/out.csv",
                      "--intervals", "none", "--json", f"{work}/report.json")
            got = report(work)["test"]
            lines.append([f"`{method}{' --home' if home else ''}`", f"{got['logloss']:.4f}",
                          f"{100 * got['accuracy']:.1f}", f"{cpu:.2f}"])
    print("\nComparisons (football, 2010 to 2021 foretells 2022 and 2023; ties left out of the score).")
    table(["", "log-loss", "winners foretold, %", "CPU s"], lines)


# ------------------------------------------------------------------ the pictures

def pictures(folder, work):
    """Eighteen people of every quality and two who guess, 600 tasks of four classes; eight models compared."""
    chance, classes = random.Random(11), ["bird", "cat", "dog", "fox"]
    skill = [.92 - .03 * w for w in range(18)] + [.25, .25]
    with open(f"{work}/labels.csv", "w") as f, open(f"{work}/truth.csv", "w") as gold:
        f.write("task,worker,label\n")
        gold.write("task,label\n")
        for t in range(600):
            truth = chance.choice(classes)
            gold.write(f"{t},{truth}\n")
            for w in chance.sample(range(20), 3):
                right = chance.random() < skill[w]
                label = truth if right else chance.choice([c for c in classes if c != truth])
                f.write(f"{t},w{w + 1:02},{label}\n")
    run("aggregate", f"{work}/labels.csv", "--method", "dawid-skene", "--gold", f"{work}/truth.csv",
        "-o", f"{work}/out.csv", "--plot", f"{folder}/skills.svg")
    with open(f"{work}/pairs.csv", "w") as f:
        f.write("left,right,label\n")
        for _ in range(900):
            a, b = chance.sample(range(8), 2)
            a_wins = chance.random() < 1 / (1 + 2 ** (.6 * (a - b)))
            label = "tie" if chance.random() < .15 else f"model {'ABCDEFGH'[a if a_wins else b]}"
            f.write(f"model {'ABCDEFGH'[a]},model {'ABCDEFGH'[b]},{label}\n")
    run("rank", f"{work}/pairs.csv", "--method", "bt", "-o", f"{work}/out.csv", "--plot", f"{folder}/ranking.svg")


def main():
    parts = {"labels": labels, "numbers": numbers, "text": text, "masks": masks, "tags": tags, "weak": weak,
             "pairs": pairs}
    with tempfile.TemporaryDirectory() as work:
        if sys.argv[1:2] == ["--pictures"]:
            pictures(sys.argv[2], work)
            return
        for name in sys.argv[1:] or parts:
            parts[name](work)


main()
