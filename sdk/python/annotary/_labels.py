"""One answer a task out of many people's labels."""
from __future__ import annotations

import ctypes
from functools import cached_property
from typing import Any, Callable, List, NamedTuple, Optional

import numpy as np

from . import _abi, _files
from ._arrays import (Array, address, choice, columns, count, ids, is_frame, labels, named, numbers, option,
                      same_length, truth, view)
from ._load import AnnotaryError, Owner, Progress, fail, lib
from ._result import Outcome, array, params

DUPLICATES = ('last', 'first', 'all', 'error')
TIES = ('lowest', 'undecided')


class Method(NamedTuple):
    """What a method says of itself; `about` is three sentences."""
    id: str
    title: str
    paper: str
    about: str
    needs_gold: bool


REGISTRIES = {'aggregate': lib.as_method, 'numeric': lib.as_numeric_method, 'agree': lib.as_agree_method,
              'rank': lib.as_rank_method, 'weak': lib.as_weak_method, 'merge': lib.as_merge_method,
              'masks': lib.as_mask_method, 'text': lib.as_text_method, 'tags': lib.as_sequence_method,
              'find': lib.as_noise_filter}


def methods(subject: str = 'aggregate') -> List[Method]:
    """The methods of 'aggregate', 'numeric', 'agree', 'rank', 'weak', 'merge', 'masks', 'text', 'tags' or
    'find'."""
    if subject not in REGISTRIES:
        raise AnnotaryError(f'there are no methods for {subject!r}, only for {", ".join(REGISTRIES)}')
    out: List[Method] = []
    while row := REGISTRIES[subject](len(out)):
        text = [(getattr(row.contents, f) or b'').decode() for f in ('id', 'title', 'paper', 'about')]
        out.append(Method(text[0], text[1], text[2], text[3], bool(row.contents.needs_gold)))
    return out


def call(subject: str, method: str, function: Any, *arguments: Any, fault: Any = None,
         name: Callable[[Any], str] = lambda f: '', watch: Any = None) -> None:
    rc = function(*arguments)
    if rc < 0 and watch:
        watch.done()                            # what a callback raised comes first
    if rc == _abi.AS_ENOMETHOD:
        there = ', '.join(m.id for m in methods(subject))
        raise AnnotaryError(f'there is no method {method!r}; there are {there}', rc)
    fail(rc, fault, name)


class Votes:
    """Checked answers, ready for any number of methods.

    task, worker, classes: what the ids 0, 1, … stand for.  rows, kept, abstained, duplicates: how many.
    """

    def __init__(self, task: Any, worker: Any = None, label: Any = None, *, weight: Any = None, time: Any = None,
                 gold: Any = None, classes: Any = None, tasks: Any = None, workers: Any = None,
                 duplicates: str = 'last'):
        if is_frame(task):
            part = columns(task, ['task', 'worker', 'label'], ['weight', 'time'])
            task, worker, label = part['task'], part['worker'], part['label']
            weight = part.get('weight') if weight is None else weight
            time = part.get('time') if time is None else time
        elif worker is None or label is None:
            raise AnnotaryError('task, worker and label are needed, or a table with these columns')
        t, self.task = ids(task, 'task', tasks)
        w, self.worker = ids(worker, 'worker', workers)
        l, self.classes = labels(label, classes)
        n = len(t)
        h = None if weight is None else numbers(weight, np.float32, 'weight', n)
        if time is not None:
            time = np.asarray(time)
            time = numbers(time.view(np.int64) if time.dtype.kind == 'M' else time, np.int64, 'time', n)
        known = truth(gold, self.task, self.classes)
        same_length(n, worker=w, label=l)
        rows = _abi.as_labels(n, len(self.task), len(self.worker), len(self.classes), address(t), address(w),
                              address(l), address(h), address(time), address(known))
        out, fault = ctypes.c_void_p(), _abi.as_fault()
        fail(lib.as_votes_new(ctypes.byref(rows), choice(duplicates, DUPLICATES, 'duplicates'), ctypes.byref(out),
                              ctypes.byref(fault)), fault,
             lambda f: _files.who(f, self.task, self.worker))
        self._own(Owner(out, lib.as_votes_free))

    @classmethod
    def read(cls, path: Any, *, gold: Any = None, classes: Any = None, duplicates: str = 'last') -> 'Votes':
        """A CSV file with the columns task, worker, label (weight, time), or a file of packed votes, which is
        mapped and used where it lies.  A bad row is named with its line."""
        me = cls.__new__(cls)
        owner, me.task, me.worker, me.classes = _files.read(path, classes, choice(duplicates, DUPLICATES, 'duplicates'))
        me._own(owner)
        known = truth(gold, me.task, me.classes)
        if known is not None:
            fail(lib.as_votes_gold(owner.pointer, address(known)))
        return me

    def write(self, path: Any) -> None:
        """A file of packed votes with their names, for `read` and for `annotary aggregate`."""
        _files.pack(self._at, path, self.task, self.worker, self.classes)

    def _own(self, owner: Owner) -> None:
        self._owner, info = owner, _abi.as_votes_info()
        lib.as_votes_info(owner.pointer, ctypes.byref(info))
        self.rows, self.kept, self.abstained = info.rows, info.kept, info.abstained
        self.duplicates, self.digest = info.duplicates, info.digest

    @property
    def _at(self) -> Any:
        return self._owner.pointer

    def __repr__(self) -> str:
        return (f'<Votes: {self.kept} answers, {len(self.task)} tasks, {len(self.worker)} workers, '
                f'{len(self.classes)} classes>')


def votes_of(task: Any, worker: Any, label: Any, **more: Any) -> Votes:
    if isinstance(task, Votes):
        if worker is not None or label is not None or any(v is not None for k, v in more.items() if k != 'duplicates'):
            raise AnnotaryError('what the votes are was settled when Votes was made')
        return task
    return Votes(task, worker, label, **more)


class Result(Outcome):
    """The answer of one method.  Arrays are read-only views on the library's memory and keep it alive.

    task, worker, classes   names of the rows and columns below
    label                   [tasks] the answer, by name; None where undecided or nobody answered
    label_id                [tasks] uint16, the same as an id; 65535 where there is none
    tied, known             [tasks] bool: two classes share the top; the answer is the known one
    confidence              [tasks] probability of the top class
    margin, entropy         [tasks] its distance to the second; of the posterior, natural logarithm
    posterior               [tasks, classes] rows sum to 1; float64, above 2**22 cells float32.  Above 64
                            classes it is stored sparsely (`sparse`), and this is a copy
    class_share             [classes] the class prior as fitted
    workers                 [workers] structured: n, skill, lo, hi, weight
    confusion               [workers, classes, classes] P(said l | truth k) at [w, k, l], or None
    params                  name -> [workers], the method's own figures
    trace                   [iterations] objective; empty where the method has none
    iterations, converged, stopped, seed, digest, method, note
    """

    label_id = array(np.uint16, 'tasks', field='label')
    flags = array(np.uint8, 'tasks')
    class_share = array(np.float64, 'classes')
    workers = array(_abi.as_worker, 'workers', field='worker')
    confusion = array(np.float64, 'workers', 'classes', 'classes')
    note: str
    seed: int
    digest: int

    def __init__(self, votes: Votes, pointer: Any):
        super().__init__(pointer, lib.as_result_free)
        self.task, self.worker, self.classes = votes.task, votes.worker, votes.classes

    def _view(self, at: Any, dtype: Any, *shape: int) -> Any:
        return view(self._owner, at, dtype, *shape)

    @cached_property
    def label(self) -> Array:
        return named(self.label_id, self.classes)

    @property
    def tied(self) -> Array:
        return (self.flags & _abi.AS_TIED) != 0

    @property
    def known(self) -> Array:
        return (self.flags & _abi.AS_GOLD) != 0

    @cached_property
    def posterior(self) -> Array:
        r = self._r
        shape = (r.tasks, r.classes)
        if r.q:
            return self._view(r.q, np.float64, *shape)
        if r.q32:
            return self._view(r.q32, np.float32, *shape)
        start, size, which, value, rest = self.sparse
        out = np.repeat(rest / np.maximum(r.classes - size, 1), r.classes).reshape(shape)
        row = np.repeat(np.arange(r.tasks), size)
        at = np.arange(len(row)) - np.repeat(np.cumsum(size, dtype=np.int64) - size, size) + np.repeat(start[:-1], size)
        out[row, which[at]] = value[at]
        empty = (self.flags & _abi.AS_NO_VOTES) != 0
        out[empty] = self.class_share
        return out

    @cached_property
    def sparse(self) -> Any:
        """Above 64 classes (start, length, class, value, rest): task i lists class and value at
        start[i] … start[i] + length[i] - 1, and rest[i] is left for all others together.  Else None."""
        r = self._r
        if not r.q_start:
            return None
        start = self._view(r.q_start, np.int64, r.tasks + 1)
        cells = int(start[-1])
        return (start, self._view(r.q_len, np.uint32, r.tasks), self._view(r.q_class, np.uint16, cells),
                self._view(r.q_value, np.float64, cells), self._view(r.q_rest, np.float64, r.tasks))

    @cached_property
    def _certainty(self) -> Array:
        out = np.empty((3, self._r.tasks))
        lib.as_certainty(self._owner.pointer, *(row.ctypes.data for row in out))
        out.flags.writeable = False
        return out

    @property
    def confidence(self) -> Array:
        return self._certainty[0]

    @property
    def margin(self) -> Array:
        return self._certainty[1]

    @property
    def entropy(self) -> Array:
        return self._certainty[2]

    @cached_property
    def params(self) -> dict:
        return params(self, self._r.workers)

    def to_frame(self) -> Any:
        """A pandas table task, label, confidence, as `annotary aggregate` writes it."""
        import pandas
        return pandas.DataFrame({'task': self.task, 'label': self.label, 'confidence': self.confidence})


def aggregate(task: Any, worker: Any = None, label: Any = None, method: str = 'dawid-skene', *, weight: Any = None,
              time: Any = None, gold: Any = None, classes: Any = None, prior: Optional[float] = None,
              class_prior: Any = None, cost: Any = None, tasks: Any = None, workers: Any = None,
              duplicates: str = 'last', ties: str = 'lowest', clamp_gold: bool = False, seed: int = 0,
              threads: int = 1, max_iter: Optional[int] = None, tol: Optional[float] = None,
              level: Optional[float] = None, restarts: Optional[int] = None,
              progress: Optional[Callable[[int, float], Any]] = None) -> Result:
    """One label a task, how sure it is, and how good each worker is.

    task, worker, label   columns of equal length, or a table (pandas) with columns of these names, or Votes.
                          uint32 tasks and workers and uint16 labels are ids 0, 1, … and are read where they
                          lie; anything else (texts, other numbers) is a name.  A label that is None, NaN or
                          empty is no answer
    method                see methods('aggregate'); the papers stand there
    weight, time          columns: what an answer weighs; when it was given (decides which is the last)
    gold                  known truths: task -> label, or (tasks, labels), or a table task, label
    classes               the labels there are, in the order that breaks ties; None: those seen, sorted
    prior                 strength of the method's prior; None: its own; 0: none (maximum likelihood)
    class_prior           [classes] shares; None: the method's own
    cost                  [classes, classes] of deciding for the row's class when the column's is true
    duplicates            one worker twice on one task: 'last', 'first', 'all' or 'error'
    ties                  'lowest' class, or 'undecided'
    threads               the result does not depend on it
    progress              called as progress(iteration, objective); a true answer stops the method

    The same input, options and seed give the same bytes.  AnnotaryError says what is wrong.
    """
    v = votes_of(task, worker, label, weight=weight, time=time, gold=gold, classes=classes, tasks=tasks,
                 workers=workers, duplicates=duplicates)
    k, watch = len(v.classes), Progress(progress)
    shares = None if class_prior is None else numbers(class_prior, np.float64, 'class_prior', k)
    costs = None if cost is None else numbers(cost, np.float64, 'cost', k, k)
    o = option(_abi.as_opts, lib.as_opts_init, watch, seed=seed, max_iter=max_iter, tol=tol, prior=prior,
               class_prior=address(shares), cost=address(costs), ties=choice(ties, TIES, 'ties'),
               clamp_gold=int(clamp_gold), level=level, restarts=restarts, threads=threads)
    out = ctypes.POINTER(_abi.as_result)()
    call('aggregate', method, lib.as_aggregate, v._at, method.encode(), ctypes.byref(o), ctypes.byref(out), watch=watch)
    result = Result(v, out)
    watch.done()
    return result


class Crowd(NamedTuple):
    """A made-up crowd: columns task, worker, label; truth per task; accuracy per worker."""
    task: Array
    worker: Array
    label: Array
    truth: Array
    accuracy: Array


def synth_crowd(tasks: int, per_task: int = 5, classes: int = 4, workers: int = 50, seed: int = 0) -> Crowd:
    """`per_task` answers each from `workers` people on tasks whose truth is known: for tests and demos."""
    n = count(tasks, 'tasks') * count(per_task, 'per_task')
    w = count(workers, 'workers')
    out = Crowd(np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint16), np.empty(tasks, np.uint16),
                np.empty(w))
    fail(lib.as_synth_crowd(tasks, per_task, count(classes, 'classes'), w, seed, *map(address, out)))
    return out
