#!/usr/bin/env python3
"""Writes the golden folders of the text methods: the same methods once more, from their formulas.
Run it only when a formula changes; the C code is then compared with what stands here.

    input.csv                 task,worker,label: what ten people heard of twelve sentences
    METHOD/expected.csv       task,label,confidence,tied
    METHOD/workers.csv        worker,n,skill
"""
import csv, math, os, re, zlib
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
SENTENCES = [
    "The heron stood in the shallow water and did not move.",
    "In 1927 the bridge was 43 metres long; today it's 61.",
    "Señora Núñez bought five pears, two plums and a melon.",
    "Nobody knew why the old clock had stopped at a quarter past nine.",
    "Grüße aus Köln, wrote my uncle, and added a small drawing of the river.",
    "We'll meet at the café near the station.",
    "Turn left, then right, then left again.",
    "The committee didn't agree on the colour of the door.",
    "Рыба плывёт вниз по реке",
    "A quick answer is not always the right answer, said the teacher.",
    "Rain",
    "She read the letter twice before she put it into the fire.",
]
SWAPS = {"heron": "herring", "pears": "pairs", "plums": "plumbs", "clock": "cloak", "nine": "mine",
         "river": "liver", "station": "nation", "right": "write", "door": "floor", "fire": "wire",
         "water": "waiter", "letter": "ladder", "meet": "meat", "uncle": "ankle", "Rain": "Reign"}
ODD = ["um", "so", "er", "well"]


def draw(stream, i):
    z = (11 * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + i * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return ((z ^ z >> 31) >> 11) * 2.0 ** -53


def heard(sentence, worker, at):
    """The better half of the people make few mistakes."""
    wrong = .04 + .05 * worker
    out = []
    for k, word in enumerate(sentence.split()):
        u = draw(1, at * 100 + k)
        bare = word.strip('.,;')
        if u < wrong / 3:
            continue
        if u < wrong / 2:
            out.append(ODD[int(draw(2, at * 100 + k) * 4)])
        elif u < wrong * 1.6 and bare in SWAPS:
            word = word.replace(bare, SWAPS[bare])
        out.append(word.lower() if draw(3, at * 100 + k) < .05 * worker else word)
    text = ' '.join(out)
    return text.rstrip('.') if draw(4, at) < .3 else text


def rows():
    out = []
    for t, s in enumerate(SENTENCES):
        for j in range(5):
            w = int(draw(5, t) * 10 + 2 * j) % 10
            out.append((t, w, heard(s, w, t * 10 + j)))
    out.append((3, out[15][1], "Nobody knew why the old clock had stopped at a quarter past nine."))
    out.append((12, 4, " ... "))        # no word: no answer; task 12 stays without one
    return out


# ---------------------------------------------------------------- what is common to all methods

def words(text):
    return re.sub(r"[^\w' ]+", ' ', text.lower()).split()


def errors(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        d, old = [i], d
        for j, y in enumerate(b, 1):
            d.append(min(old[j - 1] + (x != y), old[j] + 1, d[j - 1] + 1))
    return d[-1]


def answers(given):
    """task -> [(worker, text)], in the order of the rows, the last one of a worker."""
    last = {(t, w): k for k, (t, w, _) in enumerate(given)}
    by = {}
    for k, (t, w, text) in enumerate(given):
        if last[t, w] == k and words(text):
            by.setdefault(t, []).append((w, text))
    return by


def nearness(text, result):
    return max(0, 1 - errors(words(text), words(result)) / len(words(result)))


# ---------------------------------------------------------------- methods: task -> (text, tied);
# then the weights of the workers, where they differ

def medoid(by):
    out = {}
    for t, mine in by.items():
        risk = [sum(errors(words(a), words(b)) for _, b in mine) for _, a in mine]
        best = risk.index(min(risk))
        tied = any(r == risk[best] and words(a) != words(mine[best][1])
                   for r, (_, a) in zip(risk, mine))
        out[t] = mine[best][1], tied
    return out, None


def cut(text):
    """The words with what stands before, in and behind them: [(key, head, word, tail, last)]."""
    spots = list(re.finditer(r"[\w']+", text))
    ends = [m.start() for m in spots[1:]] + [len(text)]
    return [(m.group().lower(), text[:m.start()] if k == 0 else None, m.group(),
             text[m.end():ends[k]], k + 1 == len(spots)) for k, m in enumerate(spots)]


def align(slots, tokens):
    """Cheapest cost from here to the start, by recursion from the right."""
    p, n = len(slots), len(tokens)
    cost = [[0] * (n + 1) for _ in range(p + 1)]
    for i in range(p + 1):
        for j in range(n + 1):
            ways = [] if i or j else [0]
            if i and j:
                held = any(tokens[j - 1][0] == v[0] for v in slots[i - 1])
                ways.append(cost[i - 1][j - 1] + (0 if held else 1))
            if i:
                ways.append(cost[i - 1][j] + 1)
            if j:
                ways.append(cost[i][j - 1] + 1)
            cost[i][j] = min(ways)
    out, i, j = [], p, n
    while i or j:
        if j and cost[i][j] == cost[i][j - 1] + 1:
            out.append([tokens[j - 1]])
            j -= 1
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            out.append(slots[i - 1])
            i -= 1
        else:
            out.append(slots[i - 1] + [tokens[j - 1]])
            i, j = i - 1, j - 1
    return out[::-1]


def most(said):
    return Counter(said).most_common(1)[0][0] if said else None     # of equals the first


def rover(by):
    out = {}
    for t, mine in by.items():
        risk = [sum(errors(words(a), words(b)) for _, b in mine) for _, a in mine]
        order = sorted(range(len(mine)), key=lambda k: (risk[k], k))
        slots = []
        for k in order:
            slots = align(slots, cut(mine[k][1]))
        kept, tied = [], False
        for s in slots:
            votes = Counter(v[0] for v in s)
            word, n = votes.most_common(1)[0]
            silent = len(mine) - len(s)
            if silent > n:
                continue
            tied |= silent == n or sorted(votes.values())[-2:-1] == [n]
            kept.append([v for v in s if v[0] == word])
        text = (most([v[1].lstrip() for v in kept[0] if v[1] is not None]) or '')
        for k, s in enumerate(kept):
            last = k + 1 == len(kept)
            tail = most([v[3].rstrip() if last else v[3] for v in s if v[4] == last])
            text += most([v[2] for v in s]) + ((tail or '') if last or tail is not None else ' ')
        out[t] = text, tied
    return out, None


def vector(text):
    text = '  ' + text.lower() + '  '
    v = [0.0] * 512
    for k in range(len(text) - 2):
        v[zlib.crc32(text[k:k + 3].encode()) % 512] += 1
    return scaled(v)


def scaled(v):
    n = math.sqrt(sum(x * x for x in v))
    return [x / n for x in v]


def apart(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def gleu(a, b):
    a, b = ([tuple(s[i:i + n]) for n in (1, 2, 3, 4) for i in range(len(s) - n + 1)]
            for s in (words(a), words(b)))
    return sum((Counter(a) & Counter(b)).values()) / max(len(a), len(b))


def chi2_quantile(p, df):
    """By halving; the distribution function by its series."""
    def cdf(x):
        term = total = 1 / (df / 2)
        n = 0
        while term > total * 1e-17:
            n += 1
            term *= x / 2 / (df / 2 + n)
            total += term
        return total * math.exp(df / 2 * math.log(x / 2) - x / 2 - math.lgamma(df / 2))
    lo, hi = 1e-9, 1e4
    for _ in range(200):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if cdf(mid) < p else (lo, mid)
    return lo


def points(by, hybrid):
    n = Counter(w for mine in by.values() for w, _ in mine)
    chi2 = {w: chi2_quantile(.975, n[w]) for w in n}
    e = {t: [vector(a) for _, a in mine] for t, mine in by.items()}
    local = {t: [1.0] * len(mine) for t, mine in by.items()}
    for t, mine in by.items():
        for a in range(len(mine)) if hybrid and len(mine) > 1 else ():
            local[t][a] = sum(math.exp(-apart(e[t][a], e[t][b])) + gleu(mine[a][1], mine[b][1])
                              for b in range(len(mine)) if b != a) / 2 / (len(mine) - 1)
    skill = dict.fromkeys(n, 1.0)
    for _ in range(100):
        far, middle = dict.fromkeys(n, .1), {}
        for t, mine in by.items():
            v = [skill[w] * l for (w, _), l in zip(mine, local[t])]
            middle[t] = [sum(x * y[k] for x, y in zip(v, e[t])) / sum(v) for k in range(512)]
            for (w, _), l, x in zip(mine, local[t], e[t]):
                far[w] += l * apart(x, middle[t])
        skill = {w: chi2[w] / far[w] for w in n}
    out = {}
    for t, mine in by.items():
        v = [skill[w] * l for (w, _), l in zip(mine, local[t])]
        m = scaled([sum(x * y[k] for x, y in zip(v, e[t])) for k in range(512)])
        cosine = [sum(x * y for x, y in zip(m, a)) for a in e[t]]
        best = next(k for k, c in enumerate(cosine) if c > max(cosine) - 1e-12)
        out[t] = mine[best][1], False
    return out, skill


def rasa(by):
    return points(by, False)


def hrrasa(by):
    return points(by, True)


def exact(by):
    out = {}
    for t, mine in by.items():
        votes = Counter(' '.join(words(a)) for _, a in mine)
        n = max(votes.values())
        first = next(a for _, a in mine if votes[' '.join(words(a))] == n)
        out[t] = first, list(votes.values()).count(n) > 1
    return out, None


# ----------------------------------------------------------------

def write(name, head, lines):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, 'w', encoding='utf-8', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        w.writerow(head)
        w.writerows(lines)


def main():
    given = rows()
    write(os.path.join(HERE, 'input.csv'), ('task', 'worker', 'label'), given)
    by = answers(given)
    for method in (rover, medoid, rasa, hrrasa, exact):
        out, weight = method(by)
        near = {t: [nearness(a, out[t][0]) for _, a in by[t]] for t in by}
        sure = {t: sum(x * (weight[w] if weight else 1) for (w, _), x in zip(by[t], near[t]))
                / sum(weight[w] if weight else 1 for w, _ in by[t]) for t in by}
        if method is exact:     # the share of the votes; skill: those behind what a person said
            near = {t: [Counter(' '.join(words(b)) for _, b in by[t])[' '.join(words(a))]
                        / len(by[t]) for _, a in by[t]] for t in by}
            sure = {t: max(near[t]) for t in by}
        where = os.path.join(HERE, method.__name__)
        write(os.path.join(where, 'expected.csv'), ('task', 'label', 'confidence', 'tied'),
              [(t, out[t][0], '%.9f' % sure[t], int(out[t][1])) for t in sorted(out)])
        skill = {}
        for t in by:
            for (w, _), x in zip(by[t], near[t]):
                skill.setdefault(w, []).append(x)
        write(os.path.join(where, 'workers.csv'), ('worker', 'n', 'skill'),
              [(w, len(x), '%.9f' % (sum(x) / len(x))) for w, x in sorted(skill.items())])


main()
