"""Weak supervision: the votes of labelling functions become one label a row."""
from __future__ import annotations

import ctypes
from functools import cached_property
from typing import Any, Callable, Optional

import numpy as np

from . import _abi
from ._arrays import address, choice, count, numbers, option, view
from ._labels import TIES, call
from ._load import AnnotaryError, Progress, fail, lib
from ._result import Outcome, array, params


class _Rows:
    """A matrix of votes and what is known, checked and laid out."""

    def __init__(self, votes: Any, gold: Any, classes: Optional[int]):
        x = np.asarray(votes)
        if x.dtype.kind not in 'iu':
            raise AnnotaryError('votes must be whole numbers: a class, or -1 where a function abstains')
        if x.dtype != np.int16 and x.size and (x.min() < -1 or x.max() > 32767):
            raise AnnotaryError('a vote must be a class of 0 to 32767, or -1', _abi.AS_EINVAL)
        self.votes = numbers(x, np.int16, 'votes', None, None)
        n, lfs = self.votes.shape
        self.gold = None
        if gold is not None:
            g = np.asarray(gold)
            if g.dtype.kind == 'f':
                g = np.where(np.isnan(g), -1, g)
            self.gold = numbers(g, np.int16, 'gold', n)
        if classes is None:
            top = max((int(a.max()) for a in (self.votes, self.gold) if a is not None and a.size), default=-1)
            classes = max(top + 1, 2)
        self.struct = _abi.as_lf_votes(n, lfs, count(classes, 'classes'), address(self.votes), address(self.gold))


class LfTable(Outcome):
    """lf         [lfs] structured: votes, coverage, overlaps, conflicts, correct, incorrect, accuracy
    polarity      [lfs, classes] votes for each class
    rows, covered, gold    rows in all, with a vote, with a known class"""
    lf = array(_abi.as_lf, 'lfs')
    polarity = array(np.uint64, 'lfs', 'classes')
    method = 'lf-table'


def lf_table(votes: Any, gold: Any = None, classes: Optional[int] = None) -> LfTable:
    """Coverage, overlaps, conflicts and accuracy of every labelling function.

    votes   [rows, lfs] a class, or -1 where it abstains; int16 in C order is read where it lies
    gold    [rows] the known class or -1"""
    x = _Rows(votes, gold, classes)
    out = ctypes.POINTER(_abi.as_lf_table)()
    fail(lib.as_lf_table(ctypes.byref(x.struct), ctypes.byref(out)))
    return LfTable(out, lib.as_lf_table_free)


class WeakResult(Outcome):
    """label             [rows] int16, -1 where nobody voted or the tie is left open
    confidence, margin   [rows] of the top class; its distance to the second
    entropy              [rows] of the posterior, natural logarithm, float32
    posterior            [rows, classes] float32; the balance where nobody voted
    lf                   [lfs] structured: votes, accuracy, lo, hi, weight, group, group_size
    balance              [classes] shares the model was given or found
    score                [lfs, classes + 1, classes] what a vote (row 0: silence) adds to the log of a class
    params               name -> [lfs], the method's own figures"""
    label = array(np.int16, 'rows')
    confidence = array(np.float64, 'rows')
    margin = array(np.float64, 'rows')
    entropy = array(np.float32, 'rows')
    flags = array(np.uint8, 'rows')
    posterior = array(np.float32, 'rows', 'classes', field='q')
    balance = array(np.float64, 'classes')
    lf = array(_abi.as_lf_fit, 'lfs')

    @cached_property
    def score(self) -> Any:
        r = self._r
        return view(self._owner, r.score, np.float64, r.lfs, r.classes + 1, r.classes)

    @cached_property
    def params(self) -> dict:
        return params(self, self._r.lfs)

    def apply(self, votes: Any) -> 'WeakResult':
        """The fitted model on other rows of the same functions."""
        x = _Rows(votes, None, self._r.classes)
        out = ctypes.POINTER(_abi.as_weak_result)()
        fail(lib.as_weak_apply(self._owner.pointer, ctypes.byref(x.struct), ctypes.byref(out)))
        return WeakResult(out, lib.as_weak_free)


def weak(votes: Any, method: str = 'metal', *, gold: Any = None, classes: Optional[int] = None, balance: Any = None,
         accuracy: Optional[float] = None, mass: Optional[float] = None, alike: Optional[float] = None,
         level: Optional[float] = None, ties: str = 'lowest', clamp_gold: bool = False, seed: int = 0,
         max_iter: Optional[int] = None, tol: Optional[float] = None,
         progress: Optional[Callable[[int, float], Any]] = None) -> WeakResult:
    """One label a row out of the votes of labelling functions; votes and gold as in lf_table.

    balance    [classes] shares; None: of the gold, else uniform
    accuracy   what a function is expected to be before it is seen; mass: what this belief is worth
    alike      functions whose votes have more in common than this (Jaccard) share one voice
    methods('weak') lists the methods and their papers."""
    x = _Rows(votes, gold, classes)
    shares = None if balance is None else numbers(balance, np.float64, 'balance', x.struct.classes)
    watch = Progress(progress)
    o = option(_abi.as_weak_opts, lib.as_weak_opts_init, watch, seed=seed, max_iter=max_iter, tol=tol,
               balance=address(shares), accuracy=accuracy, mass=mass, alike=alike, level=level,
               ties=choice(ties, TIES, 'ties'), clamp_gold=int(clamp_gold))
    out = ctypes.POINTER(_abi.as_weak_result)()
    call('weak', method, lib.as_weak, ctypes.byref(x.struct), method.encode(), ctypes.byref(o),
         ctypes.byref(out), watch=watch)
    result = WeakResult(out, lib.as_weak_free)
    watch.done()
    return result
