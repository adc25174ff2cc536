#!/usr/bin/env python3
"""Writes the golden folders of the methods for sequences: the same models once more, from their
formulas, in plain Python and in logarithms.  Run it only when a formula changes; the C code is then
compared with what stands here.

    input.csv               doc,pos,worker,label: seven people read fifty sentences of made-up tags
    tokens.csv              doc,pos,truth; doc is a sentence
    METHOD/expected.csv     doc,pos,label,confidence
    METHOD/workers.csv      worker,n,skill
    METHOD/objective.csv    objective at the end, iterations are not compared
"""
import csv, math, os

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
TAGS = ['B-LOC', 'B-PER', 'I-LOC', 'I-PER', 'O']
K, W, SENTENCES = len(TAGS), 7, 50
KIND = [t[0] for t in TAGS]
TYPE = [t[2:] for t in TAGS]


def draw(stream, i):
    z = (5 * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def follows(a, b):
    return KIND[b] != 'I' or (a is not None and KIND[a] != 'O' and TYPE[a] == TYPE[b])


def crowd():
    """Sentences of true tags, and (sentence, pos, worker, tag): people overlook spans as a whole,
    take one type for the other, or begin them a token late."""
    truth, rows = [], []
    for s in range(SENTENCES):
        mine, at = [], s * 100
        while len(mine) < 3 + int(draw(1, s) * 10):
            u = draw(2, at + len(mine))
            if u < .3:
                kind = 'LOC' if u < .15 else 'PER'
                mine.append(TAGS.index('B-' + kind))
                while draw(3, at + len(mine)) < .45:
                    mine.append(TAGS.index('I-' + kind))
            else:
                mine.append(4)
        truth.append(mine)
        for j in range(4):
            w = (int(draw(4, s) * W) + 2 * j) % W
            said, k = list(mine), 0
            while k < len(mine):
                end = k + 1
                while end < len(mine) and KIND[mine[end]] == 'I':
                    end += 1
                u = draw(5, (at + k) * W + w)
                if KIND[mine[k]] == 'B' and u < .1 + .05 * w:
                    said[k:end] = [4] * (end - k)
                elif KIND[mine[k]] == 'B' and u < .18 + .08 * w:
                    said[k:end] = [t ^ 1 for t in mine[k:end]]
                elif KIND[mine[k]] == 'B' and end - k > 1 and u < .24 + .1 * w:
                    said[k] = 4
                elif KIND[mine[k]] == 'O' and u < .01 + .01 * w:
                    said[k] = int(draw(6, (at + k) * W + w) * 2)
                k = end
            rows += [(s, k, w, t) for k, t in enumerate(said) if (s, k) != (7, 1)]
    return truth, rows


# ---------------------------------------------------------------- what the models share

def logsum(x):
    m = max(x)
    return -math.inf if m == -math.inf else m + math.log(sum(math.exp(v - m) for v in x))


def digamma(x):
    r = 0
    while x < 30:
        r -= 1 / x
        x += 1
    return r + math.log(x) - 1 / (2 * x) - 1 / (12 * x ** 2) + 1 / (120 * x ** 4) \
        - 1 / (252 * x ** 6) + 1 / (240 * x ** 8)


def shares(votes):
    return {p: [sum(t == k for _, t in v) / len(v) for k in range(K)] for p, v in votes.items()}


def dawid_skene(votes, a):
    """MAP with a pseudo votes in each cell; q by token."""
    q = shares(votes)
    for _ in range(500):
        p = [sum(x[k] for x in q.values()) / len(q) for k in range(K)]
        T = [[[a] * K for _ in range(K)] for _ in range(W)]
        for at, mine in votes.items():
            for w, t in mine:
                for k in range(K):
                    T[w][k][t] += q[at][k]
        T = [[[c / sum(row) for c in row] for row in t] for t in T]
        goal = 0
        for at, mine in votes.items():
            s = [math.log(p[k]) + sum(math.log(T[w][k][t]) for w, t in mine) for k in range(K)]
            z = logsum(s)
            goal += z
            q[at] = [math.exp(x - z) for x in s]
        goal += a * sum(math.log(c) for t in T for row in t for c in row)
    return q, goal


def chain(n, emit, step):
    """Marginals, expected steps {(from, to)} (from None at the start) and log Z of one sentence."""
    f = []
    for t in range(n):
        f.append([emit[t][k] + (step[None, k] if t == 0 else
                                logsum([f[-1][j] + step[j, k] for j in range(K)]))
                  for k in range(K)])
    b = [[0.0] * K for _ in range(n)]
    for t in range(n - 2, -1, -1):
        b[t] = [logsum([step[j, k] + emit[t + 1][k] + b[t + 1][k] for k in range(K)])
                for j in range(K)]
    z = logsum(f[-1])
    q = [[math.exp(f[t][k] + b[t][k] - z) for k in range(K)] for t in range(n)]
    taken = {(None, k): q[0][k] for k in range(K)}
    for j in range(K):
        for k in range(K):
            taken[j, k] = sum(math.exp(f[t][j] + step[j, k] + emit[t + 1][k] + b[t + 1][k] - z)
                              for t in range(n - 1))
    return q, taken, z


def best_path(n, emit, step):
    score, back = [emit[0][k] + step[None, k] for k in range(K)], []
    for t in range(1, n):
        ways = [max((score[j] + step[j, k], -j) for j in range(K)) for k in range(K)]
        back.append([-j for _, j in ways])
        score = [w + emit[t][k] for k, (w, _) in enumerate(ways)]
    path = [score.index(max(score))]
    for row in reversed(back):
        path.append(row[path[-1]])
    return path[::-1]


def before_of(votes):
    """(pos, worker) -> what he said one token before, or None."""
    said = {(p, w): t for p, v in votes.items() for w, t in v}
    return {(p, w): said.get(((p[0], p[1] - 1), w)) for (p, w) in said}


def fit(lengths, votes, q, group, tables, steps):
    """The loop; tables and steps give log weights and what they add to the objective."""
    before = before_of(votes)
    groups = sorted({group(None)} | {group(t) for t in range(K)})
    taken = dict.fromkeys([(j, k) for j in [None] + list(range(K)) for k in range(K)], 0.0)
    for s, n in enumerate(lengths):
        for t in range(n):
            for k in range(K):
                if t == 0:
                    taken[None, k] += q[s, t][k]
                for j in range(K) if t else ():
                    taken[j, k] += q[s, t - 1][j] * q[s, t][k]
    for _ in range(300):
        count = {(w, g, k, l): 0.0 for w in range(W) for g in groups for k in range(K)
                 for l in range(K)}
        for at, mine in votes.items():
            for w, t in mine:
                for k in range(K):
                    count[w, group(before[at, w]), k, t] += q[at][k]
        logt, more = tables(count, groups)
        step, extra = steps(taken)
        goal = more + extra
        taken = dict.fromkeys(taken, 0.0)
        path = {}
        for s, n in enumerate(lengths):
            emit = [[sum(logt[w, group(before[(s, t), w]), k, l]
                         for w, l in votes.get((s, t), ())) for k in range(K)] for t in range(n)]
            mine, used, z = chain(n, emit, step)
            goal += z
            for t in range(n):
                q[s, t] = mine[t]
            for pair, x in used.items():
                taken[pair] += x
            for t, k in enumerate(best_path(n, emit, step)):
                path[s, t] = k
    return path, q, goal


# ---------------------------------------------------------------- the methods

def no_votes(lengths, q):
    """Tokens that nobody tagged take the mean of the others."""
    mean = [sum(x[k] for x in q.values()) / len(q) for k in range(K)]
    return {(s, t): q.get((s, t), mean) for s, n in enumerate(lengths) for t in range(n)}


def repaired(lengths, q):
    out = {}
    for s, n in enumerate(lengths):
        for t in range(n):
            k = q[s, t].index(max(q[s, t]))
            out[s, t] = k if follows(out.get((s, t - 1)), k) else TAGS.index('B-' + TYPE[k])
    return out


def majority(lengths, votes):
    q = no_votes(lengths, shares(votes))
    return repaired(lengths, q), q, None


def token_ds(lengths, votes):
    q, goal = dawid_skene(votes, 1)
    q = no_votes(lengths, q)
    return repaired(lengths, q), q, goal


def hmm(lengths, votes):
    def tables(count, groups):
        a = {c: 41 if c[2] == c[3] else 1 for c in count}
        total = {}
        for (w, g, k, l), c in count.items():
            total[w, k] = total.get((w, k), 0) + c + a[w, g, k, l]
        logt = {c: math.log((count[c] + a[c]) / total[c[0], c[2]]) for c in count}
        return logt, sum(a[c] * logt[c] for c in count)

    def steps(taken):
        out, extra = {}, 0
        for j in [None] + list(range(K)):
            row = {k: 1 + taken[j, k] for k in range(K) if follows(j, k)}
            for k in range(K):
                out[j, k] = math.log(row[k] / sum(row.values())) if k in row else -math.inf
            extra += sum(out[j, k] for k in row)
        return out, extra

    return fit(lengths, votes, no_votes(lengths, dawid_skene(votes, 1)[0]), lambda t: 0,
               tables, steps)


def bsc(lengths, votes):
    q = no_votes(lengths, dawid_skene(votes, 1)[0])

    def group(t):
        return '' if t is None or KIND[t] == 'O' else TYPE[t]

    before, groups = before_of(votes), ['', 'LOC', 'PER']
    whole = {(g, k, l): 0.0 for g in groups for k in range(K) for l in range(K)}
    for at, mine in votes.items():
        for w, t in mine:
            for k in range(K):
                whole[group(before[at, w]), k, t] += q[at][k]
    any_g = {(k, l): .1 + sum(whole[g, k, l] for g in groups) for k in range(K) for l in range(K)}
    any_g = {(k, l): c / sum(any_g[k, m] for m in range(K)) for (k, l), c in any_g.items()}
    shy = {(g, k, l): c + 5 * any_g[k, l] for (g, k, l), c in whole.items()}
    prior = {(g, k, l): .1 + 10 * (k == l) + 20 * c / sum(shy[g, k, m] for m in range(K))
             for (g, k, l), c in shy.items()}

    def row(now, old):
        """E log of a Dirichlet, and minus its divergence from the prior."""
        e = [digamma(x) - digamma(sum(now)) for x in now]
        d = math.lgamma(sum(now)) - math.lgamma(sum(old))
        d += sum((x - y) * z - math.lgamma(x) + math.lgamma(y) for x, y, z in zip(now, old, e))
        return e, -d

    def tables(count, groups):
        logt, extra = {}, 0
        for w in range(W):
            for g in groups:
                for k in range(K):
                    old = [prior[g, k, l] for l in range(K)]
                    e, d = row([count[w, g, k, l] + old[l] for l in range(K)], old)
                    extra += d
                    logt.update({(w, g, k, l): e[l] for l in range(K)})
        return logt, extra

    def steps(taken):
        out, extra = {}, 0
        for j in [None] + list(range(K)):
            may = [k for k in range(K) if follows(j, k)]
            e, d = row([1 + taken[j, k] for k in may], [1] * len(may))
            extra += d
            out.update({(j, k): -math.inf for k in range(K)})
            out.update({(j, k): x for k, x in zip(may, e)})
        return out, extra

    return fit(lengths, votes, q, group, tables, steps)


def write(name, head, lines):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, 'w', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        w.writerow(head)
        w.writerows(lines)


def main():
    truth, rows = crowd()
    lengths = [len(s) for s in truth]
    write(os.path.join(HERE, 'input.csv'), ('doc', 'pos', 'worker', 'label'),
          [(s, k, w, TAGS[t]) for s, k, w, t in rows])
    write(os.path.join(HERE, 'tokens.csv'), ('doc', 'pos', 'truth'),
          [(s, k, TAGS[t]) for s, mine in enumerate(truth) for k, t in enumerate(mine)])
    votes = {}
    for s, k, w, t in rows:
        votes.setdefault((s, k), []).append((w, t))
    for method in (majority, token_ds, hmm, bsc):
        path, q, goal = method(lengths, votes)
        where = os.path.join(HERE, method.__name__.replace('_', '-'))
        order = sorted(path)
        write(os.path.join(where, 'expected.csv'), ('doc', 'pos', 'label', 'confidence'),
              [(s, k, TAGS[path[s, k]], '%.9f' % q[s, k][path[s, k]]) for s, k in order])
        skill = {}
        for at, mine in votes.items():
            for w, t in mine:
                skill.setdefault(w, []).append(q[at][t])
        write(os.path.join(where, 'workers.csv'), ('worker', 'n', 'skill'),
              [(w, len(x), '%.9f' % (sum(x) / len(x))) for w, x in sorted(skill.items())])
        if goal is not None:
            write(os.path.join(where, 'objective.csv'), ('objective',), [('%.6f' % goal,)])
        right = sum(path[s, k] == truth[s][k] for s, k in order)
        print(method.__name__, 'right', right, 'of', len(order))


main()
