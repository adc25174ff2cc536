"""From comparisons of two items to a ranking."""
from __future__ import annotations

import ctypes
from typing import Any, Callable, Iterable, Optional

import numpy as np

from . import _abi
from ._arrays import Array, address, choice, columns, flat, ids, is_frame, numbers, option, same_length
from ._labels import call
from ._load import AnnotaryError, Progress, fail, lib
from ._result import Outcome, array, struct

OUTCOMES = {'left': 0, 'right': 1, 'tie': 2, 0: 0, 1: 1, 2: 2}
SPREADS = ('none', 'model', 'sandwich', 'bootstrap')


class Ranking(Outcome):
    """items     names of the items, in the order of the ids
    item         [items] structured: theta (log strength), se, lo, hi, score (1000 + 400 theta / ln 10), score_lo,
                 score_hi, rank, rank_lo, rank_hi, raw, raw_rank, weak, strong, flags, n, wins, losses, ties, rating,
                 deviation, volatility
    judge        [judges] structured: n, quality, lo, hi, left; or None
    params       name -> (value, se, lo, hi): home, style0 …, nu, kappa
    style_scale  [styles] what each column of x was divided by
    loglik, objective, counted, weak_parts, strong_parts, trace, iterations, converged"""
    item = array(_abi.as_ranked, 'items')
    judge = array(_abi.as_rank_judge, 'judges')
    style_scale = array(np.float64, 'styles')

    def __init__(self, pointer: Any, items: Array, judges: Any):
        super().__init__(pointer, lib.as_rank_free)
        self.items, self.judges = items, judges
        rows = [pointer.contents.param[k] for k in range(pointer.contents.params)]
        self.params = {p.name.decode(): (p.value, p.se, p.lo, p.hi) for p in rows}

    def order(self) -> Array:
        """The items' names, best first."""
        return self.items[np.argsort(-self.item['theta'], kind='stable')]

    def predict(self, left: Any, right: Any, x: Any = None) -> Array:
        """Chances of left, right and tie; x: [styles] style differences."""
        at = [np.flatnonzero(self.items == i) for i in (left, right)]
        for i, where in zip((left, right), at):
            if not len(where):
                raise AnnotaryError(f'there is no item {i!r}')
        style = None if x is None else numbers(x, np.float64, 'x', self._r.styles)
        out = np.empty(3)
        fail(lib.as_rank_predict(self._owner.pointer, int(at[0][0]), int(at[1][0]), address(style), address(out)))
        return out

    def test(self, left: Any, right: Any = None, outcome: Any = None, **more: Any) -> Any:
        """How well it foretells other comparisons: n, ties, accuracy, logloss, logloss_all."""
        d, out = _Duels(left, right, outcome, items=self.items, **more), _abi.as_rank_test()
        fail(lib.as_rank_test(self._owner.pointer, ctypes.byref(d.struct), ctypes.byref(out)))
        return struct(out)

    def __repr__(self) -> str:
        return f'<Ranking of {self.method}: {len(self.items)} items, {self.counted} comparisons>'


class _Duels:
    """Columns of comparisons, checked and laid out."""

    def __init__(self, left: Any, right: Any, outcome: Any, items: Any = None, weight: Any = None, judge: Any = None,
                 period: Any = None, x: Any = None, lists: Optional[Iterable[Any]] = None):
        if is_frame(left):
            part = columns(left, ['left', 'right', 'outcome'], ['weight', 'judge'])
            weight = part.get('weight') if weight is None else weight
            judge = part.get('judge') if judge is None else judge
            left, right, outcome = part['left'], part['right'], part['outcome']
        a, b = flat(() if left is None else left, 'left'), flat(() if right is None else right, 'right')
        same_length(len(a), right=b)
        n, ordered = len(a), [flat(l, 'a list') for l in lists or ()]
        everything = [c for c in (a, b, *ordered) if len(c)]
        both = np.concatenate(everything) if everything else np.empty(0, np.uint32)
        at, self.items = ids(both, 'item', items)
        self.left, self.right, self.list_item = (np.ascontiguousarray(c) for c in (at[:n], at[n:2 * n], at[2 * n:]))
        self.list_start = np.concatenate(([0], np.cumsum([len(l) for l in ordered]))).astype(np.uintp)
        try:
            said = flat([] if outcome is None else outcome, 'outcome')
            self.outcome = np.fromiter((OUTCOMES[o] for o in said.tolist()), np.uint8, len(said))
        except (KeyError, TypeError):
            raise AnnotaryError("outcome must be 'left', 'right' or 'tie' (or 0, 1, 2)", _abi.AS_EINVAL) from None
        self.weight = None if weight is None else numbers(weight, np.float32, 'weight', n)
        self.judge: Optional[Array] = None
        self.judges: Array = np.empty(0)
        if judge is not None:
            self.judge, self.judges = ids(judge, 'judge')
        self.period = None if period is None else numbers(period, np.uint32, 'period', n)
        self.x = None if x is None else numbers(x, np.float64, 'x', n, None)
        same_length(n, outcome=self.outcome, judge=self.judge)
        self.struct = _abi.as_duels(n, len(self.items), len(self.judges), address(self.left), address(self.right),
                                    address(self.outcome), address(self.weight), address(self.judge),
                                    address(self.period), 0 if self.x is None else self.x.shape[1], address(self.x),
                                    len(ordered), address(self.list_start) if ordered else None,
                                    address(self.list_item) if ordered else None)


def rank(left: Any, right: Any = None, outcome: Any = None, method: str = 'bt', *, items: Any = None,
         weight: Any = None, judge: Any = None, period: Any = None, x: Any = None,
         lists: Optional[Iterable[Any]] = None, prior: Optional[float] = None, ties: str = 'half',
         noise: str = 'flip', spread: str = 'model', rounds: Optional[int] = None, by_judge: bool = False,
         level: Optional[float] = None, home: bool = False, elo_k: Optional[float] = None,
         glicko_tau: Optional[float] = None, draw_share: Optional[float] = None, rating: Any = None,
         deviation: Any = None, volatility: Any = None, seed: int = 0, threads: int = 1,
         max_iter: Optional[int] = None, tol: Optional[float] = None,
         progress: Optional[Callable[[int, float], Any]] = None) -> Ranking:
    """Who wins, and how sure.

    left, right, outcome   columns, or a table; outcome is 'left', 'right' or 'tie'
    method                 see methods('rank'); elo and trueskill take the rows in this order
    judge, period          columns: who compared; rating periods of glicko2, never falling
    x                      [rows, styles] style differences of left against right (see style)
    lists                  whole rankings, best first, for plackett-luce; left may then be None
    ties                   'half' a win each, or 'drop'; noise: 'flip' or 'bias' (crowd-bt)
    spread                 where intervals come from: 'none', 'model', 'sandwich', 'bootstrap' (rounds)
    home                   True: the advantage of standing left is fitted
    rating, deviation, volatility   [items] where to start, on the method's own scale"""
    d, watch = _Duels(left, right, outcome, items, weight, judge, period, x, lists), Progress(progress)
    start = [None if s is None else numbers(s, np.float64, what, len(d.items))
             for s, what in ((rating, 'rating'), (deviation, 'deviation'), (volatility, 'volatility'))]
    o = option(_abi.as_rank_opts, lib.as_rank_opts_init, watch, seed=seed, max_iter=max_iter, tol=tol, prior=prior,
               ties=choice(ties, ('half', 'drop'), 'ties'), noise=choice(noise, ('flip', 'bias'), 'noise'),
               spread=choice(spread, SPREADS, 'spread'), rounds=rounds, by_judge=int(by_judge), level=level,
               home=int(home), elo_k=elo_k, glicko_tau=glicko_tau, draw_share=draw_share, rating=address(start[0]),
               deviation=address(start[1]), volatility=address(start[2]), threads=threads)
    fault = _abi.as_fault()
    fail(lib.as_duels_check(ctypes.byref(d.struct), ctypes.byref(fault)), fault)
    out = ctypes.POINTER(_abi.as_rank)()
    call('rank', method, lib.as_rank, ctypes.byref(d.struct), method.encode(), ctypes.byref(o),
         ctypes.byref(out), watch=watch)
    result = Ranking(out, d.items, d.judges)
    watch.done()
    return result


def style(a: Any, b: Any) -> Array:
    """Style differences (a - b) / (a + b) of nonnegative measures, 0 where both are 0."""
    p = numbers(a, np.float64, 'a', None)
    q, out = numbers(b, np.float64, 'b', len(p)), np.empty(len(p))
    fail(lib.as_style(address(p), address(q), len(p), address(out)))
    return out
