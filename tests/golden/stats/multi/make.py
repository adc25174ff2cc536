#!/usr/bin/env python3
"""Writes the golden folders of sets of classes, from the formulas, in plain Python: one dictionary
entry per question (task, class), answered yes or no.  Run it only when a formula changes.

    input.csv                       task, worker, label: a set is written a|b, an empty cell is the empty set
    METHOD/expected.csv             task, label, confidence (the least probability of its decisions)
    METHOD/expected-posterior.csv   task, label, probability
    METHOD/expected-workers.csv     worker, n, skill

METHOD is majority, dawid-skene, and dawid-skene-apart where each class is fitted alone.  The crowd: 30
tasks, 5 answers each, 8 people, 4 classes; some are careful, some see too much, some too little.
"""
import os
import random
from math import exp, log

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = 'abcd'
TASKS, PEOPLE, EACH = 30, 8, 5
TOL, ROUNDS = 1e-7, 500


def crowd():
    chance = random.Random(11)
    share = {'a': .6, 'b': .4, 'c': .3, 'd': .15}
    miss = [.05 + .05 * w for w in range(PEOPLE)]
    alarm = [.02 + .06 * ((5 * w) % PEOPLE) for w in range(PEOPLE)]
    rows = []
    for t in range(TASKS):
        truth = {k for k in CLASSES if chance.random() < share[k]}
        for w in sorted(chance.sample(range(PEOPLE), EACH)):
            said = [k for k in CLASSES if chance.random() < (1 - miss[w] if k in truth else alarm[w])]
            rows.append((t, w, said))
    return rows


def questions(rows, classes):
    """(task, class) -> {worker: 0 or 1}"""
    out = {}
    for t, w, said in rows:
        for k in classes:
            out.setdefault((t, k), {})[w] = int(k in said)
    return out


def majority(asked):
    return {c: sum(said.values()) / len(said) for c, said in asked.items()}


def dawid_skene(asked):
    """Rows of a worker's table take .2 pseudo votes, a quarter of them on the diagonal."""
    pseudo = [[.2 * (.75 / 2 + (.25 if k == l else 0)) for l in (0, 1)] for k in (0, 1)]
    votes = sum(len(said) for said in asked.values())
    yes, last = majority(asked), None
    for _ in range(ROUNDS):
        prior = sum(yes.values()) / len(yes)
        prior = [1 - prior, prior]
        table, extra = {}, 0
        for w in range(PEOPLE):
            for k in (0, 1):
                row = list(pseudo[k])
                for c, said in asked.items():
                    if w in said:
                        row[said[w]] += yes[c] if k else 1 - yes[c]
                for l in (0, 1):
                    table[w, k, l] = row[l] / sum(row)
                    extra += pseudo[k][l] * log(table[w, k, l])
        value, new = 0, {}
        for c, said in asked.items():
            s = [log(prior[k]) + sum(log(table[w, k, l]) for w, l in said.items()) for k in (0, 1)]
            top = max(s)
            both = sum(exp(x - top) for x in s)
            new[c] = exp(s[1] - top) / both
            value += top + log(both)
        yes = new
        if last is not None and value + extra - last < TOL * votes:
            break
        last = value + extra
    return yes


def apart(rows, method):
    out = {}
    for k in CLASSES:
        out.update(method(questions(rows, k)))
    return out


def write(name, rows, yes):
    where = os.path.join(HERE, name)
    os.makedirs(where, exist_ok=True)
    tasks = sorted({t for t, _, _ in rows})
    with open(os.path.join(where, 'expected.csv'), 'w') as f:
        f.write('task,label,confidence\n')
        for t in tasks:
            q = {k: yes[t, k] for k in CLASSES}
            f.write('%d,%s,%.9f\n' % (t, '|'.join(k for k in CLASSES if q[k] > .5),
                                      min(max(x, 1 - x) for x in q.values())))
    with open(os.path.join(where, 'expected-posterior.csv'), 'w') as f:
        f.write('task,label,probability\n')
        for t in tasks:
            for k in CLASSES:
                f.write('%d,%s,%.9f\n' % (t, k, yes[t, k]))
    with open(os.path.join(where, 'expected-workers.csv'), 'w') as f:
        f.write('worker,n,skill\n')
        for w in range(PEOPLE):
            right = [yes[t, k] if k in said else 1 - yes[t, k]
                     for t, j, said in rows if j == w for k in CLASSES]
            f.write('%d,%d,%.9f\n' % (w, len(right), sum(right) / len(right)))


if __name__ == '__main__':
    ROWS = crowd()
    with open(os.path.join(HERE, 'input.csv'), 'w') as out:
        out.write('task,worker,label\n')
        for task, worker, answer in ROWS:
            out.write('%d,%d,%s\n' % (task, worker, '|'.join(answer)))
    write('majority', ROWS, majority(questions(ROWS, CLASSES)))
    write('dawid-skene', ROWS, dawid_skene(questions(ROWS, CLASSES)))
    write('dawid-skene-apart', ROWS, apart(ROWS, dawid_skene))
