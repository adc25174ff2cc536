#!/usr/bin/env python3
"""Writes the golden folders of boxes and spans: the same merging once more, from its description,
with every matching tried out.  Run it only when a formula changes; the C code is then compared with
what stands here.

    input.csv                 task,worker,label,x0,y0,x1,y1,confidence (spans: start,end); a row
                              without a label: looked and drew nothing
    METHOD/expected.csv       task,label,x0,y0,x1,y1,existence,backing,kept
    METHOD/workers.csv        worker,n,skill,miss,alarm
"""
import itertools, math, os

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
TASKS, WORKERS = 14, 5


def draw(stream, i):
    z = (31 * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def drawings(dims):
    """(task, worker, label, numbers, confidence); label None: drew nothing."""
    rows, i = [], 0
    for t in range(TASKS):
        things = [([20 + 37 * k + 9 * draw(1, 9 * t + k + 100 * d) for d in range(dims)],
                   [14 + 10 * draw(2, 9 * t + k + 100 * d) for d in range(dims)],
                   int(draw(3, 9 * t + k) * 2)) for k in range(1 + t % 3)]
        for j in range(WORKERS):
            if (t + 2 * j) % 7 == 0:
                continue                                    # did not look
            mine = []
            for corner, size, label in things:
                i += 1
                if draw(4, i) < .05 + .07 * j:
                    continue
                off = [(1 + j) * (draw(5, 8 * i + d) - .5) * 1.6 for d in range(2 * dims)]
                low = [round(corner[d] + off[d], 2) for d in range(dims)]
                high = [round(corner[d] + size[d] + off[dims + d], 2) for d in range(dims)]
                mine.append((t, j, 1 - label if draw(6, i) < .04 * j else label, low + high,
                             round(.5 + .5 * draw(7, i), 2)))
            i += 1
            if draw(8, i) < .1 + .1 * j:                    # sees what is not there
                low = [round(150 + 60 * draw(9, i + 1000 * d), 2) for d in range(dims)]
                mine.append((t, j, 0, low + [round(v + 12, 2) for v in low], .6))
            rows += mine or [(t, j, None, None, None)]
    return rows


def iou(a, b):
    dims = len(a) // 2
    both = math.prod(max(0, min(a[dims + d], b[dims + d]) - max(a[d], b[d])) for d in range(dims))
    size = [math.prod(x[dims + d] - x[d] for d in range(dims)) for x in (a, b)]
    return both / (sum(size) - both)


def group_task(mine, people, weight, greedy):
    """Groups of rows of one task, as they are founded."""
    groups = []

    def score(row, group):
        if group[0][2] != row[2]:
            return 0
        mean = sum(iou(row[3], m[3]) for m in group) / len(group)
        return mean if mean >= .5 else 0

    order = sorted(people, key=lambda j: (-weight[j], j))
    if greedy:
        for row in sorted(mine, key=lambda r: (-weight[r[1]] * r[4], order.index(r[1]), r[3])):
            best = max([g for g in groups if row[1] not in [m[1] for m in g]],
                       key=lambda g: score(row, g), default=None)
            if best and score(row, best) > 0:
                best.append(row)
            else:
                groups.append([row])
        return groups
    for j in order:
        rows = sorted((r for r in mine if r[1] == j), key=lambda r: (r[3], r[2]))
        slots = list(range(len(groups))) + [None] * len(rows)
        best, choice = -1, None
        for pick in set(itertools.permutations(slots, len(rows))):
            total = sum(score(r, groups[g]) for r, g in zip(rows, pick) if g is not None)
            if any(g is not None and score(r, groups[g]) == 0 for r, g in zip(rows, pick)):
                continue
            if total > best:
                best, choice = total, pick
        for r, g in zip(rows, choice or ()):
            if g is None:
                groups.append([r])
            else:
                groups[g].append(r)
    return groups


def place(group, weight, spans):
    w = [weight[r[1]] * r[4] for r in group]
    total, out = sum(w), []
    for k in range(len(group[0][3])):
        values = sorted((r[3][k], x / total) for r, x in zip(group, w))
        if len(group) < 3 and not spans:
            out.append(sum(v * x for v, x in values))
            continue
        for v, _ in values:
            below = sum(x for u, x in values if u <= v)
            if below >= .5 - 1e-9:
                break
        above = [u for u, _ in values if u > v]
        out.append((v + above[0]) / 2 if abs(below - .5) <= 1e-9 and above and not spans else v)
    return out


def trust(things, looked):
    """existence of each thing, miss and alarm of each worker"""
    p = [len(g) / len(looked[g[0][0]]) for g in things]
    votes = sum(len(looked[g[0][0]]) for g in things)
    last, unseen = -math.inf, [(0, 0)] * len(things)
    while True:
        share = (sum(p) + sum(n * q for n, q in unseen) + 1) / (len(p) + sum(n for n, _ in unseen) + 2)
        now = math.log(share) + math.log(1 - share)
        miss, alarm = {}, {}
        for j in range(WORKERS):
            mine = [(q, any(r[1] == j for r in g), n * u, n * (1 - u))
                    for q, g, (n, u) in zip(p, things, unseen) if j in looked[g[0][0]]]
            miss[j] = (sum(q * (not d) + here for q, d, here, _ in mine) + 1) \
                / (sum(q + here for q, _, here, _ in mine) + 5)
            alarm[j] = (sum((1 - q) * d for q, d, _, _ in mine) + 1) \
                / (sum(1 - q + gone for q, _, _, gone in mine) + 5)
            for x in (miss[j], alarm[j]):
                now += math.log(x) + 4 * math.log(1 - x)
        p, unseen = [], []
        for g in things:
            yes, no = share, 1 - share
            a, b = share, 1 - share                     # nobody draws it
            for j in looked[g[0][0]]:
                a, b = a * miss[j], b * (1 - alarm[j])
                d = any(r[1] == j for r in g)
                yes *= 1 - miss[j] if d else miss[j]
                no *= alarm[j] if d else 1 - alarm[j]
            p.append(yes / (yes + no))
            unseen.append(((a + b) / (1 - a - b), a / (a + b)))
            now += math.log(yes + no) - math.log(1 - a - b)
        if now - last <= 1e-7 * (votes + 1):
            return p, miss, alarm
        last = now


def merge(rows, greedy, spans):
    looked = {}
    for r in rows:
        looked.setdefault(r[0], set()).add(r[1])
    drawn = [r for r in rows if r[2] is not None]
    weight = [1.0] * WORKERS
    for _ in range(2):
        things = []
        for t in sorted(looked):
            things += group_task([r for r in drawn if r[0] == t], looked[t], weight, greedy)
        places = [place(g, weight, spans) for g in things]
        p, miss, alarm = trust(things, looked)
        fits = [(r[1], q, iou(r[3], at)) for g, q, at in zip(things, p, places) for r in g]
        usual = sum(q * v for _, q, v in fits) / sum(q for _, q, _ in fits)
        for j in range(WORKERS):
            mean = (sum(q * v for k, q, v in fits if k == j) + 2 * usual) \
                / (sum(q for k, q, _ in fits if k == j) + 2)
            weight[j] = math.log(1 / (1 - mean + 1e-5) + 1) ** 2
    out = [(g[0][0], g[0][2], at, q, len(g)) for g, at, q in zip(things, places, p)]
    people = []
    for j in range(WORKERS):
        votes = [q if any(r[1] == j for r in g) else 1 - q
                 for g, q in zip(things, p) if j in looked[g[0][0]]]
        people.append((len(votes), sum(votes) / len(votes), miss[j], alarm[j]))
    return sorted(out, key=lambda x: (x[0], x[3] <= .5)), people


def main():
    for kind, names in (("boxes", "x0,y0,x1,y1"), ("spans", "start,end")):
        rows = drawings(2 if kind == "boxes" else 1)
        folder = os.path.join(HERE, "..", kind)
        with open(os.path.join(folder, "input.csv"), "w") as f:
            f.write("task,worker,label,%s,confidence\n" % names)
            for t, j, label, at, sure in rows:
                f.write("%d,w%d,%s\n" % (t, j, "," * (names.count(",") + 2) if label is None else
                        "%s,%s,%.2f" % ("ab"[label], ",".join("%.2f" % v for v in at), sure)))
        for method in ("optimal", "greedy"):
            things, people = merge(rows, method == "greedy", kind == "spans")
            where = os.path.join(folder, method)
            os.makedirs(where, exist_ok=True)
            with open(os.path.join(where, "expected.csv"), "w") as f:
                f.write("task,label,%s,existence,backing,kept\n" % names)
                for t, label, at, q, n in things:
                    f.write("%d,%s,%s,%.6f,%d,%d\n" % (t, "ab"[label],
                            ",".join("%.6f" % v for v in at), q, n, q > .5))
            with open(os.path.join(where, "workers.csv"), "w") as f:
                f.write("worker,n,skill,miss,alarm\n")
                for j, (n, skill, miss, alarm) in enumerate(people):
                    f.write("w%d,%d,%.6f,%.6f,%.6f\n" % (j, n, skill, miss, alarm))


main()
