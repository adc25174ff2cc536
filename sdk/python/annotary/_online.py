"""While answers come in: how sure of a task, ask again or stop, whom to ask next."""
from __future__ import annotations

import ctypes
from typing import Any, NamedTuple, Optional

import numpy as np

from . import _abi
from ._arrays import Array, address, count, numbers, option
from ._load import AnnotaryError, Owner, fail, lib
from ._result import struct

ASK = ('ask', 'sure', 'full', 'worth')


class Verdict(NamedTuple):
    """What a task is held for: label (class id), tied, confidence, margin, entropy, posterior [classes]; `ask`
    is 'ask' (one more), 'sure', 'full' (as many as there may be) or 'worth' (more would not be worth it)."""
    label: int
    tied: bool
    confidence: float
    margin: float
    entropy: float
    posterior: Array
    ask: str


def _stop(stop: Any, given: Optional[dict]) -> Any:
    lib.as_stop_init(ctypes.byref(stop))
    for name, value in (given or {}).items():
        if name not in ('confidence', 'least', 'most', 'error_cost', 'price', 'skill'):
            raise AnnotaryError(f'stop has no {name}')
        setattr(stop, name, value)
    return stop


def gold_skill(right: int, seen: int, k0: float = .5) -> float:
    """Skill from test questions, (k0 + right) / (2 k0 + seen): 17/22 for 8 of 10."""
    return lib.as_gold_skill(count(right, 'right'), count(seen, 'seen'), k0)


def posterior(answers: Any, skills: Any, classes: int, prior: Any = None, stop: Optional[dict] = None) -> Verdict:
    """The belief about one task from answers (class ids) of people of known skill (chance of being right).

    prior   [classes] shares; stop: dict of confidence, least, most, error_cost, price, skill"""
    k = count(classes, 'classes')
    said = numbers(answers, np.uint16, 'answers', None)
    skill = numbers(np.broadcast_to(skills, said.shape), np.float64, 'skills', len(said))
    shares = None if prior is None else numbers(prior, np.float64, 'prior', k)
    score, p, verdict = np.empty(k), np.empty(k), _abi.as_verdict()
    fail(lib.as_belief(address(score), k, address(shares)))
    for answer, q in zip(said.tolist(), skill.tolist()):
        fail(lib.as_belief_add(address(score), k, answer, q))
    fail(lib.as_belief_read(address(score), k, address(p), ctypes.byref(verdict)))
    rule = _stop(_abi.as_stop(), stop)
    ask = lib.as_stop(ctypes.byref(rule), address(p), k, len(said))
    fail(ask)
    return Verdict(verdict.label, bool(verdict.tied), verdict.confidence, verdict.margin, verdict.entropy, p, ASK[ask])


def gain(p: Any, skill: float, answers: int = 1) -> float:
    """How much the chance of deciding right grows by that many more answers of people of this skill."""
    x, out = numbers(p, np.float64, 'p', None), np.empty(1)
    fail(lib.as_gain(address(x), len(x), skill, count(answers, 'answers'), address(out)))
    return float(out[0])


class Online:
    """Learns truths and skills together while answers come; tasks, workers and labels are ids 0, 1, …

    tables          True: a confusion table a worker; False: one accuracy
    start_skill, start_weight, worker_weight, refit_growth, refit_drift   see annotary_stats.h
    stop            dict of confidence (.95), least (2), most (5), error_cost, price
    """

    def __init__(self, tasks: int, workers: int, classes: int, *, tables: bool = False, stop: Optional[dict] = None,
                 start_skill: Optional[float] = None, start_weight: Optional[float] = None,
                 worker_weight: Optional[float] = None, refit_growth: Optional[float] = None,
                 refit_drift: Optional[float] = None):
        o = option(_abi.as_online_opts, lib.as_online_opts_init, tables=int(tables), start_skill=start_skill,
                   start_weight=start_weight, worker_weight=worker_weight, refit_growth=refit_growth,
                   refit_drift=refit_drift, tasks=count(tasks, 'tasks'), workers=count(workers, 'workers'),
                   classes=count(classes, 'classes'))
        if stop is not None:
            _stop(o.stop, stop)
        self.classes = classes
        out = ctypes.c_void_p()
        fail(lib.as_online_new(ctypes.byref(o), ctypes.byref(out)))
        self._owner = Owner(out, lib.as_online_free)
        self._at = out

    def answer(self, task: int, worker: int, label: Optional[int]) -> None:
        """One answer more; a second one of the same person replaces the first, None takes it back."""
        fail(lib.as_online_answer(self._at, count(task, 'task'), count(worker, 'worker'),
                                  _abi.AS_ABSTAIN if label is None else count(label, 'label', 65535)))

    def gold(self, task: int, label: Optional[int]) -> None:
        """A known truth; None: no longer known."""
        fail(lib.as_online_gold(self._at, count(task, 'task'),
                                _abi.AS_ABSTAIN if label is None else count(label, 'label', 65535)))

    def limit(self, task: int, most: int) -> None:
        """How many answers this task gets at most."""
        fail(lib.as_online_limit(self._at, count(task, 'task'), count(most, 'most')))

    def read(self, task: int) -> Verdict:
        p, v = np.empty(self.classes), _abi.as_verdict()
        ask = lib.as_online_read(self._at, count(task, 'task'), address(p), ctypes.byref(v))
        fail(ask)
        return Verdict(v.label, bool(v.tied), v.confidence, v.margin, v.entropy, p, ASK[ask])

    def refit(self) -> None:
        """Goes over all tasks until nothing moves; `due` says when it is time."""
        fail(lib.as_online_refit(self._at))

    @property
    def due(self) -> bool:
        return bool(lib.as_online_due(self._at))

    def worker(self, worker: int) -> Any:
        """n, skill, lo, hi of somebody so far."""
        out = _abi.as_online_worker()
        fail(lib.as_online_worker(self._at, count(worker, 'worker'), ctypes.byref(out)))
        return struct(out)


# --- testing people -------------------------------------------------------------------------------

def sprt(right: int, wrong: int, low: float = .6, high: float = .85, err: float = .05) -> int:
    """Wald's sequential test of somebody's accuracy: 1 pass (high), -1 fail (low), 0 go on.  err: the chance of
    either mistake."""
    rc = ctypes.c_int()
    out = lib.as_sprt(count(right, 'right'), count(wrong, 'wrong'), low, high, err, ctypes.addressof(rc))
    fail(rc.value)
    return out


def habit(said: Any, usual: Any) -> Any:
    """Do somebody's answers spread over the classes as expected?  said: [classes] counts, usual: [classes] shares.
    chi2, df, p: the chance of a spread this odd if they do."""
    counts = numbers(said, np.uint64, 'said', None)
    shares, out = numbers(usual, np.float64, 'usual', len(counts)), _abi.as_habit()
    fail(lib.as_habit(address(counts), address(shares), len(counts), ctypes.byref(out)))
    return struct(out)


def hurry(fast: int, n: int, usual: float) -> float:
    """The chance of `fast` or more of n answers below the floor of time, where `usual` is the chance of one:
    small means in a hurry."""
    out = np.empty(1)
    fail(lib.as_hurry(count(fast, 'fast'), count(n, 'n'), usual, address(out)))
    return float(out[0])


# --- whom to ask what -----------------------------------------------------------------------------

class Plan(NamedTuple):
    """Pairs of task and person (ids), by falling gain per price; the audit share, drawn by lot, first."""
    task: Array
    person: Array
    gain: Array
    audit: Array


def plan(p: Any, open: Any, skill: Any, cap: Any, *, price: Any = None, vendor: Any = None, vendor_cap: Any = None,
         taken: Any = None, audit: float = 0.0, seed: int = 0, most: Optional[int] = None) -> Plan:
    """Whom to ask what next.

    p           [tasks, classes] what is believed now
    open        [tasks] answers still wanted
    skill       [people] chance of being right;  cap: [people] tasks each may take;  price: [people]
    vendor      [people] ids, and vendor_cap [vendors]
    taken       [tasks, people] true where somebody may not do this one
    audit       share of the answers that go to tasks by lot;  most: how many pairs at most"""
    belief = numbers(p, np.float64, 'p', None, None)
    n, k = belief.shape
    wanted, able = numbers(open, np.uint32, 'open', n), numbers(skill, np.float64, 'skill', None)
    people = len(able)
    limit = numbers(np.broadcast_to(cap, able.shape), np.uint32, 'cap', people)
    cost = None if price is None else numbers(price, np.float64, 'price', people)
    party = None if vendor is None else numbers(vendor, np.uint32, 'vendor', people)
    party_cap = None if vendor_cap is None else numbers(vendor_cap, np.uint32, 'vendor_cap', None)
    done = None if taken is None else numbers(np.asarray(taken, bool).view(np.uint8), np.uint8, 'taken', n, people)
    vendors = len(party_cap) if party_cap is not None else int(party.max()) + 1 if party is not None and people else 1
    rows = _abi.as_plan_in(n, people, vendors, k, address(belief), address(wanted), address(able), address(cost),
                           address(limit), address(party), address(party_cap), address(done), audit, seed)
    room = min(int(wanted.sum(dtype=np.uint64)), int(limit.sum(dtype=np.uint64)), n * people)
    room = room if most is None else min(room, count(most, 'most'))
    out, got = np.zeros(room, np.dtype(_abi.as_plan_row)), ctypes.c_size_t()
    fail(lib.as_plan(ctypes.byref(rows), ctypes.cast(out.ctypes.data, ctypes.POINTER(_abi.as_plan_row)), room,
                     ctypes.addressof(got)))
    out = out[:got.value]
    return Plan(out['task'], out['person'], out['gain'], out['audit'] != 0)
