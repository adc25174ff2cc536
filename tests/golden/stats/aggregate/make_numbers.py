#!/usr/bin/env python3
"""Writes numbers.csv and the golden folders of the methods for numbers, from their formulas, in plain
Python.

    numbers.csv               the input: 40 tasks, about 5 answers each, 12 people with a bias and a
                              spread of their own; one task has a single answer
    METHOD/numbers.csv        task, label (the value), error
    METHOD/numbers-workers.csv  worker, n, bias, spread, weight
"""
import os
from math import exp, lgamma, log, sqrt

from make import HERE, draw

N, W = 40, 12
TOL, ROUNDS = 1e-7, 500


def normal(stream, i):
    return sum(draw(stream, 12 * i + k) for k in range(12)) - 6


def numbers():
    rows = []
    for t in range(N):
        for j in range(W):
            i = t * W + j
            if draw(21, i) < .42 if t else j == 3:
                x = 10 * normal(22, t) + (j - 5) + (1 + j / 2) * normal(23, i)
                rows.append((t, j, round(x, 3)))
    return rows


ROWS = numbers()
OF = [[(j, x) for t, j, x in ROWS if t == i] for i in range(N)]
BY = [[(t, x) for t, k, x in ROWS if k == j] for j in range(W)]


def means(weight):
    return [sum(weight[j] * x for j, x in a) / sum(weight[j] for j, _ in a) for a in OF]


def mean():
    return means([1] * W), [0] * W, [1] * W, None


def median():
    out = []
    for a in OF:
        v = sorted(x for _, x in a)
        n = len(v)
        out.append((v[(n - 1) // 2] + v[n // 2]) / 2)
    return out, [0] * W, [1] * W, None


def trimmed():
    out = []
    for a in OF:
        v = sorted(x for _, x in a)
        cut = int(.2 * len(v))
        v = v[cut:len(v) - cut]
        out.append(sum(v) / len(v))
    return out, [0] * W, [1] * W, None


def gaussian():
    z = means([1] * W)
    V = sum((x - z[t]) ** 2 for t, _, x in ROWS) / sum(len(a) - 1 for a in OF)
    m = sum(z) / N
    t2 = sum((x - m) ** 2 for x in z) / (N - 1)
    c, a, v, last = [m] * W, [1] * W, [V] * W, None
    for _ in range(ROUNDS):
        sure = [1 / t2 + sum(a[j] ** 2 / v[j] for j, _ in r) for r in OF]
        top = [sum(a[j] * (x - c[j]) / v[j] for j, x in r) for r in OF]
        d = [x / y for x, y in zip(top, sure)]
        value = -sum(11 * log(v[j]) + 9 * V / v[j] + 2 * (c[j] - m) ** 2 / V + (a[j] - 1) ** 2 / .06
                     for j in range(W))
        for t, r in enumerate(OF):      # a normal vector, by its inverse and determinant
            value -= (sum(log(v[j]) for j, _ in r) + log(t2 * sure[t])
                      + sum((x - c[j]) ** 2 / v[j] for j, x in r) - top[t] ** 2 / sure[t]) / 2
        if last is not None and value - last < TOL * len(ROWS):
            break
        last = value
        for j, r in enumerate(BY):
            cc, ca = 4 / V + len(r) / v[j], sum(d[t] for t, _ in r) / v[j]
            aa = 1 / .03 + sum(d[t] ** 2 + 1 / sure[t] for t, _ in r) / v[j]
            rc = 4 * m / V + sum(x for _, x in r) / v[j]
            ra = 1 / .03 + sum(x * d[t] for t, x in r) / v[j]
            c[j] = (rc * aa - ra * ca) / (cc * aa - ca * ca)
            a[j] = (cc * ra - ca * rc) / (cc * aa - ca * ca)
            v[j] = (18 * V + sum((x - c[j] - a[j] * d[t]) ** 2 + a[j] ** 2 / sure[t] for t, x in r)
                    ) / (len(r) + 22)
    return ([m + x for x in d], [x - m for x in c], [x * x * V / y for x, y in zip(a, v)],
            [sqrt(1 / x) for x in sure])


def chi2_cdf(x, k):
    """By its series: enough for the degrees of freedom that occur here."""
    a, x = k / 2, x / 2
    term = total = 1 / a
    n = 0
    while term > total * 1e-17:
        n += 1
        term *= x / (a + n)
        total += term
    return total * exp(a * log(x) - x - lgamma(a))


def chi2_quantile(p, k):
    lo, hi = 1e-12, 1000.
    for _ in range(200):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if chi2_cdf(mid, k) < p else (lo, mid)
    return (lo + hi) / 2


def weighted(rule):
    z = means([1] * W)
    every = [x for _, _, x in ROWS]
    centre = sum(every) / len(every)
    unit = sqrt(sum((x - centre) ** 2 for x in every) / len(every))
    for _ in range(ROUNDS):
        weight = rule(z)
        new = means(weight)
        moved = max(abs(x - y) for x, y in zip(new, z)) / unit
        z = new
        if _ > 0 and moved <= TOL:
            break
    return z, [0] * W, weight, None


def pooled(z):
    return sum((x - z[t]) ** 2 for t, _, x in ROWS if len(OF[t]) > 1) / sum(len(a) - 1 for a in OF)


def catd():
    least = 1e-3 * pooled(means([1] * W))
    return weighted(lambda z: [chi2_quantile(.025, len(a))
                               / max(sum((x - z[t]) ** 2 for t, x in a), len(a) * least)
                               for a in BY])


def pm():
    scale = []
    for a in OF:
        m = sum(x for _, x in a) / len(a)
        s = sum((x - m) ** 2 for _, x in a) / len(a)
        scale.append(s if s > 0 else 1)

    def rule(z):
        d = [max(sum((x - z[t]) ** 2 / scale[t] for t, x in a), len(a) * 1e-3) for a in BY]
        return [log(sum(d) / x) for x in d]
    return weighted(rule)


def plain_errors(z, weight):
    out = []
    for t, a in enumerate(OF):
        w = [weight[j] for j, _ in a]
        many = sum(w) ** 2 / sum(x * x for x in w)
        if len(a) == 1:
            out.append(sqrt(pooled(z)))
        else:
            off = sum(weight[j] * (x - z[t]) ** 2 for j, x in a)
            out.append(sqrt(off / sum(w) / (many - 1)))
    return out


def main():
    with open(os.path.join(HERE, 'numbers.csv'), 'w') as f:
        f.write('task,worker,label\n' + ''.join('%d,%d,%.3f\n' % r for r in ROWS))
    for method in (mean, median, trimmed, gaussian, catd, pm):
        z, bias, weight, error = method()
        error = error or plain_errors(z, weight)
        where = os.path.join(HERE, method.__name__)
        os.makedirs(where, exist_ok=True)
        with open(os.path.join(where, 'numbers.csv'), 'w') as f:
            f.write('task,label,error\n')
            for t in range(N):
                f.write('%d,%.9f,%.9f\n' % (t, z[t], error[t]))
        with open(os.path.join(where, 'numbers-workers.csv'), 'w') as f:
            f.write('worker,n,bias,spread,weight\n')
            for j, a in enumerate(BY):
                s = sqrt(sum((x - z[t] - bias[j]) ** 2 for t, x in a) / len(a))
                f.write('%d,%d,%.9f,%.9f,%.9f\n' % (j, len(a), bias[j], s, weight[j]))


if __name__ == '__main__':
    main()
