#!/usr/bin/env python3
"""Writes the golden folders of the mask methods: the same methods once more, pixel by pixel, from
their formulas.  Run it only when a formula changes; the C code is then compared with what stands here.

    input.csv                 task,worker,width,height,rle: discs, as six people drew them; run
                              lengths go row by row and begin with background
    METHOD/expected.csv       task,rle,confidence
    METHOD/workers.csv        worker,n,skill
"""
import math, os

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
TASKS, WORKERS = 12, 6


def draw(stream, i):
    z = (77 * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def disc(w, h, x, y, r):
    return [int((i % w - x) ** 2 + (i // w - y) ** 2 <= r * r) for i in range(w * h)]


def drawings():
    """(task, worker, width, height, pixels); workers get worse with their number."""
    out = []
    for t in range(TASKS):
        w, h = 14 + t % 3 * 2, 12 + t % 4
        x, y, r = w * (.35 + .3 * draw(1, t)), h * (.35 + .3 * draw(2, t)), 2 + 2.5 * draw(3, t)
        for j in range(WORKERS):
            i = t * WORKERS + j
            if (t + j) % 3 == 0 and t:
                continue
            off = .4 + .45 * j
            blunder = draw(4, i) < .12
            px = w * draw(5, i) if blunder else x + off * (draw(6, i) - .5) * 2
            py = h * draw(7, i) if blunder else y + off * (draw(8, i) - .5) * 2
            out.append((t, j, w, h, disc(w, h, px, py, r * (1 + .12 * j * (draw(9, i) - .5)))))
    return out


def rle(pixels):
    runs, now = [0], 0
    for p in pixels:
        if p != now:
            runs.append(0)
            now = p
        runs[-1] += 1
    return " ".join(map(str, runs))


def iou(a, b):
    both, some = sum(x & y for x, y in zip(a, b)), sum(x | y for x, y in zip(a, b))
    return both / some if some else 1.0


def by_task(rows):
    out = {}
    for row in rows:
        out.setdefault(row[0], []).append(row)
    return out


def vote(rows, weight):
    """P(foreground) of every pixel."""
    out = {}
    for t, mine in by_task(rows).items():
        total = sum(weight[t, j] for _, j, _, _, _ in mine)
        out[t] = [sum(weight[t, r[1]] * r[4][x] for r in mine) / total
                  for x in range(len(mine[0][4]))]
    return out


def decide(q):
    return {t: [int(p > (1 - p) * (1 + 1e-9)) for p in q[t]] for t in q}


def majority(rows):
    return vote(rows, {(t, j): 1.0 for t, j, *_ in rows})


def weighted(rows):
    q = majority(rows)
    for _ in range(20):
        answer = decide(q)
        here = {(t, j): iou(px, answer[t]) for t, j, _, _, px in rows}
        weight = {}
        for t, j, *_ in rows:
            mine = [v for (_, k), v in here.items() if k == j]
            middle = (here[t, j] + sum(mine) / len(mine)) / 2
            weight[t, j] = math.log(1 / (1 - middle + 1e-5) + 1) ** 2
        q = vote(rows, weight)
    return q


def region(mine):
    w, h = mine[0][2], mine[0][3]
    drawn = [any(r[4][i] for r in mine) for i in range(w * h)]
    return [any(drawn[v * w + u] for v in range(max(0, i // w - 2), min(h, i // w + 3))
                for u in range(max(0, i % w - 2), min(w, i % w + 3))) for i in range(w * h)]


def staple(rows):
    tasks = by_task(rows)
    q = majority(rows)
    near = {t: region(mine) for t, mine in tasks.items()}
    size = {t: sum(near[t]) for t in tasks}
    share = {t: max(1e-10, sum(p for p, n in zip(q[t], near[t]) if n) / size[t]) for t in tasks}

    def fit(q, key, prior):
        """key(row): which table the mask belongs to; prior[key]: pseudo counts [truth][said]"""
        last = -math.inf
        while True:
            count = {k: [list(line) for line in p] for k, p in prior.items()}
            for row in rows:
                t, px = row[0], row[4]
                c = count[key(row)]
                for x in range(len(px)):
                    if near[t][x]:
                        c[1][px[x]] += q[t][x] / size[t]
                        c[0][px[x]] += (1 - q[t][x]) / size[t]
            table = {k: [[max(v, 1e-10) / sum(max(u, 1e-10) for u in line) for v in line]
                         for line in c] for k, c in count.items()}
            now = sum(prior[k][a][b] * math.log(table[k][a][b])
                      for k in prior for a in (0, 1) for b in (0, 1))
            q = {}
            for t, mine in tasks.items():
                q[t] = []
                for x in range(len(mine[0][4])):
                    one, none = share[t], 1 - share[t]
                    for row in mine:
                        one *= table[key(row)][1][row[4][x]]
                        none *= table[key(row)][0][row[4][x]]
                    q[t].append(one / (one + none))
                    if near[t][x]:
                        now += math.log(one + none) / size[t]
            if now - last <= 1e-7 * len(tasks):
                return q, table
            last = now

    q, usual = fit(q, lambda r: r[1], {j: [[1.0, 0.0], [0.0, 1.0]] for j in range(WORKERS)})
    prior = {(t, j): [[.1 * v for v in line] for line in usual[j]] for t, j, *_ in rows}
    return fit(q, lambda r: (r[0], r[1]), prior)[0]


def main():
    rows = drawings()
    with open(os.path.join(HERE, "input.csv"), "w") as f:
        f.write("task,worker,width,height,rle\n")
        for t, j, w, h, px in rows:
            f.write("%d,w%d,%d,%d,%s\n" % (t, j, w, h, rle(px)))
    for method in (majority, weighted, staple):
        q = method(rows)
        answer = decide(q)
        where = os.path.join(HERE, method.__name__)
        os.makedirs(where, exist_ok=True)
        with open(os.path.join(where, "expected.csv"), "w") as f:
            f.write("task,rle,confidence\n")
            for t in sorted(q):
                both = sum(p for p, a in zip(q[t], answer[t]) if a)
                some = sum(1 if a else p for p, a in zip(q[t], answer[t]))
                f.write("%d,%s,%.9f\n" % (t, rle(answer[t]), both / some if some else 1))
        with open(os.path.join(where, "workers.csv"), "w") as f:
            f.write("worker,n,skill\n")
            for j in range(WORKERS):
                mine = [iou(px, answer[t]) for t, k, _, _, px in rows if k == j]
                f.write("w%d,%d,%.9f\n" % (j, len(mine), sum(mine) / len(mine)))


main()
