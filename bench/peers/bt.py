#!/usr/bin/env python3
"""bt.py PAIRS.csv [ROUNDS] -- Bradley-Terry with bootstrap as one writes it with numpy and scipy.

The yardstick of `annotary rank` for speed: the same model (a tie is half a win each, penalty
0.01 * sum theta^2), comparisons folded to one cell per pair of items, a round of the bootstrap drawn
as one multinomial over the cells' outcomes, and every fit by L-BFGS with its gradient, started at the
fit of all rows.  Reads worker,left,right,label; the time to read is left out.  Prints one JSON line:
cpu_seconds, the strengths and their 95 % intervals.
"""
import os
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import csv, json, sys, time

import numpy as np
from scipy.optimize import minimize

ALPHA = 0.01


def read(path):
    ids, left, right, outcome = {}, [], [], []
    with open(path, newline="") as f:
        for row in csv.DictReader(f):
            for column, place in (("left", left), ("right", right)):
                place.append(ids.setdefault(row[column], len(ids)))
            outcome.append({row["left"]: 0, row["right"]: 1}.get(row["label"], 2))
    return list(ids), np.array(left), np.array(right), np.array(outcome)


def fold(left, right, outcome, n):
    """One row per pair (a < b) that met: the items, and how often a won, b won, neither."""
    turned = left > right
    a, b = np.where(turned, right, left), np.where(turned, left, right)
    seen = np.where(outcome == 2, 2, np.where(turned, 1 - outcome, outcome))
    key, cell = np.unique(a * n + b, return_inverse=True)
    counts = np.zeros((len(key), 3))
    np.add.at(counts, (cell, seen), 1)
    return key // n, key % n, counts


def fit(a, b, counts, n, start):
    wins_a = counts[:, 0] + counts[:, 2] / 2
    met = counts.sum(axis=1)

    def objective(theta):
        d = theta[a] - theta[b]
        loss = np.sum(met * np.logaddexp(0, d) - wins_a * d) + ALPHA * theta @ theta
        slope = met / (1 + np.exp(-d)) - wins_a
        gradient = np.bincount(a, slope, n) - np.bincount(b, slope, n) + 2 * ALPHA * theta
        return loss, gradient

    return minimize(objective, start, jac=True, method="L-BFGS-B",
                    options={"ftol": 1e-12, "gtol": 1e-6, "maxiter": 1000}).x


def main():
    path, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    ids, left, right, outcome = read(path)
    n, rng = len(ids), np.random.default_rng(1)
    begin = time.process_time()
    a, b, counts = fold(left, right, outcome, n)
    theta = fit(a, b, counts, n, np.zeros(n))
    share = (counts / counts.sum()).ravel()
    draws = np.empty((rounds, n))
    for r in range(rounds):
        again = rng.multinomial(len(left), share).reshape(counts.shape)
        draws[r] = fit(a, b, again, n, theta)
    lo, hi = np.quantile(draws - draws.mean(axis=1, keepdims=True), (.025, .975), axis=0)
    spent = time.process_time() - begin
    print(json.dumps({"name": "bt.boot", "peer": "numpy, scipy L-BFGS", "rounds": rounds,
                      "rows": len(left), "items": n, "cpu_seconds": round(spent, 4),
                      "theta": dict(zip(ids, np.round(theta - theta.mean(), 6))),
                      "lo": dict(zip(ids, np.round(lo, 6))), "hi": dict(zip(ids, np.round(hi, 6)))}))


main()
