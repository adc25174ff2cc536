"""Boxes, spans, masks, texts and tags of several people become one set."""
from __future__ import annotations

import ctypes
from functools import cached_property
from typing import Any, Callable, List, Optional, Sequence

import numpy as np

from . import _abi
from ._arrays import (Array, address, array_of, choice, columns, flat, ids, is_frame, known, labels, named, numbers,
                      option, same_length, text as text_at, view)
from ._labels import Votes, call, votes_of
from ._load import AnnotaryError, Progress, lib
from ._result import Outcome, array

SHAPES = {'box': (1, 4), 'span': (2, 2), 'turned': (3, 5), 'points': (4, None)}
FUSES = ('default', 'mean', 'median')


class Things(Outcome):
    """What one or more people saw.

    things    [n] structured, by task, in each the kept ones first: task (id), label (id), backing, looked,
              existence, label_share, tied, kept, medoid (row of the region most like the others)
    task, worker, label   names: of the ids in things; `task_of` and `label_of` give them per thing
    place     [n, numbers] where they are
    of        [regions] thing of every region given
    workers   [workers] structured: n, skill, lo, hi, miss, alarm, iou, weight"""
    things = array(_abi.as_thing, 'n', field='thing')
    place = array(np.float64, 'n', 'numbers')
    workers = array(_abi.as_looker, 'workers', field='worker')

    def __init__(self, pointer: Any, task: Array, worker: Array, label: Array, regions: int):
        super().__init__(pointer, lib.as_things_free)
        self.task, self.worker, self.label = task, worker, label
        self.of = view(self._owner, self._r.of, np.uintp, regions)

    @property
    def task_of(self) -> Array:
        return self.task[self.things['task']]

    @property
    def label_of(self) -> Array:
        return named(self.things['label'], self.label)

    @property
    def kept(self) -> Array:
        return self.things['kept'] != 0

    def __repr__(self) -> str:
        return f'<Things of {self.method}: {self._r.n}, {self._r.kept} kept>'


def merge_regions(task: Any, worker: Any, at: Any, label: Any = None, shape: str = 'box', method: str = 'optimal', *,
                  sure: Any = None, looks: Any = None, iou: Optional[float] = None, keep: Optional[float] = None,
                  any_label: bool = False, fuse: str = 'default', worker_weight: Any = None,
                  reach: Optional[float] = None, directed: bool = False, max_iter: Optional[int] = None,
                  tol: Optional[float] = None) -> Things:
    """Regions of many people on many tasks become one set a task, with how likely each is there.

    at       [rows, numbers]: box x0, y0, x1, y1; span start, end (half open); turned centre x, y, width,
             height, degrees clockwise; points x, y, x, y, …
    label    per region; None: all alike
    sure     per region, 0 … 1
    looks    (task, worker) columns: who looked at what and may have drawn nothing
    iou      .5: least mean IoU with a group to join it;  keep: .5
    fuse     'default', 'mean' or 'median' of each number;  reach: of points, the error of a careful hand"""
    if shape not in SHAPES:
        raise AnnotaryError(f'shape cannot be {shape!r}; it is one of {", ".join(SHAPES)}')
    kind, wide = SHAPES[shape]
    place = numbers(at, np.float64, 'at', None, wide)
    n = len(place)
    t, w = flat(task, 'task'), flat(worker, 'worker')
    same_length(n, task=t, worker=w)
    saw = (t[:0], w[:0]) if looks is None else (flat(looks[0], 'looks'), flat(looks[1], 'looks'))
    tt, tasks = ids(t if not len(saw[0]) else np.concatenate([t, saw[0]]), 'task')
    ww, workers = ids(w if not len(saw[1]) else np.concatenate([w, saw[1]]), 'worker')
    l, names = (np.zeros(n, np.uint16), known(1, 'label')) if label is None else labels(label)
    s = None if sure is None else numbers(sure, np.float32, 'sure', n)
    same_length(n, label=l)
    same_length(len(saw[0]), looks=saw[1])
    drawn, seen = np.ascontiguousarray(tt[:n]), np.ascontiguousarray(tt[n:])
    by, seen_by = np.ascontiguousarray(ww[:n]), np.ascontiguousarray(ww[n:])
    weight = None if worker_weight is None else numbers(worker_weight, np.float64, 'worker_weight', len(workers))
    rows = _abi.as_regions(len(tasks), len(workers), n, address(drawn), address(by), address(l), address(s), kind,
                           place.shape[1], address(place), len(seen), address(seen), address(seen_by))
    o = option(_abi.as_merge_opts, lib.as_merge_opts_init, iou=iou, keep=keep, any_label=int(any_label),
               fuse=choice(fuse, FUSES, 'fuse'), worker_weight=address(weight), reach=reach, directed=int(directed),
               max_iter=max_iter, tol=tol)
    out = ctypes.POINTER(_abi.as_things)()
    call('merge', method, lib.as_merge_all, ctypes.byref(rows), method.encode(), ctypes.byref(o), ctypes.byref(out))
    return Things(out, tasks, workers, names, n)


def merge_boxes(task: Any, worker: Any = None, box: Any = None, label: Any = None, method: str = 'optimal',
                **more: Any) -> Things:
    """merge_regions of boxes [rows, 4] x0, y0, x1, y1; or a table task, worker, label, x0, y0, x1, y1."""
    if is_frame(task):
        part = columns(task, ['task', 'worker', 'x0', 'y0', 'x1', 'y1'], ['label'])
        worker, label, box = part['worker'], part.get('label'), np.column_stack(
            [np.asarray(part[c]) for c in ('x0', 'y0', 'x1', 'y1')])
        task = part['task']
    return merge_regions(task, worker, box, label, 'box', method, **more)


def merge_spans(task: Any, worker: Any = None, span: Any = None, label: Any = None, method: str = 'optimal',
                **more: Any) -> Things:
    """merge_regions of spans [rows, 2] start, end; or a table task, worker, label, start, end."""
    if is_frame(task):
        part = columns(task, ['task', 'worker', 'start', 'end'], ['label'])
        worker, label, span = part['worker'], part.get('label'), np.column_stack(
            [np.asarray(part[c]) for c in ('start', 'end')])
        task = part['task']
    return merge_regions(task, worker, span, label, 'span', method, **more)


# --- masks --------------------------------------------------------------------------------------

def to_runs(mask: Any) -> Any:
    """(lengths, classes) of a picture read row by row."""
    flat_mask = np.ascontiguousarray(mask).reshape(-1)
    cut = np.flatnonzero(np.diff(flat_mask)) + 1
    start = np.concatenate(([0], cut))
    return np.diff(np.concatenate((start, [flat_mask.size]))).astype(np.uint32), flat_mask[start].astype(np.uint16)


class Masks(Outcome):
    """task, worker       names of the rows
    mask(i)               picture of task i: bool with two classes, else uint16 classes
    runs(i)               the same as (lengths, classes), without a copy of the lengths
    confidence            [tasks] expected IoU with the truth, by the method's model
    flags                 [tasks] 1: a pixel was tied, 2: no mask
    workers               [workers] structured: n, skill (mean IoU with the answer), lo, hi, weight
    confusion             staple: [workers, classes, classes]; else None"""
    confidence = array(np.float64, 'tasks')
    flags = array(np.uint8, 'tasks')
    workers = array(_abi.as_worker, 'workers', field='worker')
    confusion = array(np.float64, 'workers', 'classes', 'classes')

    def __init__(self, pointer: Any, task: Array, worker: Array, shapes: List[tuple]):
        super().__init__(pointer, lib.as_mask_result_free)
        self.task, self.worker, self.shapes = task, worker, shapes
        self._start: Any = view(self._owner, self._r.start, np.uintp, self._r.tasks + 1)
        self._run: Any = view(self._owner, self._r.run, np.uint32, int(self._start[-1]))
        self._value = view(self._owner, self._r.value, np.uint16, int(self._start[-1]))

    def runs(self, i: int) -> Any:
        a, b = int(self._start[i]), int(self._start[i + 1])
        run = self._run[a:b]
        return run, (np.arange(b - a) % 2).astype(np.uint16) if self._value is None else self._value[a:b]

    def mask(self, i: int) -> Array:
        run, value = self.runs(i)
        shape = self.shapes[i]
        out = np.zeros(shape[0] * shape[1], bool if self._r.classes == 2 else np.uint16)
        flat_mask = np.repeat(value, run)
        out[:len(flat_mask)] = flat_mask
        return out.reshape(shape)


def merge_masks(task: Any, worker: Any, masks: Sequence[Any], method: str = 'majority', *,
                classes: Optional[int] = None, max_iter: Optional[int] = None, tol: Optional[float] = None,
                trust: Optional[float] = None, history: Optional[float] = None, smooth: Optional[float] = None,
                level: Optional[float] = None) -> Masks:
    """Pixel masks of several people become one.

    masks     per row a picture [height, width] of bool or of classes (0: background); all masks of a task
              have one size
    methods('masks') lists the methods and their papers."""
    (t, tasks), (w, workers) = ids(task, 'task'), ids(worker, 'worker')
    pictures = [np.asarray(m) for m in masks]
    same_length(len(t), worker=w, masks=array_of(pictures))
    shapes: List[Any] = [None] * len(tasks)
    for k, (i, m) in enumerate(zip(t.tolist(), pictures)):
        if m.ndim != 2 or m.dtype.kind not in 'biu' or 0 in m.shape:
            raise AnnotaryError(f'row {k}: a mask is a picture [height, width] of bool or of classes')
        if m.dtype.kind != 'b' and (m.min() < 0 or m.max() >= _abi.AS_MASK_CLASSES_MAX):
            raise AnnotaryError(f'row {k}: a class is 0 to {_abi.AS_MASK_CLASSES_MAX - 1}', _abi.AS_EINVAL, k)
        if shapes[i] not in (None, m.shape):
            raise AnnotaryError(f'row {k}: a mask of {m.shape}, but others of task {tasks[i]} are {shapes[i]}')
        shapes[i] = m.shape
    shapes = [s or (1, 1) for s in shapes]
    if classes is None:
        classes = max((int(m.max()) + 1 for m in pictures if m.size), default=2)
    runs = [to_runs(m) for m in pictures]
    start = np.concatenate(([0], np.cumsum([len(r[0]) for r in runs]))).astype(np.uintp)
    run = np.concatenate([r[0] for r in runs]) if runs else np.empty(0, np.uint32)
    value = np.concatenate([r[1] for r in runs]) if runs else np.empty(0, np.uint16)
    height, width = (np.array([s[k] for s in shapes], np.uint32) for k in (0, 1))
    rows = _abi.as_masks(len(tasks), len(workers), max(classes, 2), address(width), address(height), len(t),
                         address(t), address(w), address(start), address(run), address(value))
    o = option(_abi.as_mask_opts, lib.as_mask_opts_init, max_iter=max_iter, tol=tol, trust=trust, history=history,
               smooth=smooth, level=level)
    out = ctypes.POINTER(_abi.as_mask_result)()
    call('masks', method, lib.as_merge_masks, ctypes.byref(rows), method.encode(), ctypes.byref(o), ctypes.byref(out))
    return Masks(out, tasks, workers, shapes)


# --- texts --------------------------------------------------------------------------------------

class Phrases:
    """Texts of Python as the library reads them, in one piece of memory."""

    def __init__(self, texts: Any):
        coded = [str('' if x is None or x != x else x).encode('utf-8', 'surrogatepass') for x in texts]
        size = np.array([len(c) for c in coded], np.uint64)
        self.bytes = np.frombuffer(b''.join(coded) + b'\0', np.uint8)
        self.table = np.empty(len(coded), np.dtype([('text', np.uint64), ('length', np.uint64)]))
        self.table['length'] = size
        self.table['text'] = self.bytes.ctypes.data + (np.cumsum(size) - size)
        self.at = ctypes.cast(self.table.ctypes.data, ctypes.POINTER(_abi.as_phrase))


class Texts(Outcome):
    """task, worker   names of the rows
    text              [tasks] the answer, "" without answers
    row               [tasks] the answer that was chosen, -1: composed, or none
    confidence        [tasks] how much of the answers stands behind it
    tied, answers     [tasks] another one was as good; how many were heard
    share             [tasks] rover: votes behind each word (a view), else None
    workers           [workers] structured: n, skill, lo, hi, weight
    heard, empty, repeated   rows"""
    workers = array(_abi.as_worker, 'workers', field='worker')

    def __init__(self, pointer: Any, task: Array, worker: Array):
        super().__init__(pointer, lib.as_text_result_free)
        self.task, self.worker = task, worker
        rows = [self._r.answer[t] for t in range(self._r.tasks)]
        self.text = [text_at(a, 'text', a.length) for a in rows]
        self.row = np.array([-1 if a.row == ctypes.c_size_t(-1).value else a.row for a in rows], np.int64)
        self.confidence = np.array([a.confidence for a in rows], float)
        self.tied = np.array([a.tied for a in rows], bool)
        self.answers = np.array([a.answers for a in rows], np.uint32)
        self.share = [view(self._owner, a.share, np.float32, a.words) for a in rows]


def merge_text(task: Any, worker: Any = None, text: Any = None, method: str = 'rover', *, vector: Any = None,
               rounds: Optional[int] = None, alpha: Optional[float] = None, lower: Optional[bool] = None,
               prior: Optional[float] = None, canon: Optional[int] = None, worker_weight: Any = None,
               level: Optional[float] = None, max_iter: Optional[int] = None, tol: Optional[float] = None,
               progress: Optional[Callable[[int, float], Any]] = None) -> Texts:
    """One text a task out of several people's.

    task, worker, text    columns, or a table with task, worker and text or label
    vector                [rows, dims] float32 encodings for rasa and hrrasa; None: the built-in ones
    methods('text') lists the methods and their papers."""
    if is_frame(task):
        part = columns(task, ['task', 'worker', 'text' if 'text' in task.columns else 'label'])
        task, worker, text = part['task'], part['worker'], part.get('text', part.get('label'))
    elif worker is None or text is None:
        raise AnnotaryError('task, worker and text are needed, or a table with these columns')
    (t, tasks), (w, workers) = ids(task, 'task'), ids(worker, 'worker')
    n, said = len(t), flat(array_of(list(text)), 'text')
    same_length(n, worker=w, text=said)
    words = Phrases(said)
    v = None if vector is None else numbers(vector, np.float32, 'vector', n, None)
    weight = None if worker_weight is None else numbers(worker_weight, np.float64, 'worker_weight', len(workers))
    rows = _abi.as_texts(n, len(tasks), len(workers), words.at, address(t), address(w), address(v),
                         0 if v is None else v.shape[1])
    watch = Progress(progress)
    o = option(_abi.as_text_opts, lib.as_text_opts_init, watch, max_iter=max_iter, tol=tol, rounds=rounds, alpha=alpha,
               lower=None if lower is None else int(lower), prior=prior, canon=canon, worker_weight=address(weight),
               level=level)
    out = ctypes.POINTER(_abi.as_text_result)()
    call('text', method, lib.as_merge_text, ctypes.byref(rows), method.encode(), ctypes.byref(o),
         ctypes.byref(out), watch=watch)
    result = Texts(out, tasks, workers)
    watch.done()
    return result


# --- tags on tokens -----------------------------------------------------------------------------

class Tags(Outcome):
    """label_id, flags    [tokens] valid IOB2 as ids of `tags`; 1 tied, 2 no votes, 8 repaired
    label                 [tokens] by name
    posterior             [tokens, tags]
    workers               [workers] structured: n, skill, lo, hi, weight
    spans                 [workers] structured: said, truth, right, precision, recall, f1
    confusion             [workers, tags, tags] or None
    transition            [tags + 1, tags] P(next | tag), last row: P(first); or None"""
    label_id = array(np.uint16, 'tokens', field='label')
    flags = array(np.uint8, 'tokens')
    posterior = array(np.float64, 'tokens', 'tags', field='q')
    workers = array(_abi.as_worker, 'workers', field='worker')
    spans = array(_abi.as_span_score, 'workers')
    confusion = array(np.float64, 'workers', 'tags', 'tags')

    def __init__(self, pointer: Any, worker: Array, names: Array):
        super().__init__(pointer, lib.as_sequence_result_free)
        self.worker, self.names = worker, names

    @property
    def label(self) -> Array:
        return named(self.label_id, self.names)

    @cached_property
    def transition(self) -> Optional[Array]:
        return view(self._owner, self._r.transition, np.float64, self._r.tags + 1, self._r.tags)


def merge_tags(token: Any, worker: Any, tag: Any, sentence: Any, method: str = 'bsc', *, tags: Any = None,
               prior: Optional[float] = None, level: Optional[float] = None, threads: int = 1,
               max_iter: Optional[int] = None, tol: Optional[float] = None,
               progress: Optional[Callable[[int, float], Any]] = None) -> Tags:
    """A tag for every token where neighbours matter.

    token, worker, tag   columns of votes; tokens are numbers 0, 1, … in the order of the text, tags are
                         names like B-PER, I-PER, O
    sentence             [sentences] how many tokens each has, in order"""
    size = numbers(sentence, np.int64, 'sentence', None)
    if (size < 0).any():
        raise AnnotaryError('a sentence has 0 tokens or more', _abi.AS_EINVAL)
    start = np.concatenate(([0], np.cumsum(size))).astype(np.uintp)
    v: Votes = votes_of(token, worker, tag, classes=tags, tasks=int(start[-1]))
    names = [str(c).encode() for c in v.classes.tolist()]
    kinds, pointers = (_abi.as_tag * max(len(names), 1))(), (ctypes.c_char_p * max(len(names), 1))(*names)
    call('tags', method, lib.as_tags_parse, pointers, len(names), kinds)
    rows = _abi.as_sentences(len(size), address(start), kinds)
    watch = Progress(progress)
    o = option(_abi.as_opts, lib.as_opts_init, watch, prior=prior, level=level, threads=threads, max_iter=max_iter,
               tol=tol)
    out = ctypes.POINTER(_abi.as_sequence_result)()
    call('tags', method, lib.as_merge_sequence, v._at, ctypes.byref(rows), method.encode(), ctypes.byref(o),
         ctypes.byref(out), watch=watch)
    result = Tags(out, v.worker, v.classes)
    watch.done()
    return result
