#!/usr/bin/env python3
"""Writes the golden folders of src/stats: the same methods once more, from their formulas, in plain
Python with fractions instead of floating point.  Run it only when a formula changes; the C code is
then compared with what stands here, never the other way round.

    crowd.csv                 the input: 60 tasks, 5 answers each, 4 classes, 20 people, seed 7;
                              some answers dropped, task 59 without any
    gold.csv                  the truth of every third task
    METHOD/answers.csv        task, label, confidence, tied
    METHOD/workers.csv        worker, answers, weight
"""
import os
from fractions import Fraction as F

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
N, R, K, W, SEED = 60, 5, 4, 20, 7


def draw(stream, i):
    z = (SEED * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def crowd():
    truth = [int(draw(1, t) * K) for t in range(N)]
    rows = []
    for t in range(N):
        base = int(draw(3, t) * W)
        for j in range(R):
            i = t * R + j
            w = (base + j * (W // R)) % W
            right = draw(4, i) < 0.35 + 0.6 * draw(2, w)
            label = truth[t] if right else (truth[t] + 1 + int(draw(5, i) * (K - 1))) % K
            if t != N - 1 and i % 7:
                rows.append((t, w, label))
    return rows, truth


def vote(rows, weight):
    """task -> list of sums per class; where all weights are 0 the votes count alike."""
    sums = {}
    for t, w, l in rows:
        sums.setdefault(t, [F(0)] * K)[l] += weight[w]
    for t in sums:
        if not any(sums[t]):
            for u, _, l in rows:
                sums[t][l] += u == t
    return sums


def top(s):
    return s.index(max(s))


def agreement(rows, answer, none):
    out = []
    for j in range(W):
        mine = [answer[t] == l for t, w, l in rows if w == j]
        out.append(F(sum(mine), len(mine)) if mine else none)
    return out


def majority(rows, truth):
    return [F(1)] * W


def wawa(rows, truth):
    first = {t: top(s) for t, s in vote(rows, [F(1)] * W).items()}
    return agreement(rows, first, F(1, 2))


def zbs(rows, truth):
    skill, rate = [F(1, K) + F(1, 100000)] * W, F(1)
    for n in range(1, 101):
        answer = {t: top(s) for t, s in vote(rows, skill).items()}
        right = agreement(rows, answer, F(1, K))
        skill = [(s + rate * (r - s)).limit_denominator(10 ** 15) for s, r in zip(skill, right)]
        if n % 20 == 0:
            rate /= 2
    return skill


def gold_majority(rows, truth):
    """The truth of every third task is known."""
    out = []
    for j in range(W):
        mine = [truth[t] == l for t, w, l in rows if w == j and t % 3 == 0]
        out.append((F(1, 2) + sum(mine)) / (1 + len(mine)))
    return out


def main():
    rows, truth = crowd()
    with open(os.path.join(HERE, "crowd.csv"), "w") as f:
        f.write("task,worker,label\n" + "".join("%d,%d,%d\n" % r for r in rows))
    with open(os.path.join(HERE, "gold.csv"), "w") as f:
        f.write("task,label\n" + "".join("%d,%d\n" % (t, truth[t]) for t in range(0, N, 3)))
    for method in (majority, wawa, zbs, gold_majority):
        weight = method(rows, truth)
        where = os.path.join(HERE, method.__name__.replace('_', '-'))
        os.makedirs(where, exist_ok=True)
        with open(os.path.join(where, "answers.csv"), "w") as f:
            f.write("task,label,confidence,tied\n")
            for t, s in sorted(vote(rows, weight).items()):
                f.write("%d,%d,%.9f,%d\n" % (t, top(s), max(s) / sum(s), s.count(max(s)) > 1))
        with open(os.path.join(where, "workers.csv"), "w") as f:
            f.write("worker,n,weight\n")
            for j in range(W):
                f.write("%d,%d,%.9f\n" % (j, sum(w == j for _, w, _ in rows), weight[j]))


if __name__ == "__main__":
    main()
