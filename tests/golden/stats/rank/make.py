#!/usr/bin/env python3
"""Writes the golden folders of the ranking methods, from their formulas, in plain Python and by
other ways than the C code: every likelihood is written down once and climbed by Newton with
derivatives by differences; the online ratings are the textbook's lines.  Run it only when a formula
changes; the C code is then compared with what stands here, never the other way round.

    duels.csv                   12 items, 480 comparisons by 6 judges, seed 7; one judge answers the
                                wrong way round, one at random; period: the season of glicko2
    ID/expected.csv             item, theta, se, rank
    ID/expected-params.csv      name, value                       (bt-davidson, bt-rao-kupper)
    crowd-bt/expected-workers.csv               worker, quality
    plackett-luce/lists.csv, expected-lists.csv rankings of several, and what follows from them
    glicko2/example.csv, trueskill/example.csv  the examples of the papers, see the text there
"""
import math, os

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
ITEMS, ROWS, JUDGES, SEED, ALPHA = 12, 480, 6, 7, .01


def draw(stream, i):
    z = (SEED * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def duels():
    """(judge, left, right, outcome, period): outcome 0 left, 1 right, 2 tie."""
    theta = [5 * draw(1, i) - 2.5 for i in range(ITEMS)]
    rows = []
    for k in range(ROWS):
        a = int(draw(2, k) * ITEMS)
        b = (a + 1 + int(draw(3, k) * (ITEMS - 1))) % ITEMS
        judge = int(draw(4, k) * JUDGES)
        d = theta[a] - theta[b]
        d *= (-1, 0, .7)[judge] if judge < 3 else 1
        if draw(5, k) < .15:
            y = 2
        else:
            y = 0 if draw(6, k) < 1 / (1 + math.exp(-d)) else 1
        rows.append((judge, a, b, y, k // 160))
    return rows


# ------------------------------------------------------------------ small tools

def solve(m, v):
    """Gauss with pivots; v a list of right sides."""
    n = len(m)
    a = [row[:] + [x[i] for x in v] for i, row in enumerate(m)]
    for c in range(n):
        p = max(range(c, n), key=lambda r: abs(a[r][c]))
        a[c], a[p] = a[p], a[c]
        for r in range(n):
            if r != c and a[r][c]:
                f = a[r][c] / a[c][c]
                a[r] = [x - f * y for x, y in zip(a[r], a[c])]
    return [[a[i][n + j] / a[i][i] for i in range(n)] for j in range(len(v))]


def inverse(m):
    n = len(m)
    return solve(m, [[float(i == j) for i in range(n)] for j in range(n)])


def curvature(gradient, x, h=1e-5):
    """The negated second derivatives, by central differences of the slope."""
    n, out = len(x), []
    for i in range(n):
        up, down = x[:], x[:]
        up[i] += h
        down[i] -= h
        out.append([-(p - q) / (2 * h) for p, q in zip(gradient(up), gradient(down))])
    return [[(out[i][j] + out[j][i]) / 2 for j in range(n)] for i in range(n)]


def climb(gradient, x, centred):
    """Newton; the first `centred` parameters have a level that nothing fixes, so it is pinned."""
    for _ in range(60):
        g, h = gradient(x), curvature(gradient, x)
        for i in range(centred):
            for j in range(centred):
                h[i][j] += 1
        step = solve(h, [g])[0]
        top = max(abs(s) for s in step)
        x = [v + s * min(1, 1 / top) for v, s in zip(x, step)] if top else x
        if top < 1e-12:
            break
    return x


def errors(h, n):
    """Standard errors of the first n parameters where these sum to zero: the curvature is turned
    into that of the others, the last of the n being minus their sum."""
    m = len(h)
    free = [i for i in range(m) if i != n - 1]
    def column(i):
        return [(1.0 if k == i else -1.0 if k == n - 1 and i < n else 0.0) for k in range(m)]
    cols = [column(i) for i in free]
    small = [[sum(u[i] * h[i][j] * v[j] for i in range(m) for j in range(m)) for v in cols]
             for u in cols]
    c = inverse(small)
    out = []
    for k in range(n):
        w = [u[k] for u in cols]
        out.append(math.sqrt(sum(w[i] * c[i][j] * w[j] for i in range(len(w)) for j in range(len(w)))))
    return out


def sigma(d):
    return 1 / (1 + math.exp(-d))


# ------------------------------------------------------------------ the Bradley-Terry family

def family_gradient(rows, probability, extra):
    """Slope of sum ln P - ALPHA sum theta^2, by complex steps through the probability itself."""
    h = 1e-20

    def gradient(x):
        g = [-2 * ALPHA * t for t in x[:ITEMS]] + [0.0] * extra
        e = x[ITEMS] if extra else 0.0
        for _, a, b, y, _ in rows:
            d = x[a] - x[b]
            slope = probability(complex(d, h), complex(e, 0), y)
            s = slope.imag / slope.real / h
            g[a] += s
            g[b] -= s
            if extra:
                slope = probability(complex(d, 0), complex(e, h), y)
                g[ITEMS] += slope.imag / slope.real / h
        return g
    return gradient


def cexp(z):
    r = math.exp(z.real)
    return complex(r * math.cos(z.imag), r * math.sin(z.imag))


def p_bt(d, e, y):
    """A tie is half a win each: the root of both chances multiplied (its logarithm is what counts)."""
    a, b = 1 / (1 + cexp(-d)), 1 / (1 + cexp(d))
    return a if y == 0 else b if y == 1 else (a * b) ** .5


def p_davidson(d, e, y):
    a, b, t = cexp(d / 2), cexp(-d / 2), cexp(e)
    return (a, b, t)[y] / (a + b + t)


def p_rao_kupper(d, e, y):
    """pi_a / (pi_a + kappa pi_b), and what two of those leave."""
    a, b = 1 / (1 + cexp(e - d)), 1 / (1 + cexp(e + d))
    return a if y == 0 else b if y == 1 else 1 - a - b


def family(rows, probability, extra):
    g = family_gradient(rows, probability, extra)
    x = climb(g, [0.0] * ITEMS + [.3] * extra, ITEMS)
    return x, errors(curvature(g, x), ITEMS)


# ------------------------------------------------------------------ judges

def crowd(rows):
    """EM to the end of both steps; then the expected information of strengths and qualities."""
    theta, eta = [0.0] * ITEMS, [10 / 11] * JUDGES
    answers = [(j, a, b, 1.0) if y == 0 else (j, b, a, 1.0) for j, a, b, y, _ in rows if y < 2]
    for j, a, b, y, _ in rows:
        if y == 2:
            answers += [(j, a, b, .5), (j, b, a, .5)]
    for _ in range(2000):
        wins, good, all_ = {}, [0.0] * JUDGES, [0.0] * JUDGES
        for j, a, b, w in answers:
            p = sigma(theta[a] - theta[b])
            r = eta[j] * p / (eta[j] * p + (1 - eta[j]) * (1 - p))
            wins[a, b] = wins.get((a, b), 0) + w * r
            wins[b, a] = wins.get((b, a), 0) + w * (1 - r)
            good[j] += w * r
            all_[j] += w
        def gradient(x):
            g = [-2 * ALPHA * t for t in x]
            for (a, b), w in wins.items():
                s = w * sigma(x[b] - x[a])
                g[a] += s
                g[b] -= s
            return g
        before = theta + eta
        theta = climb(gradient, theta, ITEMS)
        eta = [(g + 10) / (n + 11) for g, n in zip(good, all_)]
        if max(abs(p - q) for p, q in zip(before, theta + eta)) < 1e-11:
            break
    n = ITEMS + JUDGES
    h = [[0.0] * n for _ in range(n)]
    for j, a, b, w in answers:
        p = sigma(theta[a] - theta[b])
        like = eta[j] * p + (1 - eta[j]) * (1 - p)
        v = {a: (2 * eta[j] - 1) * p * (1 - p), ITEMS + j: 2 * p - 1}
        v[b] = -v[a]
        for i in v:
            for k in v:
                h[i][k] += w * v[i] * v[k] / (like * (1 - like))
    for i in range(ITEMS):
        h[i][i] += 2 * ALPHA
    for j in range(JUDGES):
        h[ITEMS + j][ITEMS + j] += 10 / eta[j] ** 2 + 1 / (1 - eta[j]) ** 2
    return theta, errors(h, ITEMS), eta


# ------------------------------------------------------------------ lists

def luce(choices):
    """choices: (winner, set, weight).  The Gamma prior that added rates amount to."""
    def gradient(x):
        g = [ALPHA * ITEMS * (1 - math.exp(t)) for t in x]
        for w, s, weight in choices:
            total = sum(math.exp(x[i]) for i in s)
            g[w] += weight
            for i in s:
                g[i] -= weight * math.exp(x[i]) / total
        return g
    x = climb(gradient, [0.0] * ITEMS, 0)
    mean = sum(x) / ITEMS
    return [t - mean for t in x], errors(curvature(gradient, x), ITEMS)


def pair_choices(rows):
    out = []
    for _, a, b, y, _ in rows:
        if y != 1:
            out.append((a, (a, b), .5 if y == 2 else 1))
        if y != 0:
            out.append((b, (a, b), .5 if y == 2 else 1))
    return out


def lists():
    theta = [2.4 * draw(1, i) - 1.2 for i in range(ITEMS)]
    out = []
    for l in range(40):
        size = 3 + int(draw(8, l) * 4)
        noisy = sorted(range(ITEMS), key=lambda i: draw(9, l * ITEMS + i))[:size]
        noisy.sort(key=lambda i: -(theta[i] - math.log(-math.log(draw(10, l * ITEMS + i) + 1e-12))))
        out.append(noisy)
    return out


# ------------------------------------------------------------------ by order

def elo(rows):
    r = [1000.0] * ITEMS
    for _, a, b, y, _ in rows:
        score = (1, 0, .5)[y]
        p = 1 / (1 + 10 ** ((r[b] - r[a]) / 400))
        r[a] += 4 * (score - p)
        r[b] -= 4 * (score - p)
    return [(x - 1000) * math.log(10) / 400 for x in r], [0.0] * ITEMS


def trueskill(rows, n=ITEMS):
    beta, tau = 25 / 6, 25 / 300
    pdf = lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    cdf = lambda x: (1 + math.erf(x / math.sqrt(2))) / 2
    margin = 0.12566134685507402 * math.sqrt(2) * beta      # normal quantile of .55
    mu, var = [25.0] * n, [(25 / 3) ** 2] * n
    for _, a, b, y, _ in rows:
        if y == 1:
            a, b = b, a
        var[a] += tau ** 2
        var[b] += tau ** 2
        c = math.sqrt(2 * beta ** 2 + var[a] + var[b])
        t, e = (mu[a] - mu[b]) / c, margin / c
        if y == 2:
            z = cdf(e - t) - cdf(-e - t)
            v = (pdf(-e - t) - pdf(e - t)) / z
            w = v * v + ((e - t) * pdf(e - t) + (e + t) * pdf(e + t)) / z
        else:
            v = pdf(t - e) / cdf(t - e)
            w = v * (v + t - e)
        mu[a] += var[a] / c * v
        mu[b] -= var[b] / c * v
        var[a] *= 1 - var[a] / c ** 2 * w
        var[b] *= 1 - var[b] / c ** 2 * w
    unit = 1.702 / (math.sqrt(2) * beta)
    return [(m - 25) * unit for m in mu], [math.sqrt(v) * unit for v in var], mu, var


def glicko2(rows, start=None):
    tau, unit = .5, 173.7178
    players = start or [(1500, 350, .06)] * ITEMS
    players = [((r - 1500) / unit, d / unit, s) for r, d, s in players]
    for now in sorted({row[4] for row in rows}):
        after = []
        for i, (mu, phi, vol) in enumerate(players):
            games = [(b, (1, 0, .5)[y]) for _, a, b, y, p in rows if a == i and p == now]
            games += [(a, (0, 1, .5)[y]) for _, a, b, y, p in rows if b == i and p == now]
            if not games:
                after.append((mu, min(math.sqrt(phi ** 2 + vol ** 2), max(phi, 350 / unit)), vol))
                continue
            g = lambda f: 1 / math.sqrt(1 + 3 * f * f / math.pi ** 2)
            e = [sigma(g(players[j][1]) * (mu - players[j][0])) for j, _ in games]
            v = 1 / sum(g(players[j][1]) ** 2 * x * (1 - x) for (j, _), x in zip(games, e))
            pull = sum(g(players[j][1]) * (s - x) for (j, s), x in zip(games, e))
            a, delta = math.log(vol ** 2), v * pull
            f = lambda x: (math.exp(x) * (delta ** 2 - phi ** 2 - v - math.exp(x))
                           / 2 / (phi ** 2 + v + math.exp(x)) ** 2 - (x - a) / tau ** 2)
            lo, hi = a - 20, a + 20             # f falls from plus to minus: halve the stretch
            for _ in range(200):
                mid = (lo + hi) / 2
                lo, hi = (mid, hi) if f(mid) > 0 else (lo, mid)
            vol = math.exp(lo / 2)
            phi = 1 / math.sqrt(1 / (phi ** 2 + vol ** 2) + 1 / v)
            after.append((mu + phi ** 2 * pull, phi, vol))
        players = after
    return [p[0] for p in players], [p[1] for p in players], players


# ------------------------------------------------------------------ writing

def write(folder, name, head, rows):
    os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    with open(os.path.join(HERE, folder, name), "w") as f:
        f.write(head + "\n" + "".join(",".join(str(c) for c in r) + "\n" for r in rows))


def expected(folder, theta, se, name="expected.csv"):
    rank = [1 + sum(u > t + 1e-9 for u in theta) for t in theta]
    write(folder, name, "item,theta,se,rank",
          [(i, "%.7f" % t, "%.7f" % s, r) for i, (t, s, r) in enumerate(zip(theta, se, rank))])


def main():
    rows = duels()
    write(".", "duels.csv", "worker,left,right,label,period",
          [(j, a, b, (a, b, "tie")[y], p) for j, a, b, y, p in rows])
    x, se = family(rows, p_bt, 0)
    expected("bt", x, se)
    x, se = family(rows, p_davidson, 1)
    expected("bt-davidson", x[:ITEMS], se)
    write("bt-davidson", "expected-params.csv", "name,value", [("nu", "%.7f" % math.exp(x[ITEMS]))])
    x, se = family(rows, p_rao_kupper, 1)
    expected("bt-rao-kupper", x[:ITEMS], se)
    write("bt-rao-kupper", "expected-params.csv", "name,value",
          [("kappa", "%.7f" % math.exp(x[ITEMS]))])
    theta, se, eta = crowd(rows)
    expected("crowd-bt", theta, se)
    write("crowd-bt", "expected-workers.csv", "worker,quality",
          [(j, "%.7f" % q) for j, q in enumerate(eta)])
    expected("plackett-luce", *luce(pair_choices(rows)))
    ranked = lists()
    write("plackett-luce", "lists.csv", "list,place,item",
          [(l, k + 1, i) for l, one in enumerate(ranked) for k, i in enumerate(one)])
    expected("plackett-luce", *luce([(one[k], one[k:], 1) for one in ranked
                                     for k in range(len(one) - 1)]), name="expected-lists.csv")
    expected("elo", *elo(rows))
    theta, se, _, _ = trueskill(rows)
    expected("trueskill", theta, se)
    _, _, mu, var = trueskill([(0, 0, 1, 0, 0)], 2)
    write("trueskill", "example.csv", "item,rating,deviation",
          [(i, "%.6f" % m, "%.6f" % math.sqrt(v)) for i, (m, v) in enumerate(zip(mu, var))])
    theta, se, _ = glicko2(rows)
    expected("glicko2", theta, se)
    start = [(1500, 200, .06), (1400, 30, .06), (1550, 100, .06), (1700, 300, .06)]
    _, _, players = glicko2([(0, 0, 1, 0, 0), (0, 0, 2, 1, 0), (0, 0, 3, 1, 0)], start)
    write("glicko2", "example.csv", "item,rating,deviation,volatility",
          [(0, "%.4f" % (1500 + 173.7178 * players[0][0]), "%.4f" % (173.7178 * players[0][1]),
            "%.6f" % players[0][2])])


main()
