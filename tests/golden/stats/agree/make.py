#!/usr/bin/env python3
"""Writes the golden folders of the agreement figures: the same figures once more, from their
definitions, in plain Python with exact fractions and none of the shortcuts of the C code.  Run it
only when a definition changes; the C code is compared with what stands here, never the other way
round.

    ratings.csv               the input: 30 tasks, 5 people, labels 1 ... 4, a third of the answers
                              missing, one task with a single answer and one with none
    spans.csv                 the input of alpha-u and gamma: annotator,category,start,end
    ID/expected.csv           option,value,observed,expected,se,units,raters,values
                              option: the weights, for alpha the distance, for spans nothing;
                              figures that a method does not have by this script are empty
"""
import math
import os
from fractions import Fraction as F
from itertools import combinations, permutations

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
UNITS, RATERS, K, SEED = 30, 5, 4, 11


def draw(stream, i):
    z = (SEED * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def ratings():
    """unit -> {rater: value}"""
    out = []
    for u in range(UNITS):
        truth, row = 1 + int(draw(1, u) * K), {}
        for r in range(RATERS):
            i = u * RATERS + r
            value = truth if draw(2, i) < .65 else min(K, max(1, truth - 1 + int(draw(3, i) * 3)))
            if draw(4, i) < .67:
                row[r] = value
        out.append(row)
    out[7] = {2: 3}
    out[8] = {}
    return out


def weight(option):
    return {'identity': lambda k, l: F(k == l),
            'linear': lambda k, l: 1 - F(abs(k - l), K - 1),
            'quadratic': lambda k, l: 1 - F(abs(k - l), K - 1) ** 2,
            'ordinal': lambda k, l: 1 - F(math.comb(abs(k - l) + 1, 2), math.comb(K, 2))}[option]


CLASSES = range(1, K + 1)


def spread(figures):
    """Standard error of a mean whose units have these figures."""
    n, mean = len(figures), sum(figures) / len(figures)
    return math.sqrt(sum((x - mean) ** 2 for x in figures) / n / (n - 1))


# ------------------------------------------------------------------ Gwet's family

def pair_agreement(row, w):
    pairs = list(permutations(row.values(), 2))
    return sum(w(a, b) for a, b in pairs) / len(pairs)


def share(row, k):
    return F(sum(v == k for v in row.values()), len(row))


def gwet(units, w, chance):
    units = [u for u in units if u]
    two = [u for u in units if len(u) > 1]
    pa = sum(pair_agreement(u, w) for u in two) / len(two)
    pe, dpe = chance(units, w)
    value = (pa - pe) / (1 - pe)
    own = []
    for u, d in zip(units, dpe):
        x = F(len(units), len(two)) * (pair_agreement(u, w) - pe) / (1 - pe) if len(u) > 1 else 0
        own.append(x - (1 - value) * d / (1 - pe))
    se = math.sqrt(sum((x - value) ** 2 for x in own) / len(units) / (len(units) - 1))
    return value, pa, pe, se, len(units), RATERS, sum(map(len, units))


def no_chance(units, w):
    return F(0), [F(0)] * len(units)


def bp(units, w):
    return sum(w(k, l) for k in CLASSES for l in CLASSES) / F(K * K), [F(0)] * len(units)


def pi_of(units):
    return {k: sum(share(u, k) for u in units) / len(units) for k in CLASSES}


def fleiss(units, w):
    pi = pi_of(units)
    pe = sum(w(k, l) * pi[k] * pi[l] for k in CLASSES for l in CLASSES)
    return pe, [2 * (sum(w(k, l) * share(u, k) * pi[l] for k in CLASSES for l in CLASSES) - pe)
                for u in units]


def ac(units, w):
    pi = pi_of(units)
    c = sum(w(k, l) for k in CLASSES for l in CLASSES) / F(K * (K - 1))
    pe = c * sum(p * (1 - p) for p in pi.values())
    return pe, [2 * (c * sum(share(u, k) * (1 - pi[k]) for k in CLASSES) - pe) for u in units]


def conger(units, w):
    """Chance by its definition: the mean over ordered pairs of raters; its derivative likewise."""
    n = {g: sum(g in u for u in units) for g in range(RATERS)}
    p = {g: {k: F(sum(u.get(g) == k for u in units), n[g]) for k in CLASSES}
         for g in range(RATERS)}
    pairs = list(permutations(range(RATERS), 2))

    def cross(a, b):
        return sum(w(k, l) * a[k] * b[l] for k in CLASSES for l in CLASSES)
    pe = sum(cross(p[g], p[h]) for g, h in pairs) / len(pairs)
    dpe = []
    for u in units:
        d = F(0)
        for g, h in pairs:
            for a, b in ((g, h), (h, g)):
                if a in u:
                    move = {k: F(len(units), n[a]) * ((u[a] == k) - p[a][k]) for k in CLASSES}
                    d += cross(move, p[b])
        dpe.append(d / len(pairs))
    return pe, dpe


# ------------------------------------------------------------------ two at a time

def two(units, w, pooled):
    rows, pairs = [], []
    for g, h in combinations(range(RATERS), 2):
        both = [(i, u[g], u[h]) for i, u in enumerate(units) if g in u and h in u]
        n = len(both)
        a = {k: F(sum(x == k for _, x, _ in both), n) for k in CLASSES}
        b = {k: F(sum(y == k for _, _, y in both), n) for k in CLASSES}
        if pooled:
            a = b = {k: (a[k] + b[k]) / 2 for k in CLASSES}
        pa = sum(w(x, y) for _, x, y in both) / F(n)
        pe = sum(w(k, l) * a[k] * b[l] for k in CLASSES for l in CLASSES)
        value = (pa - pe) / (1 - pe)
        pairs.append((value, pa, pe))
        for i, x, y in both:
            d = sum(w(x, l) * b[l] + w(y, l) * a[l] for l in CLASSES) - 2 * pe
            rows.append((i, (w(x, y) - pa - (1 - value) * d) / (1 - pe) / n))
    own = {}
    for i, x in rows:
        own[i] = own.get(i, 0) + x / len(pairs)
    n = len(own)
    se = math.sqrt(sum(x * x for x in own.values()) * n / (n - 1))
    mean = [sum(p[k] for p in pairs) / len(pairs) for k in range(3)]
    return (*mean, se, n, RATERS, sum(map(len, units)))


# ------------------------------------------------------------------ alpha

def alpha(units, distance):
    units = [list(u.values()) for u in units if len(u) > 1]
    flat = [v for u in units for v in u]
    n = len(flat)

    def ordinal(a, b):
        a, b = min(a, b), max(a, b)
        s = sum(flat.count(g) for g in range(a, b + 1)) - F(flat.count(a) + flat.count(b), 2)
        return s * s
    d = {'nominal': lambda a, b: F(a != b), 'ordinal': ordinal,
         'interval': lambda a, b: F(a - b) ** 2,
         'ratio': lambda a, b: F(a - b, a + b) ** 2,
         'ordinal-gwet': lambda a, b: 1 - weight('ordinal')(a, b)}[distance]
    seen = [sum(d(a, b) for a, b in permutations(u, 2)) / F(len(u) - 1) for u in units]
    chance = sum(d(a, b) for a, b in permutations(flat, 2))
    value = 1 - (n - 1) * sum(seen) / chance
    se = ''
    if distance != 'ordinal':       # its distance moves with the data: the C test has bootstrap
        A, E, N = sum(seen), chance, len(units)
        r, eps = F(n, N), F(1, n)
        pa0, pe = 1 - A / n, 1 - E / F(n * n)
        pa = (1 - eps) * pa0 + eps
        k0 = (pa0 - pe) / (1 - pe)
        own = []
        for u, s in zip(units, seen):
            x = (len(u) - s) / r - pa * (len(u) - r) / r
            y = sum(1 - d(a, b) for a in u for b in flat) / F(n) / r - pe * (len(u) - r) / r
            own.append((x - pe) / (1 - pe) - 2 * (1 - k0) * (y - pe) / (1 - pe))
        se = math.sqrt(sum((x - k0) ** 2 for x in own) / N / (N - 1))
    return value, sum(seen) / n, chance / F(n * (n - 1)), se, len(units), RATERS, n


# ------------------------------------------------------------------ spans

SPANS = [('ann', 'x', 0, 8), ('ann', 'y', 10, 16), ('ann', 'x', 20, 30), ('ann', 'z', 33, 40),
         ('bob', 'x', 1, 8), ('bob', 'z', 10, 17), ('bob', 'x', 22, 29), ('bob', 'y', 31, 36),
         ('eve', 'x', 0, 9), ('eve', 'y', 11, 15), ('eve', 'y', 16, 19), ('eve', 'z', 34, 40)]


def alpha_u():
    begin, length = 0, 40
    who = sorted({s[0] for s in SPANS})
    m, seen, chance = len(who), F(0), F(0)
    for c in sorted({s[1] for s in SPANS}):
        sections = {}
        for a in who:                               # (begin, length, is a unit)
            at, out = begin, []
            for _, _, s, e in sorted(x for x in SPANS if x[0] == a and x[1] == c):
                if s > at:
                    out.append((at, s - at, 0))
                out.append((s, e - s, 1))
                at = e
            if at < begin + length:
                out.append((at, begin + length - at, 0))
            sections[a] = out
        for i, j in permutations(who, 2):
            for bg, lg, vg in sections[i]:
                for bh, lh, vh in sections[j]:
                    if vg and vh and -lg < bg - bh < lh:
                        seen += F((bg - bh) ** 2 + (bg + lg - bh - lh) ** 2)
                    elif vg and not vh and lh - lg >= bg - bh >= 0:
                        seen += lg * lg
                    elif not vg and vh and lg - lh >= bh - bg >= 0:
                        seen += lh * lh
        units = [s for a in who for s in sections[a] if s[2]]
        holes = [s for a in who for s in sections[a] if not s[2]]
        up = sum(F(len(units) - 1, 3) * (2 * l ** 3 - 3 * l ** 2 + l)
                 + l * l * sum(h - l + 1 for _, h, _ in holes if h >= l) for _, l, _ in units)
        down = m * length * (m * length - 1) - sum(l * (l - 1) for _, l, _ in units)
        chance += F(2, length) * up / down
    seen /= m * (m - 1) * length ** 2
    return 1 - seen / chance, seen, chance, '', len(SPANS), m, len(SPANS)


def gamma():
    """The disorder of the best alignment by trying every one, of equal ones that with the fewest
    unitary alignments, which are its units; alpha = 3, beta = 1, empty = 1."""
    who = sorted({s[0] for s in SPANS})
    pairs = math.comb(len(who), 2)

    def apart(u, v):
        if u is None or v is None:
            return F(1)
        d = F(abs(u[2] - v[2]) + abs(u[3] - v[3]), u[3] - u[2] + v[3] - v[2])
        return 3 * d * d + (u[1] != v[1])

    best = {}

    def least(left):
        if not left:
            return F(0), 0
        if left in best:
            return best[left]
        first, out = left[0], None
        others = [[None] + [s for s in left if s[0] == a] for a in who if a != first[0]]
        for v in others[0]:
            for w in others[1]:
                cost = sum(apart(a, b) for a, b in combinations((first, v, w), 2)) / pairs
                rest = tuple(s for s in left if s not in (first, v, w))
                if cost < 3:
                    more, groups = least(rest)
                    total = cost + more, groups + 1
                    out = total if out is None or total < out else out
        best[left] = out
        return out
    cost, groups = least(tuple(SPANS))
    return '', cost / F(len(SPANS), len(who)), '', '', groups, len(who), len(SPANS)


def write(method, rows):
    where = os.path.join(HERE, method)
    os.makedirs(where, exist_ok=True)
    with open(os.path.join(where, 'expected.csv'), 'w') as f:
        f.write('option,value,observed,expected,se,units,raters,values\n')
        for option, row in rows:
            cells = ['' if x == '' else '%.9f' % x for x in row[:4]]
            f.write(','.join([option] + cells + ['%d' % x for x in row[4:]]) + '\n')


def main():
    units = ratings()
    with open(os.path.join(HERE, 'ratings.csv'), 'w') as f:
        f.write('task,worker,label\n')
        for u, row in enumerate(units):
            for r, v in sorted(row.items()):
                f.write('%d,%d,%d\n' % (u, r, v))
    with open(os.path.join(HERE, 'spans.csv'), 'w') as f:
        f.write('annotator,category,start,end\n')
        f.write(''.join('%s,%s,%d,%d\n' % s for s in SPANS))
    every = ['identity', 'linear', 'quadratic', 'ordinal']
    for method, chance in (('percent', no_chance), ('fleiss', fleiss), ('conger', conger),
                           ('ac1', ac), ('ac2', ac), ('bp', bp)):
        options = every[:1] if method == 'ac1' else every
        write(method, [(o, gwet(units, weight(o), chance)) for o in options])
    for method in ('cohen', 'scott'):
        write(method, [(o, two(units, weight(o), method == 'scott')) for o in every])
    write('alpha', [(o, alpha(units, o)) for o in
                    ('nominal', 'ordinal', 'interval', 'ratio', 'ordinal-gwet')])
    write('alpha-u', [('', alpha_u())])
    write('gamma', [('', gamma())])


main()
