#!/usr/bin/env python3
"""Writes the golden folders of the other models of categories, from their formulas, in plain Python.
Input, gold and columns are those of make_em.py, which has the expectation step; kos, which takes two
classes only, has an input.csv of its own: crowd.csv with its classes 0 and 2, 1 and 3 taken together.
"""
import os
from math import exp, inf, lgamma, log, log1p, sqrt

from make import HERE, K, MASK, N, W
from make_em import ROUNDS, TOL, Crowd, softmax, write


def draw(stream, i, seed=0):
    z = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def psi(x):
    s = 0.
    while x < 30:
        s -= 1 / x
        x += 1
    return s + log(x) - 1 / (2 * x) - 1 / (12 * x ** 2) + 1 / (120 * x ** 4) - 1 / (252 * x ** 6)


def divergence(c, h):
    """Of Dir(c) from Dir(h)."""
    return (lgamma(sum(c)) - lgamma(sum(h)) + sum(lgamma(b) - lgamma(a) for a, b in zip(c, h))
            + sum((a - b) * (psi(a) - psi(sum(c))) for a, b in zip(c, h)))


def by_worker(c, j):
    return [(i, l) for i in c.tasks for w, l in c.of[i] if w == j]


def fast_ds(c):
    """Dawid and Skene's learning step of make_em.py, on answers instead of posteriors."""
    def a(k, l):
        return .1 * K * (.75 / K + (.25 if k == l else 0))
    q, last = c.shares(), None
    for _ in range(ROUNDS):
        p = [max(sum(q[i][k] for i in q) / len(q), 1e-10) for k in range(K)]
        t, extra, value = {}, 0, 0
        for j in range(W):
            for k in range(K):
                row = [a(k, l) + sum(q[i][k] for i, m in by_worker(c, j) if m == l) for l in range(K)]
                for l in range(K):
                    t[j, k, l] = row[l] / sum(row)
                    extra += a(k, l) * log(t[j, k, l])
        free = {}
        for i in c.tasks:
            s = [log(p[k] / sum(p)) + sum(log(t[w, k, l]) for w, l in c.of[i]) for k in range(K)]
            free[i], _ = softmax(s)
            top = s.index(max(s)) if c.gold[i] is None else c.gold[i]
            q[i] = [float(k == top) for k in range(K)]
            value += s[top]
        if last is not None and value + extra - last < TOL * len(c.rows):
            break
        last = value + extra
    return free, [1.] * W


def mace(c):
    best = None
    for r in range(3):
        share = c.shares()
        s, xi, p = [], [], [1 / K] * K
        for j in range(W):
            at = [j << 20]

            def u():
                at[0] += 1
                return draw(0x6d616365 + r, at[0] - 1)
            s.append(.1 + .8 * u() if r else .5)
            row = [1 / K + sum(sum(share[i]) for i, m in by_worker(c, j) if m == l) for l in range(K)]
            row = [x * (.5 + u() if r else 1) for x in row]
            xi.append([x / sum(row) for x in row])
        spam = [[s[j] * x for x in xi[j]] for j in range(W)]
        know = [1 - x for x in s]

        def score(i):
            return [log(p[k]) + sum(log(spam[w][l] + (know[w] if k == l else 0)) for w, l in c.of[i])
                    for k in range(K)]
        q, free, _ = c.expect(score)
        last = None
        for n in range(ROUNDS):
            extra = 0
            mass = [1 + sum(q[i][k] for i in q) for k in range(K)]
            p = [m / sum(mass) for m in mass]
            extra += sum(log(x) for x in p)
            for j in range(W):
                a, b, x = .5, .5, [1.5] * K
                for i, l in by_worker(c, j):
                    own = q[i][l] * spam[j][l] / (spam[j][l] + know[j])
                    a += 1 - q[i][l] + own
                    b += q[i][l] - own
                    x[l] += 1 - q[i][l] + own
                extra -= divergence([a, b], [.5, .5]) + divergence(x, [1.5] * K)
                sp = exp(psi(a) - psi(a + b))
                know[j] = exp(psi(b) - psi(a + b))
                spam[j] = [sp * exp(psi(y) - psi(sum(x))) for y in x]
            q, free, value = c.expect(score)
            now = value + extra
            gain = inf if last is None else now - last
            if gain < TOL * len(c.rows):
                break
            if best and n > 0 and best[0] - now > 3 * gain * (ROUNDS - 1 - n):
                break
            last = now
        if best is None or now > best[0]:
            best = (now, free, [know[j] / (know[j] + sum(spam[j])) for j in range(W)])
    return best[1:]


def bayes(c, kinds, restart):
    """iBCC (kinds = 1, restart None) and one start of EBCC; the lower bound at every round."""
    states = K * kinds
    q = {}
    prior = [1.] * K
    if kinds > 1:
        prior = [1e-3 + sum(s[k] for s in c.shares().values()) for k in range(K)]
    for i, share in c.shares().items():
        q[i] = []
        cut = []
        at = i * states
        for k in reversed(range(K)):
            e = [1.] if kinds == 1 else []
            while len(e) < kinds:
                e.append(-log(1 - draw(0x65626363 + restart, at)) + 1e-12)
                at += 1
            cut.append([share[k] * x / sum(e) for x in e])
        for part in reversed(cut):
            q[i] += part
    while True:
        extra, t = 0, {}
        mass = [sum(q[i][s] for i in q) for s in range(states)]
        top = [sum(mass[k * kinds:(k + 1) * kinds]) + prior[k] for k in range(K)]
        extra -= divergence(top, prior)
        p = []
        for k in range(K):
            part = [.1 / kinds + m for m in mass[k * kinds:(k + 1) * kinds]]
            if kinds > 1:
                extra -= divergence(part, [.1 / kinds] * kinds)
            p += [psi(top[k]) - psi(sum(top)) + (psi(x) - psi(sum(part)) if kinds > 1 else 0)
                  for x in part]
        for j in range(W):
            mine = by_worker(c, j)
            for s in range(states):
                h = [4. if l == s // kinds else 1. for l in range(K)]
                x = [h[l] + sum(q[i][s] for i, m in mine if m == l) for l in range(K)]
                extra -= divergence(x, h)
                for l in range(K):
                    t[j, s, l] = psi(x[l]) - psi(sum(x))
        free, value = {}, 0
        for i in c.tasks:
            s = [p[g] + sum(t[w, g, l] for w, l in c.of[i]) for g in range(states)]
            f, v = softmax(s)
            free[i] = [sum(f[k * kinds:(k + 1) * kinds]) for k in range(K)]
            if c.gold[i] is not None:
                s = [x if g // kinds == c.gold[i] else -inf for g, x in enumerate(s)]
            q[i], v = softmax(s)
            value += v

        def foretell(i, j, l):
            f, _ = softmax([p[g] + sum(t[w, g, m] for w, m in c.of[i]) for g in range(states)])
            return sum(f[g] * exp(t[j, g, l]) / sum(exp(t[j, g, m]) for m in range(K))
                       for g in range(states))
        yield value + extra, free, foretell


def ibcc(c):
    last = None
    for now, free, _ in bayes(c, 1, None):
        if last is not None and now - last < TOL * len(c.rows):
            return free, [1.] * W
        last = now


def ebcc(c, restarts=10):
    best = None
    for r in range(restarts):
        last = None
        for n, (now, free, foretell) in enumerate(bayes(c, 10, r)):
            gain = inf if last is None else now - last
            if gain < TOL * len(c.rows) or n == ROUNDS - 1:
                break
            if best and n > 0 and best[0] - now > 3 * gain * (ROUNDS - 1 - n):
                break
            last = now
        if best is None or now > best[0]:
            best = now, free, foretell
    return best[1], [1.] * W, best[2]


def bwa(c):
    z, weight = {i: [0.] * K for i in c.tasks}, [0.] * W
    for k in range(K):
        share = {i: sum(l == k for _, l in c.of[i]) / len(c.of[i]) for i in c.tasks}
        b = 15 * sum(len(c.of[i]) * x * (1 - x) for i, x in share.items()) / len(c.rows)
        b *= 4 * (1 - 1 / K)
        x = {i: share[i] if c.gold[i] is None else float(c.gold[i] == k) for i in c.tasks}
        for _ in range(ROUNDS):
            mu = sum(x.values()) / len(x)
            v = [(15 + len(by_worker(c, j))) / (b + sum((x[i] - (l == k)) ** 2 for i, l in by_worker(c, j)))
                 for j in range(W)]
            y = {i: (mu + sum(v[w] for w, l in c.of[i] if l == k)) / (1 + sum(v[w] for w, _ in c.of[i]))
                 if c.gold[i] is None else x[i] for i in c.tasks}
            free = [i for i in c.tasks if c.gold[i] is None]
            moved = sqrt(sum((y[i] - x[i]) ** 2 for i in free))
            length = sqrt(sum(x[i] ** 2 for i in free))
            x = y
            if moved <= 1e-3 * length:
                break
        weight = [a + s / K for a, s in zip(weight, v)]
        for i in c.tasks:
            z[i][k] = x[i]
    return {i: [s / sum(row) for s in row] for i, row in z.items()}, weight


def nearest(c, weigh):
    """Vote and weigh in turn."""
    def vote(w):
        sums = {i: [sum(w[j] for j, l in c.of[i] if l == k) for k in range(K)] for i in c.tasks}
        best = {i: min(k for k in range(K) if s[k] >= max(s) * (1 - 1e-9)) for i, s in sums.items()}
        return sums, {i: b if c.gold[i] is None else c.gold[i] for i, b in best.items()}
    _, answer = vote([1.] * W)
    for _ in range(ROUNDS):
        wrong = [.5 + sum(answer[i] != l for i, l in by_worker(c, j)) for j in range(W)]
        w = weigh([len(by_worker(c, j)) for j in range(W)], wrong)
        sums, now = vote(w)
        if now == answer:
            break
        answer = now
    return {i: [x / sum(s) for x in s] for i, s in sums.items()}, w


def pm(c):
    return nearest(c, lambda n, wrong: [log(sum(wrong) / d) for d in wrong])


def gamma_share(a, x):
    term = total = 1 / a
    for k in range(1, 1000):
        term *= x / (a + k)
        total += term
    return total * exp(a * log(x) - x - lgamma(a))


def catd(c):
    def quantile(n):
        lo, hi = 0., 10. * n
        for _ in range(200):
            mid = (lo + hi) / 2
            lo, hi = (mid, hi) if gamma_share(n / 2, mid / 2) < .025 else (lo, mid)
        return lo
    return nearest(c, lambda n, wrong: [quantile(a) / d if a else 0. for a, d in zip(n, wrong)])


def ordinal_ds(c):
    """The answer is the class of least expected distance (see write)."""
    shift, logv = [0.] * W, [0.] * W

    def fitness(counts):
        def value(a, lv):
            v = exp(lv)
            x = -a * a / 2 - 3 * lv - 1 / v
            for k in range(K):
                z = log(sum(exp(-(l - k - a) ** 2 / (2 * v)) for l in range(K)))
                x += sum(n * (-(l - k - a) ** 2 / (2 * v) - z) for l, n in enumerate(counts[k]))
            return x
        return value

    def golden(f, lo, hi):
        g = (sqrt(5) - 1) / 2
        a, b = hi - g * (hi - lo), lo + g * (hi - lo)
        fa, fb = f(a), f(b)
        for _ in range(30):
            if fa >= fb:
                hi, b, fb = b, a, fa
                a = hi - g * (hi - lo)
                fa = f(a)
            else:
                lo, a, fa = a, b, fb
                b = lo + g * (hi - lo)
                fb = f(b)
        return (lo + hi) / 2

    def learn(q):
        p = [max(sum(q[i][k] for i in q) / len(q), 1e-10) for k in range(K)]
        t, extra = {}, 0
        for j in range(W):
            counts = [[sum(q[i][k] for i, m in by_worker(c, j) if m == l) for l in range(K)]
                      for k in range(K)]
            value = fitness(counts)
            best = value(shift[j], logv[j])
            for _ in range(2):
                v = golden(lambda x: value(shift[j], x), -6, 4)
                a = golden(lambda x: value(x, v), -3, 3)
                if not value(a, v) > best:
                    break
                best, shift[j], logv[j] = value(a, v), a, v
            a, v = shift[j], exp(logv[j])
            extra += -a * a / 2 - 3 * log(v) - 1 / v
            for k in range(K):
                row = [exp(-(l - k - a) ** 2 / (2 * v)) for l in range(K)]
                for l in range(K):
                    t[j, k, l] = row[l] / sum(row)
        return (lambda i: [log(p[k] / sum(p)) + sum(log(t[w, k, l]) for w, l in c.of[i])
                           for k in range(K)]), extra
    free = c.fit(learn)
    return free, [exp(-x) for x in logv]


def glad(c):
    def sigma(x):
        return 1 / (1 + exp(-x)) if x > -30 else exp(x)

    def soft(x):
        return x + log1p(exp(-x)) if x > 0 else log1p(exp(x))
    alpha, b, last = [1.] * W, [1.] * N, None

    def climb(x, value, slope, curve, lo, hi):
        here, step = value(x), -slope / curve
        for _ in range(12):
            y = min(hi, max(lo, x + step))
            if value(y) >= here - 1e-13 * (1 + abs(here)):
                return y
            step /= 2
        return x
    while True:
        def score(i):
            x = [(l, alpha[w] * exp(b[i])) for w, l in c.of[i]]
            return [log(1 / K) - sum(soft(y) + log(K - 1) for _, y in x)
                    + sum(y + log(K - 1) for l, y in x if l == k) for k in range(K)]
        q, free, value = c.expect(score)
        value -= sum((a - 1) ** 2 for a in alpha) / 2 + sum((x - 1) ** 2 for x in b) / 2
        if last is not None and value - last < TOL * len(c.rows):
            return free, alpha
        last = value
        for j in range(W):
            mine = [(q[i][l], exp(b[i])) for i, l in by_worker(c, j)]
            a = alpha[j]
            alpha[j] = climb(a, lambda a: sum(o * a * e - soft(a * e) for o, e in mine) - (a - 1) ** 2 / 2,
                             sum(e * (o - sigma(a * e)) for o, e in mine) - (a - 1),
                             -sum(e * e * sigma(a * e) * sigma(-a * e) for o, e in mine) - 1, -1e3, 1e3)
        for i in range(N):
            mine = [(q[i][l], alpha[w]) for w, l in c.of[i]]
            x = b[i]
            first = sum((o - sigma(a * exp(x))) * a * exp(x) for o, a in mine)
            second = -sum(sigma(a * exp(x)) * sigma(-a * exp(x)) * (a * exp(x)) ** 2 for o, a in mine)
            bent = second + first
            b[i] = climb(x, lambda x: sum(o * a * exp(x) - soft(a * exp(x)) for o, a in mine)
                         - (x - 1) ** 2 / 2, first - (x - 1),
                         (bent if bent < 0 else second) - 1, -6, 6)


def mmsr(c):
    pairs = {}
    for i in c.tasks:
        for j, a in c.of[i]:
            for o, l in c.of[i]:
                if o != j:
                    n, same = pairs.get((j, o), (0, 0))
                    pairs[j, o] = n + 1, same + (a == l)

    def agree(n, same):
        return (same / n * K - 1) / (K - 1)
    u = []
    for j in range(W):
        n = sum(x for (a, _), (x, _) in pairs.items() if a == j)
        s = sum(x for (a, _), (_, x) in pairs.items() if a == j)
        x = agree(n, s) if n else 0
        u.append(sqrt(x) if x > 0 else -sqrt(-x))
    for _ in range(100):
        new = []
        for j in range(W):
            heard = sorted((agree(n, s) / u[o], n * u[o] * u[o]) for (a, o), (n, s) in pairs.items()
                           if a == j and abs(u[o]) >= .05)
            trim, lo, hi = int(.4 * len(heard)), 0, len(heard)
            while lo < trim and heard[lo][0] < u[j]:
                lo += 1
            while len(heard) - hi < trim and heard[hi - 1][0] > u[j]:
                hi -= 1
            kept = heard[lo:hi]
            total = sum(w for _, w in kept)
            x = sum(v * w for v, w in kept) / total if total > 0 else u[j]
            new.append((u[j] + max(-1, min(1, x))) / 2)
        moved = max(abs(x - y) for x, y in zip(u, new))
        u = new
        if moved <= 1e-6:
            break
    odds = []
    for j in range(W):
        edge = min(1 / sqrt(len(by_worker(c, j)) + 1), .5 / K)
        r = min(max((u[j] * (K - 1) + 1) / K, edge), 1 - edge)
        odds.append(log(r * (K - 1) / (1 - r)))
    return {i: softmax([sum(odds[w] for w, l in c.of[i] if l == k) for k in range(K)])[0]
            for i in c.tasks}, odds


def kos(c):
    edges = [(i, w, 1 if l else -1) for i in c.tasks for w, l in c.of[i]]
    m, sign, still = [1.] * len(edges), {}, 0

    def scaled(x):
        rms = sqrt(sum(v * v for v in x) / len(x))
        return [v / rms for v in x] if rms > 0 else x
    for _ in range(100):
        task, worker = {}, {}
        for e, (i, w, y) in enumerate(edges):
            task[i] = task.get(i, 0) + y * m[e]
        now = {i: (s > 0) - (s < 0) for i, s in task.items()}
        still = still + 1 if all(now[i] == sign.get(i, 0) for i in now) else 0
        sign = now
        x = scaled([(1 if c.gold[i] else -1) if c.gold[i] is not None else task[i] - y * m[e]
                    for e, (i, w, y) in enumerate(edges)])
        for e, (i, w, y) in enumerate(edges):
            worker[w] = worker.get(w, 0) + y * x[e]
        m = scaled([worker[w] - y * x[e] for e, (i, w, y) in enumerate(edges)])
        if still >= 5:
            break
    q, weight, n = {}, [0.] * W, [0] * W
    for e, (i, w, y) in enumerate(edges):
        q.setdefault(i, [0., 0.])[y * m[e] > 0] += abs(m[e])
        weight[w] += m[e]
        n[w] += 1
    for i in q:
        if not abs(q[i][1] - q[i][0]) > 1e-9 * sum(q[i]):
            q[i] = [sum(l == k for _, l in c.of[i]) for k in (0, 1)]
        q[i] = [x / sum(q[i]) for x in q[i]]
    return q, [a / b if b else 0. for a, b in zip(weight, n)]


class Two(Crowd):
    def __init__(self):
        super().__init__()
        self.rows = [(t, w, l % 2) for t, w, l in self.rows]
        self.of = [[(w, l % 2) for w, l in of] for of in self.of]
        self.gold = [None if g is None else g % 2 for g in self.gold]


if __name__ == '__main__':
    write(Crowd(), [fast_ds, mace, ibcc, ebcc, bwa, pm, catd, glad, mmsr])
    write(Two(), [kos])
    with open(os.path.join(HERE, 'kos', 'input.csv'), 'w') as f:
        f.write('task,worker,label\n' + ''.join('%d,%d,%d\n' % r for r in Two().rows))
    with open(os.path.join(HERE, 'kos', 'gold.csv'), 'w') as f:
        f.write('task,label\n' + ''.join('%d,%d\n' % (i, g) for i, g in enumerate(Two().gold)
                                         if g is not None))
    with open(os.path.join(HERE, 'kos', 'gold.csv'), 'w') as f:
        f.write('task,label\n' + ''.join('%d,%d\n' % (t, g) for t, g in enumerate(Two().gold) if g is not None))
    write(Crowd(), [ordinal_ds], grades=True)
