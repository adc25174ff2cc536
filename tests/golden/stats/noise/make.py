#!/usr/bin/env python3
"""Writes the golden folders of error finding: the same figures once more, from their formulas, in
plain Python, with fractions where they are exact.  Run it only when a formula changes; the C code
is then compared with what stands here, never the other way round.

    pred_probs.csv                       task, given, true, p0 … p3: 120 rows, seed 7
    confident-learning/expected.csv      task, three scores, seven filters
    confident-learning/expected-joint.csv   given, threshold, four counts, four calibrated counts
    crowdlab/labels.csv                  task, worker, label: 6 people on the same rows
    crowdlab/expected.csv                task, label, quality (label empty: nobody answered)
    crowdlab/expected-workers.csv        worker, n, quality, agreement, weight
    calibration/expected.csv             lo, hi, n, confidence, accuracy: 10 bins of equal width
    calibration/expected-figures.csv     what, value
    compare/expected.csv                 what, value: the model's first class against the given one
"""
import math
import os
from fractions import Fraction as F

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
N, K, W, SEED = 120, 4, 6, 7


def draw(stream, i):
    z = (SEED * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def rows():
    true, given, probs = [], [], []
    for t in range(N):
        z = int(draw(1, t) * K)
        wrong = (z + 1 + int(draw(3, t) * (K - 1))) % K
        e = [math.exp(3.2 * draw(10 + k, t) + (2.2 if k == z else 0)) for k in range(K)]
        p = [round(x / sum(e) * 10 ** 6) for x in e]
        p[-1] += 10 ** 6 - sum(p)
        true.append(z)
        given.append(wrong if draw(2, t) < .15 else z)
        probs.append([F(x, 10 ** 6) for x in p])
    return true, given, probs


def first(p):
    return p.index(max(p))


def write(path, header, lines):
    path = f'{HERE}/{path}'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f:
        f.write(header + '\n')
        f.writelines(line + '\n' for line in lines)


# ------------------------------------------------------------------ confident learning

def confident(given, probs):
    mine = [[i for i in range(N) if given[i] == k] for k in range(K)]
    t = [sum(probs[i][k] for i in mine[k]) / len(mine[k]) for k in range(K)]
    joint, errors = [[0] * K for _ in range(K)], set()
    for i in range(N):
        reach = [k for k in range(K) if probs[i][k] >= t[k] - F(1, 10 ** 6)]
        if reach:
            k = max(reach, key=lambda c: probs[i][c])
            joint[given[i]][k] += 1
            if k != given[i]:
                errors.add(i)
    calibrated = []
    for k in range(K):
        exact = [F(x * len(mine[k]), sum(joint[k])) for x in joint[k]]
        whole = [int(x) for x in exact]
        for c in sorted(range(K), key=lambda c: (exact[c] - whole[c], c))[K - len(mine[k]) + sum(whole):]:
            whole[c] += 1
        calibrated.append(whole)
    return mine, t, joint, calibrated, errors


def scores(p, g):
    other = max(x for k, x in enumerate(p) if k != g)
    e = -sum(float(x) * math.log(x) for x in p if x) / math.log(K) / float(p[g])
    return float(p[g]), float((p[g] - other + 1) / 2), math.log(1 + e) / e


def filters(given, probs):
    mine, t, joint, calibrated, errors = confident(given, probs)
    by_class, by_rate = set(), set()
    for s in range(K):
        low = sorted(mine[s], key=lambda i: probs[i][s])
        by_class |= set(low[:len(mine[s]) - calibrated[s][s]])
        for k in range(K):
            if k != s:
                gap = sorted(mine[s], key=lambda i: probs[i][s] - probs[i][k])
                by_rate |= set(gap[:calibrated[s][k]])
    every = range(N)
    margin = sorted(every, key=lambda i: scores(probs[i], given[i])[1])[:len(errors)]
    conf = sorted(every, key=lambda i: probs[i][given[i]])[:len(errors)]
    doubted = {i for i in every if probs[i][given[i]] < max(probs[i])}
    return [s & doubted for s in (by_class, by_rate, by_class & by_rate, errors, doubted, set(margin),
                                  set(conf))]


def confident_learning(given, probs):
    mine, t, joint, calibrated, _ = confident(given, probs)
    found = filters(given, probs)
    write('confident-learning/expected.csv',
          'task,self_confidence,normalized_margin,confidence_weighted_entropy,prune_by_class,'
          'prune_by_noise_rate,both,confident_learning,predicted_neq_given,low_normalized_margin,'
          'low_self_confidence',
          [f'{i},' + ','.join(f'{s:.9f}' for s in scores(probs[i], given[i])) + ','
           + ','.join(str(int(i in f)) for f in found) for i in range(N)])
    write('confident-learning/expected-joint.csv',
          'given,threshold,' + ','.join(f'j{k}' for k in range(K)) + ','
          + ','.join(f'c{k}' for k in range(K)),
          [f'{k},{float(t[k]):.9f},' + ','.join(map(str, joint[k] + calibrated[k])) for k in range(K)])


# ------------------------------------------------------------------ CROWDLAB

def crowd(true):
    labels = [{} for _ in range(N)]
    for t in range(N):
        for j in range(W):
            if t != N - 1 and draw(40 + j, t) < .45:
                wrong = (true[t] + 1 + int(draw(50 + j, t) * (K - 1))) % K
                labels[t][j] = true[t] if draw(60 + j, t) < .5 + .08 * j else wrong
    return labels


def weights(labels, probs, consensus):
    multi = [i for i in range(N) if len(labels[i]) > 1]
    P = sum(F(sum(y == consensus[i] for y in labels[i].values()), len(labels[i])) for i in multi)
    P /= len(multi)
    seen = [consensus[i] for i in multi]
    e = 1 - F(max(seen.count(k) for k in range(K)), len(multi))
    better = lambda right: max(1 - (1 - right) / e, F(1, 10 ** 6))
    w = []
    for j in range(W):
        pairs = [labels[i][j] == y for i in multi if j in labels[i]
                 for other, y in labels[i].items() if other != j]
        w.append(better(F(sum(pairs), len(pairs))))
    model = better(F(sum(first(probs[i]) == consensus[i] for i in multi), len(multi)))
    answered = [r for r in labels if r]
    per_task = F(sum(map(len, answered)), len(answered))
    return float(P), [float(x) for x in w], float(model) * math.sqrt(per_task), float(per_task)


def posterior(labels, probs, P, w, wM):
    out = []
    for r, p in zip(labels, probs):
        q = [wM * float(p[k]) + sum(w[j] * (P if y == k else (1 - P) / (K - 1)) for j, y in r.items())
             for k in range(K)]
        out.append([x / sum(q) for x in q])
    return out


def crowdlab(true, probs):
    labels = crowd(true)
    write('crowdlab/labels.csv', 'task,worker,label',
          [f'{t},{j},{y}' for t in range(N) for j, y in sorted(labels[t].items())])
    c = []
    for r, p in zip(labels, probs):
        votes = [list(r.values()).count(k) for k in range(K)]
        c.append(max((k for k in range(K) if votes[k] == max(votes)), key=lambda k: p[k]))
    P, w, wM, per_task = weights(labels, probs, c)
    c = [first(q) for q in posterior(labels, probs, P, w, wM)]
    P, w, wM, per_task = weights(labels, probs, c)
    q = posterior(labels, probs, P, w, wM)
    write('crowdlab/expected.csv', 'task,label,quality',
          [f'{t},{c[t] if labels[t] else ""},{q[t][c[t]]:.9f}' for t in range(N)])
    people, lines = sum(w) / W * per_task, []
    for j in range(W):
        mine = [t for t in range(N) if j in labels[t]]
        shared = [t for t in mine if len(labels[t]) > 1]
        agree = sum(labels[t][j] == c[t] for t in shared) / len(shared)
        likely = sum(q[t][labels[t][j]] for t in mine) / len(mine)
        quality = (wM * likely + people * agree) / (wM + people)
        lines.append(f'{j},{len(mine)},{quality:.9f},{agree:.9f},{w[j]:.9f}')
    write('crowdlab/expected-workers.csv', 'worker,n,quality,agreement,weight', lines)


# ------------------------------------------------------------------ calibration and comparison

def calibration(true, probs):
    bins = [[] for _ in range(10)]
    for z, p in zip(true, probs):
        b = next(b for b in range(10) if max(p) <= F(b + 1, 10))
        bins[b].append((max(p), first(p) == z))
    lines, ece, mce = [], F(0), F(0)
    for b, rows in enumerate(bins):
        conf = sum(c for c, _ in rows) / len(rows) if rows else F(0)
        acc = F(sum(r for _, r in rows), len(rows)) if rows else F(0)
        lines.append(f'{b / 10:.1f},{(b + 1) / 10:.1f},{len(rows)},{float(conf):.9f},{float(acc):.9f}')
        ece += abs(acc - conf) * len(rows) / N
        mce = max(mce, abs(acc - conf) if rows else F(0))
    write('calibration/expected.csv', 'lo,hi,n,confidence,accuracy', lines)
    brier = sum(sum((x - (k == z)) ** 2 for k, x in enumerate(p)) for z, p in zip(true, probs)) / N
    loss = -sum(math.log(p[z]) for z, p in zip(true, probs)) / N
    figures = (('ece', ece), ('mce', mce), ('brier', brier), ('log_loss', loss),
               ('accuracy', F(sum(first(p) == z for z, p in zip(true, probs)), N)),
               ('confidence', sum(map(max, probs)) / N))
    write('calibration/expected-figures.csv', 'what,value', [f'{n},{float(v):.9f}' for n, v in figures])


def compare(true, given, probs):
    a, b = [first(p) == z for p, z in zip(probs, true)], [g == z for g, z in zip(given, true)]
    only_a = sum(x and not y for x, y in zip(a, b))
    only_b = sum(y and not x for x, y in zip(a, b))
    n, low = only_a + only_b, min(only_a, only_b)
    pmf = [F(math.comb(n, k), 2 ** n) for k in range(n + 1)]
    exact = min(2 * sum(pmf[:low + 1]), 1)
    chi2 = F((abs(only_a - only_b) - 1) ** 2, n)
    figures = (('only_a', only_a), ('only_b', only_b), ('difference', F(only_a - only_b, N)),
               ('exact_p', exact), ('mid_p', exact - pmf[low] if only_a != only_b else 1),
               ('chi2', chi2), ('chi2_p', math.erfc(math.sqrt(chi2 / 2))))
    write('compare/expected.csv', 'what,value', [f'{n},{float(v):.9f}' for n, v in figures])


def main():
    true, given, probs = rows()
    write('pred_probs.csv', 'task,given,true,' + ','.join(f'p{k}' for k in range(K)),
          [f'{t},{given[t]},{true[t]},' + ','.join(f'{float(x):.6f}' for x in probs[t])
           for t in range(N)])
    confident_learning(given, probs)
    crowdlab(true, probs)
    calibration(true, probs)
    compare(true, given, probs)


main()
