#!/usr/bin/env python3
"""Writes the golden folders of weak supervision: the same models once more, from their formulas, in
plain Python.  Run it only when a formula changes; the C code is then compared with what stands
here, never the other way round.

    input.csv                 150 rows, 7 labelling functions, 3 classes, seed 7: four know every
                              class, lf3 and lf4 know one, lf5 nearly copies lf0; the class of every
                              third row is known, the last row has no votes
    METHOD/expected.csv       task, label, confidence (label empty: no votes)
    METHOD/expected-lfs.csv   lf, n, accuracy, weight
    lf-table/input.csv        the published vector of six rows and three functions
    lf-table/expected.csv     lf, polarity, coverage, overlaps, conflicts, correct, incorrect, accuracy
"""
import math
import os
from fractions import Fraction as F

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
N, M, K, SEED = 150, 7, 3, 7
ACC, MASS, MASS_METAL, ALIKE = .7, 20, 10, .9


def draw(stream, i):
    z = (SEED * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def matrix():
    every = {0: (.8, .9), 1: (.7, .7), 2: (.65, .8), 6: (.75, .6)}
    rows, truth = [], []
    for t in range(N):
        z = 0 if draw(1, t) < .5 else 1 if draw(1, t) < .8 else 2
        v = [-1] * M
        for j, (right, covers) in every.items():
            if draw(10 + j, t) < covers:
                wrong = (z + 1 + int(draw(30 + j, t) * (K - 1))) % K
                v[j] = z if draw(20 + j, t) < right else wrong
        v[3] = 2 if draw(13, t) < (.6 if z == 2 else .05) else -1
        v[4] = 0 if draw(14, t) < (.5 if z == 0 else .1) else -1
        v[5] = v[0] if draw(15, t) < .97 else (v[1] if draw(25, t) < .5 else -1)
        rows.append([-1] * M if t == N - 1 else v)
        truth.append(z)
    return rows, truth


def balance(gold):
    known = [g for g in gold if g >= 0]
    share = [max(F(known.count(k)), F(1, 2)) for k in range(K)]
    return [float(s / sum(share)) for s in share]


def groups(rows):
    """The size of every function's group."""
    near = {j: {j} for j in range(M)}
    for a in range(M):
        for b in range(a):
            va = {(t, r[a]) for t, r in enumerate(rows) if r[a] >= 0}
            vb = {(t, r[b]) for t, r in enumerate(rows) if r[b] >= 0}
            if len(va & vb) > ALIKE * len(va | vb):
                both = near[a] | near[b]
                for j in both:
                    near[j] = both
    return near


def right_share(p, acc):
    odds = acc / (1 - acc)
    return max(acc, odds * p / (odds * p + (1 - p) / (K - 1)))


def expect(rows, p, j, y, k):
    seen = (sum(r[j] == y for r in rows) + .01) / len(rows)
    hit = right_share(p[y], ACC)
    return seen * hit / p[y] if k == y else seen * (1 - hit) / (1 - p[y])


def soften(logs):
    top = max(logs)
    e = [math.exp(x - top) for x in logs]
    return [x / sum(e) for x in e], top + math.log(sum(e))


def majority(rows, p, near):
    out = []
    for r in rows:
        n = [sum(v == k for v in r) for k in range(K)]
        out.append([x / sum(n) for x in n] if sum(n) else None)
    return out


def silence_tells(rows, j):
    told = [[0.] * K, [0.] * K]
    for r in rows:
        others = [v for i, v in enumerate(r) if i != j and v >= 0]
        for v in others:
            told[r[j] >= 0][v] += 1 / len(others)
    n = sum(map(sum, told))
    g = 0
    for side in told:
        for k in range(K):
            e = sum(side) * (told[0][k] + told[1][k]) / n
            g += 2 * side[k] * math.log(side[k] / e) if side[k] else 0
    return g > (K - 1) * math.log(n)


def ds_abstain(rows, p, near):
    """EM, a dictionary a row of T; the last entry of a row is silence."""
    T, alpha, speaks = [], [], []
    for j in range(M):
        votes = sum(r[j] >= 0 for r in rows)
        poles = len({r[j] for r in rows} - {-1})
        speaks.append(0 < votes < N and (poles < K or silence_tells(rows, j)))
        Tj, Aj = [], []
        for k in range(K):
            row = [expect(rows, p, j, y, k) for y in range(K)]
            most = min(sum(row), .999) if speaks[j] else 1
            row = [x * most / sum(row) for x in row] + ([1 - most] if speaks[j] else [])
            Tj.append(row)
            Aj.append([MASS * (N / votes if speaks[j] else 1) * x for x in row])
        T.append(Tj)
        alpha.append(Aj)
    voice = [1 / len(near[j]) for j in range(M)]
    for _ in range(400):
        q = []
        for r in rows:
            logs = [math.log(x) for x in p]
            for j in range(M):
                if r[j] >= 0 or speaks[j]:
                    for k in range(K):
                        logs[k] += voice[j] * math.log(T[j][k][r[j]])      # -1 is the last one
            q.append(soften(logs)[0])
        for j in range(M):
            for k in range(K):
                n = list(alpha[j][k])
                for r, row in zip(rows, q):
                    if r[j] >= 0 or speaks[j]:
                        n[r[j]] += row[k]
                T[j][k] = [max(x / sum(n), 1e-10) for x in n]
    return q


def triplet(rows, p, near):
    def product(i, j):
        if i == j:
            return None
        common = [r for r in rows if r[i] >= 0 and r[j] >= 0]
        same = sum(r[i] == r[j] for r in common)
        return (K * same / len(common) - 1) / (K - 1) if len(common) >= 10 else None
    m = [[product(i, j) for j in range(M)] for i in range(M)]
    right, score = [], []
    for i in range(M):
        a = sorted(math.sqrt(abs(m[i][j] * m[i][k] / m[j][k])) for j in range(M) for k in range(j)
                   if i not in (j, k) and None not in (m[i][j], m[i][k], m[j][k])
                   and abs(m[j][k]) > .01)
        mid = (a[(len(a) - 1) // 2] + a[len(a) // 2]) / 2 if a else (K * ACC - 1) / (K - 1)
        right.append((1 + (K - 1) * min(mid, .98)) / K)
    for r in rows:
        logs = [math.log(x) for x in p]
        for j, y in enumerate(r):
            one = len({s[j] for s in rows} - {-1}) == 1
            hit = right_share(p[y], right[j])
            for k in range(K if y >= 0 else 0):
                if one:
                    s = hit / p[y] if y == k else (1 - hit) / (1 - p[y])
                else:
                    s = right[j] if y == k else (1 - right[j]) / (K - 1)
                logs[k] += math.log(s) / len(near[j])
        score.append(soften(logs)[0])
    return score


def metal(rows, p, near):
    """One mu at a time: the objective along it is A mu^2 + B mu - pull mu0 ln mu, whose bottom is the
    root of a quadratic equation (the C code uses L-BFGS on all of them at once)."""
    cols = [(j, y) for j in range(M) for y in range(K) if any(r[j] == y for r in rows)]
    C = range(len(cols))
    both = [[sum(r[a[0]] == a[1] and r[b[0]] == b[1] for r in rows) / N for b in cols] for a in cols]
    off = [[b for b in C if cols[b][0] not in near[cols[a][0]]] for a in C]
    start = [[min(max(expect(rows, p, j, y, k), 1e-6), 1 - 1e-3) for k in range(K)] for j, y in cols]
    mu = [list(row) for row in start]
    pull = MASS_METAL / N
    for _ in range(20000):
        moved = 0
        for a in C:
            for k in range(K):
                was = mu[a][k]
                rest = sum(mu[a][i] * p[i] for i in range(K) if i != k) - both[a][a]
                A, B = p[k] ** 2, 2 * rest * p[k]
                for b in off[a]:
                    rest = sum(mu[a][i] * p[i] * mu[b][i] for i in range(K) if i != k) - both[a][b]
                    A += 2 * (p[k] * mu[b][k]) ** 2
                    B += 4 * rest * p[k] * mu[b][k]
                B += pull
                mu[a][k] = (-B + math.sqrt(B * B + 8 * A * pull * start[a][k])) / (4 * A)
                assert mu[a][k] < 1
                moved = max(moved, abs(mu[a][k] / was - 1))
        if moved < 1e-12:
            break
    assert moved < 1e-11, 'not at the bottom'
    out = []
    for r in rows:
        logs = [math.log(v) for v in p]
        for c, (j, y) in enumerate(cols):
            if r[j] == y:
                for k in range(K):
                    logs[k] += math.log(max(mu[c][k], 1e-6)) / len(near[j])
        out.append(soften(logs)[0])
    return out


def write(path, header, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f:
        f.write(header + '\n')
        f.writelines(line + '\n' for line in lines)


def cells(rows, gold):
    return [','.join([str(t)] + [str(v) for v in r] + [str(g) if g >= 0 else ''])
            for t, (r, g) in enumerate(zip(rows, gold))]


def lf_table():
    rows = [[0, 0, -1], [1, -1, 1], [0, 1, -1], [-1, -1, 1], [1, 1, 1], [-1, 0, 0]]
    gold = [0, 1, 0, 1, 1, 0]
    write(f'{HERE}/lf-table/input.csv', 'task,lf0,lf1,lf2,label', cells(rows, gold))
    lines = []
    for j in range(3):
        mine = [(r, g) for r, g in zip(rows, gold) if r[j] >= 0]
        overlaps = sum(sum(v >= 0 for v in r) > 1 for r, _ in mine)
        conflicts = sum(any(v >= 0 and v != r[j] for v in r) for r, _ in mine)
        right = sum(r[j] == g for r, g in mine)
        poles = ' '.join(str(k) for k in sorted({r[j] for r, _ in mine}))
        lines.append(f'{j},{poles},{len(mine) / 6:.9f},{overlaps / 6:.9f},{conflicts / 6:.9f},'
                     f'{right},{len(mine) - right},{right / len(mine):.9f}')
    write(f'{HERE}/lf-table/expected.csv',
          'lf,polarity,coverage,overlaps,conflicts,correct,incorrect,accuracy', lines)


def main():
    lf_table()
    rows, truth = matrix()
    gold = [z if t % 3 == 0 else -1 for t, z in enumerate(truth)]
    write(f'{HERE}/input.csv', 'task,' + ','.join(f'lf{j}' for j in range(M)) + ',label',
          cells(rows, gold))
    p, near = balance(gold), groups(rows)
    assert near[0] == {0, 5} and len(near[1]) == 1
    for name, model in (('majority', majority), ('ds-abstain', ds_abstain), ('triplet', triplet),
                        ('metal', metal)):
        q = model(rows, p, near)
        lines, lfs = [], []
        for t, r in enumerate(rows):
            silent = all(v < 0 for v in r)
            row = p if silent else q[t]
            lines.append(f'{t},{"" if silent else row.index(max(row))},{max(row):.9f}')
        for j in range(M):
            n = sum(r[j] >= 0 for r in rows)
            acc = sum(q[t][r[j]] for t, r in enumerate(rows) if r[j] >= 0) / n
            weight = 1 if name == 'majority' else math.log(acc / (1 - acc) * (K - 1)) / len(near[j])
            lfs.append(f'{j},{n},{acc:.9f},{weight:.9f}')
        write(f'{HERE}/{name}/expected.csv', 'task,label,confidence', lines)
        write(f'{HERE}/{name}/expected-lfs.csv', 'lf,n,accuracy,weight', lfs)


main()
