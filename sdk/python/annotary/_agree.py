"""How far people agree, corrected for chance."""
from __future__ import annotations

import ctypes
from typing import Any, Callable, Optional

import numpy as np

from . import _abi
from ._arrays import Array, address, choice, columns, ids, is_frame, numbers, option, same_length
from ._labels import Votes, call, votes_of
from ._load import AnnotaryError, fail, lib
from ._result import Outcome, array, struct

WEIGHTS = ('identity', 'linear', 'quadratic', 'ordinal', 'custom')
DISTANCES = ('nominal', 'ordinal', 'interval', 'ratio', 'ordinal-gwet', 'linear', 'jaccard', 'masi', 'custom')


class Agreement(Outcome):
    """value                   1: perfect, 0: as by chance, below 0: worse
    observed, expected         agreement; for alpha, alpha-u and gamma disagreement
    se, lo, hi                 from the spread over units
    boot_se, boot_lo, boot_hi  percentiles of the bootstrap
    units, values, raters      that entered
    max                        cohen: the kappa that the margins allow at most
    pair                       structured, per pair of raters a < b: units, value, observed, expected, se, lo, hi, max
    part                       structured, per category (alpha-u, gamma): category, units, value, observed, expected
    aligned                    gamma: [alignments, raters] span of that rater, or -1"""
    value: float
    annotator: Array        # of spans: names
    category: Array
    pair = array(_abi.as_agree_pair, 'pairs')
    part = array(_abi.as_agree_part, 'parts')
    aligned = array(np.int32, 'alignments', 'raters')
    trace = None            # type: ignore[assignment]

    def __float__(self) -> float:
        return self._r.value

    def __repr__(self) -> str:
        return f'<Agreement: {self.method} {self.value:.4f} ({self.lo:.4f} to {self.hi:.4f}), {self.units} units>'


class _Options:
    """as_agree_opts and the arrays it points to."""

    def __init__(self, classes: int, weights: Any, distance: Any, values: Any, sets: Any, **more: Any):
        self.kept: list = []
        given = {'weights': 'identity', 'distance': 'nominal'}
        self.weight = self.value = self.set = None
        if isinstance(weights, str):
            given['weights'] = weights
        else:
            given['weights'], self.weight = 'custom', numbers(weights, np.float64, 'weights', classes, classes)
        self.error: Optional[BaseException] = None
        self.apart: Optional[Callable[[int, int], float]] = None
        if isinstance(distance, str):
            given['distance'] = distance
        elif callable(distance):
            given['distance'], self.apart = 'custom', distance
        else:
            table = numbers(distance, np.float64, 'distance', classes, classes)
            given['distance'], self.apart = 'custom', lambda a, b: table[a, b]
        if values is not None:
            self.value = numbers(values, np.float64, 'values', classes)
        if sets is not None:
            self.set = numbers(sets, np.uint64, 'sets', classes)
        o = option(_abi.as_agree_opts, lib.as_agree_opts_init, weights=choice(given['weights'], WEIGHTS, 'weights'),
                   distance=choice(given['distance'], DISTANCES, 'distance'), weight=address(self.weight),
                   value=address(self.value), set=address(self.set), **more)
        if self.apart:
            self.call = o.apart = dict((f[0], f[1]) for f in o._fields_)['apart'](self._apart)
        self.struct = o

    def _apart(self, _: Any, a: int, b: int) -> float:
        try:
            return float(self.apart(a, b)) if self.apart else 0.0
        except BaseException as e:
            self.error = e
            return 0.0

    def done(self) -> None:
        if self.error:
            raise self.error


def _numbers_of(classes: Array) -> Optional[Array]:
    return classes.astype(float) if classes.dtype.kind in 'iuf' else None


def agree(task: Any, worker: Any = None, label: Any = None, method: str = 'alpha', *, weights: Any = 'identity',
          distance: Any = 'nominal', values: Any = None, sets: Any = None, classes: Any = None,
          duplicates: str = 'last', level: Optional[float] = None, rounds: Optional[int] = None, seed: int = 0,
          threads: int = 1) -> Agreement:
    """One agreement figure of labels.

    task, worker, label   as in aggregate; missing answers are allowed
    method                percent, cohen, scott, fleiss, conger, ac1, ac2, bp, alpha (see methods('agree'))
    weights               of near misses: identity, linear, quadratic, ordinal, or a matrix [classes, classes]
    distance              of alpha: nominal, ordinal, interval, ratio, ordinal-gwet, linear, jaccard, masi, a
                          matrix, or a function of two class ids
    values                [classes] the number a class stands for; None: the labels where they are numbers
    sets                  [classes] for jaccard and masi: the set a class stands for, a bit a member
    rounds                of the bootstrap over units (1000); 0: none
    """
    v = votes_of(task, worker, label, classes=classes, duplicates=duplicates)
    if values is None:
        values = _numbers_of(v.classes)
    o = _Options(len(v.classes), weights, distance, values, sets, level=level, rounds=rounds, seed=seed,
                 threads=threads)
    out = ctypes.POINTER(_abi.as_agreement)()
    call('agree', method, lib.as_agree, v._at, method.encode(), ctypes.byref(o.struct), ctypes.byref(out), watch=o)
    result = Agreement(out, lib.as_agreement_free)
    o.done()
    return result


def agree_table(table: Any, method: str = 'alpha', *, weights: str = 'identity', distance: Any = 'interval',
                level: Optional[float] = None, rounds: Optional[int] = None, seed: int = 0,
                threads: int = 1) -> Agreement:
    """The same of a table of numbers [units, raters], NaN where one is missing."""
    x = numbers(table, np.float64, 'table', None, None)
    o = _Options(0, weights, distance, None, None, level=level, rounds=rounds, seed=seed, threads=threads)
    out = ctypes.POINTER(_abi.as_agreement)()
    call('agree', method, lib.as_agree_table, address(x), x.shape[0], x.shape[1], method.encode(),
         ctypes.byref(o.struct), ctypes.byref(out), watch=o)
    result = Agreement(out, lib.as_agreement_free)
    o.done()
    return result


def agree_spans(annotator: Any, category: Any = None, start: Any = None, end: Any = None, method: str = 'gamma', *,
                distance: Any = 'nominal', line: Optional[tuple] = None, level: Optional[float] = None,
                rounds: Optional[int] = None, seed: int = 0, threads: int = 1, alpha: Optional[float] = None,
                beta: Optional[float] = None, empty: Optional[float] = None,
                precision: Optional[float] = None) -> Agreement:
    """alpha-u or gamma of spans on one line: columns annotator, category, start, end (half open), or a table.

    line    (begin, end) of the whole; None: first start to last end
    alpha, beta, empty, precision   gamma: weight of place, of category, cost of no partner, relative half
                                    width of the expected disorder"""
    if is_frame(annotator):
        part = columns(annotator, ['annotator', 'category', 'start', 'end'])
        annotator, category, start, end = part['annotator'], part['category'], part['start'], part['end']
    (who, people), (what, kinds) = ids(annotator, 'annotator'), ids(category, 'category')
    n = len(who)
    same_length(n, category=what)
    unit = np.zeros(n, np.dtype(_abi.as_stretch))
    unit['annotator'], unit['category'] = who, what
    unit['start'], unit['end'] = numbers(start, np.float64, 'start', n), numbers(end, np.float64, 'end', n)
    begin, stop = line or (0.0, 0.0)
    c = _abi.as_continuum(ctypes.cast(unit.ctypes.data, ctypes.POINTER(_abi.as_stretch)), n, len(people), len(kinds),
                          begin, stop)
    o = _Options(len(kinds), 'identity', distance, None, None, level=level, rounds=rounds, seed=seed, threads=threads,
                 alpha=alpha, beta=beta, empty=empty, precision=precision)
    out = ctypes.POINTER(_abi.as_agreement)()
    call('agree', method, lib.as_agree_spans, ctypes.byref(c), method.encode(), ctypes.byref(o.struct),
         ctypes.byref(out), watch=o)
    result = Agreement(out, lib.as_agreement_free)
    result.annotator, result.category = people, kinds
    o.done()
    return result


def judge(task: Any, worker: Any, label: Any, who: Any, *, bound: float = .8, level: float = .95) -> Any:
    """How well one rater agrees with all others: value, lo, hi, people, kappa, units, pairs, trusted.

    trusted is 1 when the lower end of the interval reaches `bound`."""
    v: Votes = votes_of(task, worker, label)
    at = np.flatnonzero(v.worker == who)
    if not len(at):
        raise AnnotaryError(f'nobody is called {who!r}')
    out = _abi.as_judge()
    fail(lib.as_judge(v._at, int(at[0]), bound, level, ctypes.byref(out)))
    return struct(out)


def icc(table: Any, level: float = .95) -> Any:
    """Intraclass correlations of [units, raters]: one, two, three, each value, lo, hi (Shrout & Fleiss 1979)."""
    x, out = numbers(table, np.float64, 'table', None, None), _abi.as_icc()
    fail(lib.as_icc(address(x), x.shape[0], x.shape[1], level, ctypes.byref(out)))
    return struct(out)


def _correlation(function: Callable[..., int], x: Any, y: Any, level: float) -> Any:
    a, out = numbers(x, np.float64, 'x', None), _abi.as_estimate()
    b = numbers(y, np.float64, 'y', len(a))
    fail(function(address(a), address(b), len(a), level, ctypes.byref(out)))
    return struct(out)


def kendall(x: Any, y: Any, level: float = .95) -> Any:
    """Kendall's tau-b with its interval: value, lo, hi."""
    return _correlation(lib.as_kendall_tau, x, y, level)


def spearman(x: Any, y: Any, level: float = .95) -> Any:
    """Spearman's rho with its interval: value, lo, hi."""
    return _correlation(lib.as_spearman, x, y, level)
