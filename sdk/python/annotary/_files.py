"""Votes from files: CSV as `annotary aggregate` takes it, and packed votes, which are used where they lie."""
from __future__ import annotations

import ctypes
from typing import Any, Optional, Tuple

import numpy as np

from . import _abi
from ._arrays import Array, address, array_of, text
from ._load import AnnotaryError, Owner, fail, lib


def _bytes(path: Any) -> Array:
    """The file's bytes, mapped, not read."""
    try:
        return np.memmap(path, np.uint8, 'r')
    except ValueError:                          # empty: nothing to map
        return np.empty(0, np.uint8)


def _blamed(rc: int, blame: Any, path: Any) -> None:
    if rc >= 0:
        return
    why = (blame.why or lib.as_text(rc)).decode()
    cell = blame.cell
    seen = f' ({text(cell, "s", cell.n)})' if cell.n else ''
    raise AnnotaryError(f'{path}{f", line {blame.line}" if blame.line else ""}: {why}{seen}', rc)


def who(fault: Any, tasks: Array, workers: Array) -> str:
    """The task and the worker of a fault by name."""
    return ', '.join(f'{what} {names[at]}' for what, at, names in
                     (('task', fault.task, tasks), ('worker', fault.worker, workers)) if at < len(names))


def _text(names: Any) -> Array:
    room = ctypes.create_string_buffer(12)
    cells = (lib.as_name(names, k, room) for k in range(lib.as_names_count(names)))
    return array_of(text(c, 's', c.n) for c in cells)


def read_packed(path: Any, data: Array) -> Tuple[Any, Array, Array, Array]:
    named, out, blame = _abi.as_named(), ctypes.c_void_p(), _abi.as_blame()
    _blamed(lib.as_votes_packed(address(data), len(data), ctypes.byref(out), ctypes.byref(named),
                                ctypes.byref(blame)), blame, path)
    owner = Owner(out, lib.as_votes_free)
    owner.data = data                           # the votes lie in the file
    head = _abi.as_packed.from_buffer_copy(data[:ctypes.sizeof(_abi.as_packed)].tobytes())
    try:
        parts = [_text(names) if head.flags & flag else np.arange(n) for names, flag, n in
                 ((named.tasks, _abi.AS_PACKED_TASKS, head.tasks), (named.workers, _abi.AS_PACKED_WORKERS, head.workers),
                  (named.classes, _abi.AS_PACKED_CLASSES, head.classes))]
    finally:
        lib.as_named_free(ctypes.byref(named))
    return owner, parts[0], parts[1], parts[2]


def read_csv(path: Any, data: Array, classes: Any, policy: int) -> Tuple[Any, Array, Array, Array]:
    how, kept = _abi.as_reading(), [str(c).encode() for c in classes or ()]
    if kept:
        cells = (_abi.as_cell * len(kept))(*(_abi.as_cell(c, len(c)) for c in kept))
        how.classes, how.nclasses = cells, len(kept)
    answers, blame = ctypes.POINTER(_abi.as_answers)(), _abi.as_blame()
    at = ctypes.c_char_p(address(data))
    _blamed(lib.as_answers_read(at, len(data), ctypes.byref(how), ctypes.byref(answers),
                                ctypes.byref(blame)), blame, path)
    held = Owner(answers, lib.as_answers_free)
    rows, out, fault = _abi.as_labels(), ctypes.c_void_p(), _abi.as_fault()
    lib.as_answers_labels(answers, ctypes.byref(rows))
    rc = lib.as_votes_new(ctypes.byref(rows), policy, ctypes.byref(out), ctypes.byref(fault))
    if rc < 0 and fault.row != ctypes.c_size_t(-1).value:
        blame.line, blame.why = lib.as_answers_line(at, len(data), ctypes.byref(how), fault.row), fault.why
        _blamed(rc, blame, path)
    lib.as_answers_forget(answers)              # the columns; the names stay
    a = answers.contents
    parts = [_text(names) for names in (a.tasks, a.workers, a.classes)]
    fail(rc, fault, lambda f: who(f, parts[0], parts[1]))
    del held
    return Owner(out, lib.as_votes_free), parts[0], parts[1], parts[2]


def read(path: Any, classes: Optional[Any], policy: int) -> Tuple[Any, Array, Array, Array]:
    """(owner of the votes, task names, worker names, class names)."""
    data = _bytes(path)
    if lib.as_is_packed(address(data), len(data)):
        if classes is not None:
            raise AnnotaryError('a packed file says its classes itself')
        return read_packed(path, data)
    return read_csv(path, data, classes, policy)


def pack(votes: Any, path: Any, tasks: Array, workers: Array, classes: Array) -> None:
    """Writes votes down, with their names, for `read`, and for `annotary aggregate`."""
    kept, made = [], []
    try:
        for names in (tasks, workers, classes):
            coded = [str(n).encode() for n in names.tolist()]
            m, ids = ctypes.c_void_p(), np.empty(max(len(coded), 1), np.uint32)
            cells = (_abi.as_cell * max(len(coded), 1))(*(_abi.as_cell(c, len(c)) for c in coded))
            fail(lib.as_names_new(ctypes.byref(m)))
            made.append(m)
            kept.append((coded, cells))
            fail(lib.as_names_add_all(m, cells, len(coded), address(ids)))
        named, trouble = _abi.as_named(*(m.value for m in made)), []
        with open(path, 'wb') as f:
            def put(_: Any, data: Any, n: int) -> int:
                try:
                    f.write(ctypes.string_at(data, n) if n else b'')
                    return 0
                except OSError as e:
                    trouble.append(e)
                    return _abi.AS_EINVAL
            rc = lib.as_votes_pack(votes, ctypes.byref(named), lib.as_votes_pack.argtypes[2](put), None)
            if trouble:
                raise trouble[0]
            fail(rc)
    finally:
        for m in made:
            lib.as_names_free(m)
