"""One set of labels a task out of many people's sets."""
from __future__ import annotations

import ctypes
from functools import cached_property
from typing import Any, Callable, List, Optional

import numpy as np

from . import _abi, _files
from ._arrays import Array, address, array_of, choice, columns, ids, is_frame, labels, numbers, option, same_length
from ._labels import DUPLICATES, call
from ._load import AnnotaryError, Progress, lib
from ._result import Outcome, array


class MultiResult(Outcome):
    """task, worker, classes   names of the rows and columns below
    labels                     [tasks] the sets, as tuples of names in the order of the classes
    has                        [tasks, classes] 1: the class is in the set
    posterior                  [tasks, classes] probability that it belongs there
    confidence                 [tasks] the least probability of the decisions taken
    flags                      [tasks] 1 a class is at even odds, 2 nobody answered
    workers                    [workers] structured: n (decisions, a class each), skill, lo, hi, weight
    trace, iterations, converged, stopped, digest, method, note"""
    task: Array
    worker: Array
    names: Array
    has = array(np.uint8, 'tasks', 'classes')
    posterior = array(np.float64, 'tasks', 'classes', field='q')
    confidence = array(np.float64, 'tasks')
    flags = array(np.uint8, 'tasks')
    workers = array(_abi.as_worker, 'workers', field='worker')

    @property
    def classes(self) -> Array:
        return self.names

    @cached_property
    def labels(self) -> List[tuple]:
        return [tuple(self.names[row != 0].tolist()) for row in self.has]


def parts(said: Any, separator: str) -> List[list]:
    """A text is taken apart; None and NaN are the empty set, as an empty text is."""
    if isinstance(said, str):
        return [c for c in said.split(separator) if c]
    if said is None or (isinstance(said, float) and said != said):
        return []
    if np.isscalar(said):
        raise AnnotaryError(f'a set of labels is a text or a list of labels, not {said!r}')
    return list(said)


def aggregate_multi(task: Any, worker: Any = None, sets: Any = None, method: str = 'dawid-skene', *,
                    separator: str = '|', per_class: bool = False, weight: Any = None, time: Any = None,
                    classes: Any = None, tasks: Any = None, workers: Any = None, duplicates: str = 'last',
                    prior: Optional[float] = None, seed: int = 0, threads: int = 1, max_iter: Optional[int] = None,
                    tol: Optional[float] = None, level: Optional[float] = None, restarts: Optional[int] = None,
                    progress: Optional[Callable[[int, float], Any]] = None) -> MultiResult:
    """One set of labels a task.  Columns task, worker, sets, or a table with task, worker, label.

    sets        a row is all that a worker saw in a task: a list of labels or a text a|b; the empty list, an
                empty text and None are the empty set
    per_class   fit every class alone; else people are judged by all classes together

    Every class is a question of yes or no to all who answered the task; methods() lists the methods."""
    if is_frame(task):
        part = columns(task, ['task', 'worker', 'label'], ['weight', 'time'])
        task, worker, sets = part['task'], part['worker'], part['label']
        weight = part.get('weight') if weight is None else weight
        time = part.get('time') if time is None else time
    elif worker is None or sets is None:
        raise AnnotaryError('task, worker and sets of labels are needed, or a table task, worker, label')
    if not separator:
        raise AnnotaryError('the separator must not be empty')
    (t, names), (w, people) = ids(task, 'task', tasks), ids(worker, 'worker', workers)
    said = [parts(row, separator) for row in sets]
    n = len(t)
    same_length(n, worker=w, sets=array_of(said))
    start = np.concatenate(([0], np.cumsum([len(s) for s in said], dtype=np.int64))).astype(np.uintp)
    l, known = labels(array_of([c for s in said for c in s]), classes)
    h = None if weight is None else numbers(weight, np.float32, 'weight', n)
    s = None if time is None else numbers(time, np.int64, 'time', n)
    rows = _abi.as_sets(n, len(names), len(people), len(known), address(t), address(w), address(start), address(l),
                        address(h), address(s), None)
    watch = Progress(progress)
    o = option(_abi.as_opts, lib.as_opts_init, watch, seed=seed, max_iter=max_iter, tol=tol, prior=prior, level=level,
               restarts=restarts, threads=threads)
    out, fault = ctypes.POINTER(_abi.as_multi)(), _abi.as_fault()
    call('aggregate', method, lib.as_aggregate_multi, ctypes.byref(rows), choice(duplicates, DUPLICATES, 'duplicates'),
         method.encode(), int(per_class), ctypes.byref(o), ctypes.byref(out), ctypes.byref(fault), fault=fault,
         name=lambda f: _files.who(f, names, people), watch=watch)
    result = MultiResult(out, lib.as_multi_free)
    result.task, result.worker, result.names = names, people, known
    watch.done()
    return result
