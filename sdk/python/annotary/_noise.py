"""Finding wrong labels, how far probabilities can be trusted, comparing two models."""
from __future__ import annotations

import ctypes
from typing import Any, NamedTuple, Optional

import numpy as np

from . import _abi
from ._arrays import Array, address, choice, labels, named, numbers, option
from ._labels import methods, votes_of
from ._load import AnnotaryError, fail, lib
from ._result import Outcome, array, struct

SCORES = ('self-confidence', 'normalized-margin', 'weighted-entropy')


class _Probs:
    def __init__(self, label: Any, probs: Any, classes: Any):
        self.p = numbers(probs, np.float64, 'probs', None, None)
        n, k = self.p.shape
        self.label, self.classes = labels(label, k if classes is None else classes)
        if len(self.label) != n or len(self.classes) != k:
            raise AnnotaryError(f'probs are {n} rows of {k} classes, the labels {len(self.label)} of '
                                f'{len(self.classes)}')
        self.struct = _abi.as_probs(n, k, address(self.p), address(self.label))


class LabelIssues(NamedTuple):
    """threshold   [classes] mean probability of a class where it was given; 2 where it never was
    joint          [classes, classes] rows given s that count as k
    calibrated     the same scaled to the rows given s
    errors         rows off the diagonal of joint
    found          [rows] bool: likely wrong
    score          [rows] 0 … 1, low is suspicious
    order          rows that were found, the most suspicious first"""
    threshold: Array
    joint: Array
    calibrated: Array
    errors: int
    found: Array
    score: Array
    order: Array


def confident_learning(label: Any, probs: Any, *, classes: Any = None, find: str = 'prune_by_class',
                       score: str = 'self-confidence') -> LabelIssues:
    """Which labels are likely wrong (Northcutt, Jiang and Chuang 2021).

    label     [rows] class ids 0, 1, …; or names, with `classes` in the order of the columns of probs
    probs     [rows, classes] of a model that was not trained on the row; rows sum to 1
    find      see methods('find')
    score     self-confidence, normalized-margin or weighted-entropy"""
    x = _Probs(label, probs, classes)
    n, k = x.p.shape
    filters = [m.id for m in methods('find')]
    out = LabelIssues(np.empty(k), np.empty((k, k), np.uint64), np.empty((k, k), np.uint64), 0, np.empty(n, np.uint8),
                      np.empty(n), np.empty(n, np.uintp))
    errors, count, at = ctypes.c_size_t(), ctypes.c_size_t(), ctypes.byref(x.struct)
    fail(lib.as_noise_joint(at, *map(address, out[:3]), ctypes.addressof(errors)))
    fail(lib.as_noise_find(at, choice(find, filters, 'find'), address(out.found), ctypes.addressof(count)))
    fail(lib.as_noise_score(at, choice(score, SCORES, 'score'), address(out.score)))
    fail(lib.as_noise_rank(address(out.score), address(out.found), n, address(out.order), ctypes.addressof(count)))
    return out._replace(errors=errors.value, found=out.found.view(bool), order=out.order[:count.value])


class Crowdlab(Outcome):
    """label                 [tasks] consensus by name; label_id as an id, 65535 where nobody answered
    quality                  [tasks] how likely it is right
    posterior                [tasks, classes]
    workers                  [workers] structured: n, quality, agreement, weight
    model_weight, agreement  of the model; of labels with the consensus, mean over tasks"""
    label_id = array(np.uint16, 'tasks', field='label')
    quality = array(np.float64, 'tasks')
    flags = array(np.uint8, 'tasks')
    posterior = array(np.float64, 'tasks', 'classes', field='q')
    workers = array(_abi.as_crowdlab_worker, 'workers', field='worker')
    method = 'crowdlab'
    trace = None            # type: ignore[assignment]

    @property
    def label(self) -> Array:
        return named(self.label_id, self.classes)


def crowdlab(task: Any, worker: Any = None, label: Any = None, probs: Any = None, *, classes: Any = None,
             tasks: Any = None) -> Crowdlab:
    """People and a model vote together (Goh, Tkachenko and Mueller 2022).

    task, worker, label   as in aggregate
    probs                 [tasks, classes] of the model, in the order of the tasks' names (sorted, unless
                          `tasks` gives them) and of the classes"""
    if classes is None and probs is not None and label is not None and np.asarray(label).dtype.kind in 'iu':
        classes = np.asarray(probs).shape[-1]
    v = votes_of(task, worker, label, classes=classes, tasks=tasks)
    p = numbers(probs, np.float64, 'probs', len(v.task), len(v.classes))
    out = ctypes.POINTER(_abi.as_crowdlab)()
    fail(lib.as_crowdlab(v._at, address(p), ctypes.byref(out)))
    result = Crowdlab(out, lib.as_crowdlab_free)
    result.__dict__.update(task=v.task, worker=v.worker, classes=v.classes)
    return result


class Calibration(NamedTuple):
    """ece, mce, brier, log_loss, accuracy, confidence, and bins: structured [bins] lo, hi, n, confidence,
    accuracy, low, high (95 % Wilson interval of the accuracy)."""
    ece: float
    mce: float
    brier: float
    log_loss: float
    accuracy: float
    confidence: float
    bins: Array


def calibration(probs: Any, truth: Any, *, classes: Any = None, bins: int = 10,
                equal_mass: bool = False) -> Calibration:
    """How far the probabilities of the top class can be trusted, in bins of equal width or of equal numbers."""
    x, out = _Probs(truth, probs, classes), _abi.as_calibration()
    if not 1 <= bins <= 10000:
        raise AnnotaryError('bins must be 1 to 10000', _abi.AS_EINVAL)
    table = np.zeros(bins, np.dtype(_abi.as_bin))
    fail(lib.as_calibrate(ctypes.byref(x.struct), bins, int(equal_mass),
                          ctypes.cast(table.ctypes.data, ctypes.POINTER(_abi.as_bin)), ctypes.byref(out)))
    return Calibration(out.ece, out.mce, out.brier, out.log_loss, out.accuracy, out.confidence, table)


def compare(a: Any, b: Any, truth: Any, *, seed: int = 0, rounds: Optional[int] = None,
            level: Optional[float] = None) -> Any:
    """Two models on the same rows: both, only_a, only_b, neither, accuracy_a, accuracy_b, difference, lo, hi,
    boot_p, exact_p, mid_p, chi2, chi2_p (McNemar, paired bootstrap).  Rows without a truth are left out."""
    joined = labels(np.concatenate([np.asarray(c) for c in (a, b, truth)]))[0]
    n = len(joined) // 3
    if not len(a) == len(b) == len(truth):
        raise AnnotaryError('a, b and truth must be of equal length')
    parts = [np.ascontiguousarray(joined[k * n:(k + 1) * n]) for k in range(3)]
    o = option(_abi.as_compare_opts, lib.as_compare_opts_init, seed=seed, rounds=rounds, level=level)
    out = _abi.as_comparison()
    fail(lib.as_compare(*map(address, parts), n, ctypes.byref(o), ctypes.byref(out)))
    return struct(out)
