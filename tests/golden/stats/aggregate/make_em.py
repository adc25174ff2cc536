#!/usr/bin/env python3
"""Writes the golden folders of the methods that iterate, from their formulas, in plain Python: no
fused passes, no batches, one dictionary entry per number.  The input is crowd.csv of make.py; every
third task has a known class, which these methods keep while they learn and give up when they answer.

    METHOD/answers.csv        task, label, confidence, tied
    METHOD/workers.csv        worker, answers, weight
"""
import os
from math import exp, log

from make import HERE, K, N, W, crowd

TOL, ROUNDS = 1e-7, 500


def softmax(s):
    m = max(s)
    e = [exp(x - m) for x in s]
    return [x / sum(e) for x in e], m + log(sum(e))


class Crowd:
    def __init__(self):
        self.rows, truth = crowd()
        self.of = [[(w, l) for t, w, l in self.rows if t == i] for i in range(N)]
        self.gold = [truth[i] if i % 3 == 0 else None for i in range(N)]
        self.tasks = [i for i in range(N) if self.of[i]]

    def shares(self):
        q = {}
        for i in self.tasks:
            q[i] = [sum(l == k for _, l in self.of[i]) / len(self.of[i]) for k in range(K)]
            if self.gold[i] is not None:
                q[i] = [float(k == self.gold[i]) for k in range(K)]
        return q

    def expect(self, score):
        """Posteriors and log-likelihood, with the known classes kept; and the answers without."""
        q, free, total = {}, {}, 0
        for i in self.tasks:
            s = score(i)
            free[i], value = softmax(s)
            q[i] = free[i]
            if self.gold[i] is not None:
                q[i] = [float(k == self.gold[i]) for k in range(K)]
                value = s[self.gold[i]]
            total += value
        return q, free, total

    def fit(self, learn):
        """learn(q) gives a score function and what the parameters add to the objective."""
        q, last = self.shares(), None
        for _ in range(ROUNDS):
            score, extra = learn(q)
            q, free, value = self.expect(score)
            if last is not None and value + extra - last < TOL * len(self.rows):
                break
            last = value + extra
        return free


def dawid_skene(c):
    def a(k, l):
        return .1 * K * (.75 / K + (.25 if k == l else 0))

    def learn(q):
        p = [max(sum(q[i][k] for i in q) / len(q), 1e-10) for k in range(K)]
        table, extra = {}, 0
        for j in range(W):
            for k in range(K):
                row = [max(a(k, l), 1e-10) for l in range(K)]
                for i in q:
                    for w, l in c.of[i]:
                        row[l] += q[i][k] if w == j else 0
                for l in range(K):
                    table[j, k, l] = row[l] / sum(row)
                    extra += a(k, l) * log(table[j, k, l])
        return (lambda i: [log(p[k] / sum(p)) + sum(log(table[w, k, l]) for w, l in c.of[i])
                           for k in range(K)]), extra
    return c.fit(learn), [1.] * W


def one_coin(c):
    a, b, skill = 2, 1, {}

    def learn(q):
        extra = 0
        for j in range(W):
            mine = [q[i][l] for i in q for w, l in c.of[i] if w == j]
            skill[j] = (sum(mine) + a) / (len(mine) + a + b)
            extra += a * log(skill[j]) + b * log(1 - skill[j])
        r = dict(skill)
        return (lambda i: [log(1 / K) + sum(log(r[w] if l == k else (1 - r[w]) / (K - 1))
                                            for w, l in c.of[i]) for k in range(K)]), extra
    free = c.fit(learn)
    return free, [log(skill[j] * (K - 1) / (1 - skill[j])) for j in range(W)]


METHODS = [dawid_skene, one_coin]


def median(q):
    cost = [sum(abs(k - m) * x for m, x in enumerate(q)) for k in range(len(q))]
    return cost.index(min(cost)), sum(x - min(cost) < 1e-9 * max(cost) for x in cost) > 1


def write(c, methods, grades=False):
    for method in methods:
        q, weight = method(c)[:2]
        where = os.path.join(HERE, method.__name__.replace('_', '-'))
        os.makedirs(where, exist_ok=True)
        with open(os.path.join(where, 'answers.csv'), 'w') as f:
            f.write('task,label,confidence,tied\n')
            for i in sorted(q):
                top = max(q[i])
                label, tied = median(q[i]) if grades else (q[i].index(top), q[i].count(top) > 1)
                f.write('%d,%d,%.9f,%d\n' % (i, label, top, tied))
        with open(os.path.join(where, 'workers.csv'), 'w') as f:
            f.write('worker,n,weight\n')
            for j in range(W):
                f.write('%d,%d,%.9f\n' % (j, sum(w == j for _, w, _ in c.rows), weight[j]))


if __name__ == '__main__':
    write(Crowd(), METHODS)
