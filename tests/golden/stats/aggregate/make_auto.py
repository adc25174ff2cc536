#!/usr/bin/env python3
"""Writes the golden folder of `auto`: the candidates of make.py, make_em.py and make_models.py fitted
without a fifth of the answers, the tables made anew, the mixture that foretells that fifth best.
"""
import copy

import make_em
import make_models
from make import K, N, W
from make_em import Crowd, dawid_skene, one_coin, write
from make_models import bwa, draw, ebcc, glad, ibcc, mace


def vote(c, weight):
    q = {}
    for i in c.tasks:
        row = [sum(weight[w] for w, l in c.of[i] if l == k) for k in range(K)]
        if not any(row):
            row = [sum(l == k for _, l in c.of[i]) for k in range(K)]
        q[i] = [x / sum(row) for x in row]
    return q


def majority(c):
    return vote(c, [1.] * W), None


def wawa(c):
    first = {i: row.index(max(row)) for i, row in vote(c, [1.] * W).items()}
    skill = []
    for j in range(W):
        mine = [first[i] == l for i in c.tasks for w, l in c.of[i] if w == j]
        skill.append(sum(mine) / len(mine) if mine else .5)
    return vote(c, skill), skill


CANDIDATES = [majority, wawa, one_coin, dawid_skene, glad, mace, ibcc, ebcc, bwa]


def without(c, part):
    """The crowd without one part of the answers, and that part where a task has others."""
    of = {(t, w): int(draw(t, w, 0x6175746f) * 5) for t, w, _ in c.rows}
    rest = copy.deepcopy(c)
    rest.rows = [r for r in c.rows if of[r[0], r[1]] != part]
    rest.of = [[(w, l) for t, w, l in rest.rows if t == i] for i in range(N)]
    rest.tasks = [i for i in range(N) if rest.of[i]]
    return rest, [r for r in sorted(c.rows) if of[r[0], r[1]] == part and rest.of[r[0]]]


def refit(c, q):
    own = {(j, k, l): 0. for j in range(W) for k in range(K) for l in range(K)}
    for i in c.tasks:
        for w, l in c.of[i]:
            for k in range(K):
                own[w, k, l] += q[i][k]
    table = {}
    for k in range(K):
        all = [sum(own[j, k, l] for j in range(W)) + .5 + .5 * (k == l) for l in range(K)]
        for j in range(W):
            row = [own[j, k, l] + 2 * all[l] / sum(all) for l in range(K)]
            for l in range(K):
                table[j, k, l] = row[l] / sum(row)
    return lambda i, j, l: sum(q[i][k] * table[j, k, l] for k in range(K))


def auto(c):
    p = []
    make_em.TOL = make_models.TOL = 1e-6
    for part in range(5):
        rest, held = without(c, part)
        asked = []
        for method in CANDIDATES:
            fit = method(rest, 3) if method is ebcc else method(rest)
            asked.append(fit[2] if method is ebcc else refit(rest, fit[0]))
        p += [[max(f(i, j, l), 1e-12) for f in asked] for i, j, l in held]
    make_em.TOL = make_models.TOL = 1e-7
    m = len(CANDIDATES)
    weight, moved, rounds = [1 / m] * m, 1., 0
    while moved > 1e-5 and rounds < 500:
        new = [1.] * m
        for row in p:
            s = sum(a * b for a, b in zip(weight, row))
            for x in range(m):
                new[x] += weight[x] * row[x] / s
        new = [x / sum(new) for x in new]
        moved = max(abs(a - b) for a, b in zip(new, weight))
        weight, rounds = new, rounds + 1
    weight = [x if x >= .02 else 0. for x in weight]
    q = {i: [0.] * K for i in c.tasks}
    for x, method in zip(weight, CANDIDATES):
        if x:
            for i, row in method(c)[0].items():
                q[i] = [a + x / sum(weight) * b for a, b in zip(q[i], row)]
    return q, [1.] * W


if __name__ == '__main__':
    write(Crowd(), [auto])
