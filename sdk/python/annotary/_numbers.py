"""One number a task out of many people's numbers."""
from __future__ import annotations

import ctypes
from typing import Any, Callable, Optional

import numpy as np

from . import _abi
from ._arrays import Array, address, choice, columns, ids, is_frame, numbers, option, same_length
from ._labels import DUPLICATES, call
from ._load import AnnotaryError, Progress, lib
from ._result import Outcome, array


class NumericResult(Outcome):
    """task, worker   names of the rows below
    value, error      [tasks] the number, its standard error, in the data's unit; 0 where n is 0
    n                 [tasks] answers counted
    workers           [workers] structured: n, bias, gain, spread, lo, hi, weight
    trace, iterations, converged, stopped, digest, method"""
    task: Array
    worker: Array
    value = array(np.float64, 'tasks')
    error = array(np.float64, 'tasks')
    n = array(np.uint32, 'tasks')
    workers = array(_abi.as_numeric_worker, 'workers', field='worker')


def numeric(task: Any, worker: Any = None, value: Any = None, method: str = 'mean', *, weight: Any = None,
            time: Any = None, tasks: Any = None, workers: Any = None, duplicates: str = 'last',
            max_iter: Optional[int] = None, tol: Optional[float] = None, level: Optional[float] = None,
            progress: Optional[Callable[[int, float], Any]] = None) -> NumericResult:
    """One number a task.  Columns task, worker, value, or a table with task, worker and value or label;
    values are finite numbers of any unit.  methods('numeric') lists the methods and their papers."""
    if is_frame(task):
        part = columns(task, ['task', 'worker', 'value' if 'value' in task.columns else 'label'], ['weight', 'time'])
        task, worker, value = part['task'], part['worker'], part.get('value', part.get('label'))
        weight = part.get('weight') if weight is None else weight
        time = part.get('time') if time is None else time
    elif worker is None or value is None:
        raise AnnotaryError('task, worker and value are needed, or a table with these columns')
    (t, names), (w, people) = ids(task, 'task', tasks), ids(worker, 'worker', workers)
    n = len(t)
    x = numbers(value, np.float64, 'value', n)
    h = None if weight is None else numbers(weight, np.float32, 'weight', n)
    s = None if time is None else numbers(time, np.int64, 'time', n)
    same_length(n, worker=w)
    rows = _abi.as_numbers(n, len(names), len(people), address(t), address(w), address(x), address(h), address(s))
    watch = Progress(progress)
    o = option(_abi.as_opts, lib.as_opts_init, watch, max_iter=max_iter, tol=tol, level=level)
    out, fault = ctypes.POINTER(_abi.as_numeric)(), _abi.as_fault()
    call('numeric', method, lib.as_numeric, ctypes.byref(rows), choice(duplicates, DUPLICATES, 'duplicates'),
         method.encode(), ctypes.byref(o), ctypes.byref(out), ctypes.byref(fault), fault=fault, watch=watch)
    result = NumericResult(out, lib.as_numeric_free)
    result.task, result.worker = names, people
    watch.done()
    return result
