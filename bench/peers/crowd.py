#!/usr/bin/env python3
"""crowd.py METHOD TASKS [ITERATIONS] -- one method of crowd-kit on the same made-up crowd that
bench_stats_speed makes (five answers a task, four classes, seed 7), timed without making the data.

Prints one JSON object: CPU seconds (one thread), accuracy, and for GLAD the value of our objective at
its parameters: marginal log-likelihood + log N(1, 1) priors, so both can be compared.
"""
import os
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import json, sys, time, warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
K, R, SEED = 4, 5, 7
M = np.uint64


def draw(stream, i):
    with np.errstate(over="ignore"):
        z = M(SEED) * M(0x9E3779B97F4A7C15) + M(stream) * M(0xD1B54A32D192ED03) + i.astype(M) * M(0x9E3779B97F4A7C15)
        z = (z ^ (z >> M(30))) * M(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> M(27))) * M(0x94D049BB133111EB)
        z = z ^ (z >> M(31))
    return (z >> M(11)).astype(np.float64) * 2.0 ** -53


def crowd(n):
    w_all = max(100, n // 500)
    t = np.arange(n)
    truth = (draw(1, t) * K).astype(np.int64)
    skill = 0.35 + 0.6 * draw(2, np.arange(w_all))
    base = (draw(3, t) * w_all).astype(np.int64)
    task, j = np.repeat(t, R), np.tile(np.arange(R), n)
    worker = (base[task] + j * (w_all // R)) % w_all
    i = task * R + j
    wrong = (truth[task] + 1 + (draw(5, i) * (K - 1)).astype(np.int64)) % K
    label = np.where(draw(4, i) < skill[worker], truth[task], wrong)
    return pd.DataFrame({"task": task, "worker": worker, "label": label}), truth


def glad_objective(model, rows):
    alpha, beta = model.alphas_, model.betas_
    a = alpha.loc[rows.worker].to_numpy()
    b = beta.loc[rows.task].to_numpy()
    right = 1 / (1 + np.exp(-a * np.exp(b)))
    log_right, log_wrong = np.log(right), np.log((1 - right) / (K - 1))
    score = np.zeros((rows.task.max() + 1, K))
    np.add.at(score, rows.task.to_numpy(), np.repeat(log_wrong[:, None], K, 1))
    np.add.at(score, (rows.task.to_numpy(), rows.label.to_numpy()), log_right - log_wrong)
    top = score.max(1)
    value = np.sum(top + np.log(np.exp(score - top[:, None]).sum(1)) - np.log(K))
    return float(value - ((alpha - 1) ** 2).sum() / 2 - ((beta - 1) ** 2).sum() / 2)


def main():
    from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote, OneCoinDawidSkene, Wawa
    method, n = sys.argv[1], int(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    rows, truth = crowd(n)
    model = {"majority": lambda: MajorityVote(), "wawa": lambda: Wawa(),
             "dawid-skene": lambda: DawidSkene(n_iter=rounds, tol=0),
             "one-coin": lambda: OneCoinDawidSkene(n_iter=rounds, tol=0),
             "mace": lambda: MACE(n_restarts=1, n_iter=rounds, random_state=1),
             "glad": lambda: GLAD()}[method]()
    began = time.process_time()
    answer = model.fit_predict(rows)
    out = {"method": method, "labels": len(rows), "cpu": time.process_time() - began,
           "accuracy": float((answer.sort_index().to_numpy() == truth).mean())}
    if method == "glad":
        out["objective"] = glad_objective(model, rows)
    print(json.dumps(out))


main()
