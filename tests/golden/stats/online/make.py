#!/usr/bin/env python3
"""Writes posterior.csv: tasks with the answers and the skills of those who gave them, and what to
believe afterwards, in exact fractions by multiplying the chances out.  The first three are Toloka's
printed examples.

    case, classes, answers, skills, label, confidence      answers and skills are parted by blanks
"""
import os
from fractions import Fraction as F

HERE = os.path.dirname(os.path.abspath(__file__))


def believe(classes, answers, skills):
    p = [F(1)] * classes
    for a, q in zip(answers, skills):
        for x in range(classes):
            p[x] *= q if x == a else (1 - q) / (classes - 1)
    best = max(p)
    return p.index(best), best / sum(p)


def main():
    cases = [(3, [0, 0], [70, 90]), (3, [0, 1], [70, 90]), (3, [0, 1, 1], [70, 90, 80])]
    state = 12345
    for n in range(40):
        row = []
        for _ in range(2 + n % 9):
            state = (state * 1103515245 + 12345) % (1 << 31)
            row.append((state >> 8))
        classes = 2 + n % 7
        cases.append((classes, [r % classes for r in row], [5 + r // 64 % 91 for r in row]))
    with open(os.path.join(HERE, "posterior.csv"), "w") as f:
        f.write("case,classes,answers,skills,label,confidence\n")
        for n, (classes, answers, skills) in enumerate(cases):
            label, confidence = believe(classes, answers, [F(s, 100) for s in skills])
            f.write("%d,%d,%s,%s,%d,%.12f\n" % (n, classes, " ".join(map(str, answers)),
                    " ".join("%.2f" % (s / 100) for s in skills), label, confidence))


main()
