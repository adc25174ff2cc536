#!/usr/bin/env python3
"""check.py ANNOTARY [DATA [PART ...]] -- our figures beside those of crowd-kit, krippendorff, snorkel and cleanlab.

Prints a JSON list of {name, value, unit, bar, better}; a value is a difference.  Made-up crowds always,
the public sets of DATA where they are.  A peer that cannot be imported gives one row without a value
and without a bar, and a note on stderr.  cleanlab is asked beside the Python module of sdk/python,
with the library that `tools/build stats` made (or ANNOTARY_STATS_LIB).
"""
import os
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import csv, importlib, json, subprocess, sys, tempfile, traceback, warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN, DATA = sys.argv[1], os.path.join(sys.argv[2] if len(sys.argv) > 2 else os.path.join(ROOT, "../shared"), "data")
out = []


def row(name, value, unit, bar=None, better="lower"):
    out.append({"name": "check." + name, "value": None if value is None else float(value), "unit": unit,
                "bar": bar, "better": better})


def annotary(*args):
    subprocess.run([BIN, *map(str, args)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)


def read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


# ------------------------------------------------------------------ crowds

def crowd(rng, tasks, workers, answers, classes, least=.35):
    """Every worker right with a probability of their own; wrong answers lean to the next class."""
    skill = rng.uniform(least, .95, workers)
    truth = rng.integers(classes, size=tasks)
    rows = []
    for t in range(tasks):
        for w in rng.choice(workers, answers, replace=False):
            step = 1 if rng.random() < .6 else rng.integers(1, classes)
            label = truth[t] if rng.random() < skill[w] else (truth[t] + step) % classes
            rows.append((f"t{t:05}", f"w{w:03}", str(label)))
    return pd.DataFrame(rows, columns=["task", "worker", "label"])


def crowds():
    yield "made_up", crowd(np.random.default_rng(5), 1500, 40, 5, 4)
    for name in ("bluebird", "rte", "dog", "web", "zencrowd_us"):
        path = f"{DATA}/categorical/{name}/labels.csv"
        if os.path.exists(path):
            yield name, read(path).drop_duplicates(["task", "worker"], keep="last")


def ours(rows, work, method, *more):
    """task x class posterior of one of our methods, and whether it had come to rest."""
    rows.to_csv(f"{work}/labels.csv", index=False)
    annotary("aggregate", f"{work}/labels.csv", "--method", method, *more, "-o", f"{work}/out.csv",
             "--posterior", f"{work}/q.csv", "--json", f"{work}/report.json")
    with open(f"{work}/report.json") as f:
        rests = json.load(f)["converged"]
    q = pd.read_csv(f"{work}/q.csv", dtype={"task": str, "label": str})
    return q.pivot(index="task", columns="label", values="probability").fillna(0), rests


def other_answers(mine, theirs):
    """Share of tasks with another answer, those aside where either sees a tie."""
    theirs = theirs.reindex(index=mine.index, columns=mine.columns).fillna(0)
    a, b = np.sort(mine.to_numpy(), 1), np.sort(theirs.to_numpy(), 1)
    clear = (a[:, -1] - a[:, -2] > 1e-9) & (b[:, -1] - b[:, -2] > 1e-9)
    differs = mine.to_numpy().argmax(1) != theirs.to_numpy().argmax(1)
    return (differs & clear).mean(), np.abs(mine.to_numpy() - theirs.to_numpy()).max()


def crowd_kit(work):
    from crowdkit.aggregation import DawidSkene, MajorityVote, Wawa, ZeroBasedSkill
    votes = (("majority", MajorityVote), ("wawa", Wawa), ("zbs", ZeroBasedSkill))
    worst = {}
    for name, rows in crowds():
        for method, peer in votes:
            share = other_answers(ours(rows, work, method)[0], peer().fit_predict_proba(rows))[0]
            worst[method] = max(worst.get(method, 0), share)
        # Its stop watches a sum that may fall while the fit improves; so it is taken away.
        long = DawidSkene(n_iter=100, tol=-np.inf).fit_predict_proba(rows)
        rests = ours(rows, work, "dawid-skene", "--prior", 0, "--max-iter", 100, "--tol", 1e-9)[1]
        q, _ = ours(rows, work, "dawid-skene", "--prior", 0, "--max-iter", 100, "--tol", 0)
        share, far = other_answers(q, long)
        row(f"crowdkit.ds.{name}", far, "posterior, at most" if rests else "still moving", 1e-4 if rests else None)
        worst["ds"] = max(worst.get("ds", 0), share)
    for method, share in worst.items():
        row(f"crowdkit.{method}", share, "of answers differ", 0)


# ------------------------------------------------------------------ agreement

def krippendorff(work):
    import krippendorff as peer
    rng = np.random.default_rng(9)
    worst = dict.fromkeys(("nominal", "ordinal", "interval", "ratio"), 0)
    for _ in range(12):
        raters, units, classes = rng.integers(2, 7), rng.integers(8, 60), rng.integers(2, 8)
        hidden = rng.integers(1, classes + 1, units)
        noise = rng.integers(1, classes + 1, (raters, units))
        table = np.where(rng.random((raters, units)) < rng.uniform(.2, .9), hidden, noise).astype(float)
        table[rng.random(table.shape) < rng.uniform(0, .4)] = np.nan
        with open(f"{work}/labels.csv", "w", newline="") as f:
            to = csv.writer(f)
            to.writerow(["task", "worker", "label"])
            to.writerows([u, w, int(table[w, u])] for u in range(units) for w in range(raters)
                         if not np.isnan(table[w, u]))
        for distance in worst:
            annotary("agree", f"{work}/labels.csv", "--method", "alpha", "--distance", distance, "--rounds", 0,
                     "-o", f"{work}/out.csv")
            mine = float(read(f"{work}/out.csv").value[0])
            worst[distance] = max(worst[distance],
                                  abs(mine - peer.alpha(table, level_of_measurement=distance)))
    for distance, far in worst.items():
        row(f"krippendorff.{distance}", far, "alpha, at most", 1e-6)


# ------------------------------------------------------------------ weak supervision

def functions(rng, n):
    """Ten labelling functions of two classes, right in 60 to 90 %, silent on most rows."""
    truth = (rng.random(n) < .4).astype(int)
    right = rng.random((n, 10)) < np.linspace(.6, .9, 10)
    votes = np.where(rng.random((n, 10)) < .4, np.where(right, truth[:, None], 1 - truth[:, None]), -1)
    return votes, truth


def weak_sets():
    rng = np.random.default_rng(3)
    yield "made_up", *functions(rng, 2000), *functions(rng, 2000)
    for name, train, test in (("fs_video", "train", "dev"), ("sms_rules", "validation", "test"),
                              ("youtube", "train", "test")):
        if os.path.exists(f"{DATA}/weak/{name}/{train}.csv"):
            parts = [read(f"{DATA}/weak/{name}/{p}.csv") for p in (train, test)]
            votes = [p[[c for c in p if c.startswith("lf")]].astype(int).to_numpy() for p in parts]
            yield name, votes[0], None, votes[1], parts[1].label.astype(int).to_numpy()


def snorkel(work):
    from snorkel.labeling.model import LabelModel
    for name, train, _, test, truth in weak_sets():
        for path, votes in ((f"{work}/train.csv", train), (f"{work}/test.csv", test)):
            pd.DataFrame(votes, columns=[f"lf{j}" for j in range(votes.shape[1])]).to_csv(path, index=False)
        for how, balance in (("even", [.5, .5]), ("balance", list(np.bincount(truth, minlength=2) / len(truth)))):
            annotary("weak", f"{work}/train.csv", "--method", "metal", "--apply", f"{work}/test.csv",
                     "--balance", ",".join(map(str, balance)), "-o", f"{work}/out.csv")
            mine = read(f"{work}/out.csv").label.replace("", "0").astype(int).to_numpy()
            voted = (test >= 0).any(1)                  # without a vote: class 0 for both
            for epochs in (100, 500):                   # its default, and what its makers' examples take
                peer = LabelModel(cardinality=2, verbose=False)
                peer.fit(train, n_epochs=epochs, seed=123, class_balance=balance, progress_bar=False)
                theirs = peer.predict_proba(test).argmax(1)
                right = [np.where(voted, x, 0) == truth for x in (mine, theirs)]
                row(f"snorkel.{name}.{how}.{epochs}", right[0].mean() - right[1].mean(), "accuracy, ours - its", -.01,
                    "higher")


# ------------------------------------------------------------------ wrong labels

def stats_module():
    os.environ.setdefault("ANNOTARY_STATS_LIB", os.path.join(ROOT, "build/stats/out/lib/libannotary_stats.so.0"))
    sys.path.insert(0, os.path.join(ROOT, "sdk/python"))
    return importlib.import_module("annotary.stats")


def noisy(rng, n, k):
    """Labels of which one in ten is wrong, and what a fair model would say of them."""
    truth = rng.integers(k, size=n)
    given = np.where(rng.random(n) < .1, rng.integers(k, size=n), truth)
    z = rng.normal(size=(n, k)) + 2.5 * np.eye(k)[truth]
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return truth, given, p


def cleanlab(work):
    from cleanlab.count import compute_confident_joint
    from cleanlab.filter import find_label_issues
    from cleanlab.multiannotator import get_label_quality_multiannotator
    from cleanlab.rank import get_label_quality_scores
    stats = stats_module()
    truth, given, p = noisy(np.random.default_rng(4), 2000, 5)
    for find in ("prune_by_class", "prune_by_noise_rate", "both", "confident_learning", "predicted_neq_given",
                 "low_normalized_margin", "low_self_confidence"):
        mine = stats.confident_learning(given, p, find=find).found
        theirs = find_label_issues(given, p, filter_by=find, n_jobs=1)
        row(f"cleanlab.{find}", (mine != theirs).sum(), "rows differ", 0)
    joint = stats.confident_learning(given, p).calibrated
    row("cleanlab.joint", np.abs(joint.astype(float) - compute_confident_joint(given, p)).max(), "rows, at most", 0)
    for name, theirs in (("self-confidence", "self_confidence"), ("normalized-margin", "normalized_margin"),
                         ("weighted-entropy", "confidence_weighted_entropy")):
        far = np.abs(stats.confident_learning(given, p, score=name).score
                     - get_label_quality_scores(given, p, method=theirs)).max()
        row(f"cleanlab.{theirs}", far, "score, at most", 1e-6)

    rng = np.random.default_rng(8)
    skill, table = rng.uniform(.4, .95, 12), np.full((len(p), 12), np.nan)
    for t in range(len(p)):
        for w in rng.choice(12, rng.integers(1, 5), replace=False):
            table[t, w] = truth[t] if rng.random() < skill[w] else rng.integers(p.shape[1])
    task, worker = np.nonzero(~np.isnan(table))
    label = table[task, worker].astype(int)
    mine = stats.crowdlab(task, worker, label, p, classes=p.shape[1])
    theirs = get_label_quality_multiannotator(pd.DataFrame(table), p, verbose=False)
    theirs, people = theirs["label_quality"], theirs["annotator_stats"].sort_index()
    row("cleanlab.crowdlab", (theirs.consensus_label.to_numpy() != mine.label_id).mean(), "of answers differ", 0)
    row("cleanlab.crowdlab_quality", np.abs(theirs.consensus_quality_score - mine.quality).max(), "quality, at most",
        1e-6)
    row("cleanlab.crowdlab_people", np.abs(people.annotator_quality.to_numpy() - mine.workers["quality"]).max(),
        "quality, at most", 1e-6)


def main():
    for part in (crowd_kit, krippendorff, snorkel, cleanlab):
        if sys.argv[3:] and part.__name__ not in sys.argv[3:]:
            continue
        had = len(out)
        with tempfile.TemporaryDirectory() as work:
            try:
                part(work)
            except Exception as e:
                del out[had:]
                row(part.__name__, None, "not compared")
                print(f"{part.__name__} is left out: {type(e).__name__}: {e}", file=sys.stderr)
                if not isinstance(e, ImportError):
                    traceback.print_exc()
    json.dump(out, sys.stdout, indent=1)
    print()


main()
