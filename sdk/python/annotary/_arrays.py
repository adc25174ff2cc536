"""Arrays in, arrays out: names become ids, memory of the library becomes numpy arrays."""
from __future__ import annotations

import ctypes
from typing import Any, Dict, Iterable, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _abi
from ._load import AnnotaryError, Progress

Array = np.ndarray
DTYPES: Dict[type, np.dtype] = {}


# --- out ----------------------------------------------------------------------------------------

class _Memory:
    """What numpy keeps as the base of a view; it keeps the owner of the memory."""
    __slots__ = ('__array_interface__', 'owner')
    __array_interface__: Any
    owner: Any


def view(owner: Any, at: Any, dtype: Any, *shape: int) -> Any:
    """The library's memory as a read-only array, without a copy; None where there is none."""
    if not at:
        return None
    if not isinstance(at, int):
        at = ctypes.cast(at, ctypes.c_void_p).value
    if isinstance(dtype, type) and issubclass(dtype, ctypes.Structure):
        if dtype not in DTYPES:
            DTYPES[dtype] = np.dtype(dtype)
        dtype = DTYPES[dtype]
    dtype = np.dtype(dtype)
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if size == 0:
        out = np.empty(shape, dtype)
        out.flags.writeable = False
        return out
    memory = _Memory()
    memory.owner = owner
    memory.__array_interface__ = {'version': 3, 'typestr': '|u1', 'shape': (size,), 'data': (at, True)}
    return np.asarray(memory).view(dtype).reshape(shape)


def text(struct: Any, field: str, size: int) -> str:
    """So many bytes behind a char pointer of a struct; ctypes itself would stop at a zero, or not at all."""
    at = ctypes.c_void_p.from_buffer(struct, getattr(type(struct), field).offset).value
    return ctypes.string_at(at, size).decode('utf-8', 'replace') if at and size else ''


# --- in -----------------------------------------------------------------------------------------

def address(x: Optional[Array]) -> Optional[int]:
    return None if x is None else x.ctypes.data


def numbers(values: Any, dtype: Any, what: str, *shape: Optional[int]) -> Array:
    """A contiguous array of that type and shape (None: any length); the given one where it already is."""
    try:
        x = np.ascontiguousarray(values, dtype=dtype)
    except (TypeError, ValueError) as e:
        raise AnnotaryError(f'{what}: {e}') from None
    if x.ndim != len(shape) or any(s is not None and s != n for s, n in zip(shape, x.shape)):
        want = ', '.join('any' if s is None else str(s) for s in shape)
        raise AnnotaryError(f'{what} must have the shape ({want}), not {x.shape}')
    return x


def count(value: Any, what: str, most: int = 0xffffffff) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not 0 <= value <= most:
        raise AnnotaryError(f'{what} must be a whole number of 0 to {most}, not {value!r}')
    return int(value)


def option(kind: Any, init: Any, progress: Optional[Progress] = None, **given: Any) -> Any:
    """The library's default options, and over them what is not None."""
    out = kind()
    init(ctypes.byref(out))
    for name, value in given.items():
        if value is None:
            continue
        try:
            setattr(out, name, value)
        except TypeError:
            raise AnnotaryError(f'{name} cannot be {value!r}') from None
        if isinstance(value, (int, np.integer)) and getattr(out, name) != value:
            raise AnnotaryError(f'{name} cannot be {value!r}: out of range')
    if progress:
        progress.put(out)
    return out


def choice(value: str, names: Sequence[str], what: str) -> int:
    """The place of a word in a list of words: an enum of the library."""
    if value not in names:
        raise AnnotaryError(f'{what} cannot be {value!r}; it is one of {", ".join(n for n in names if n)}')
    return list(names).index(value)


def is_frame(x: Any) -> bool:
    return hasattr(x, 'columns') and hasattr(x, '__getitem__')


def columns(frame: Any, wanted: Sequence[str], maybe: Sequence[str] = ()) -> Dict[str, Any]:
    missing = [c for c in wanted if c not in frame.columns]
    if missing:
        raise AnnotaryError(f'the table has no column {missing[0]!r}')
    return {c: frame[c] for c in [*wanted, *maybe] if c in frame.columns}


def flat(values: Any, what: str) -> Array:
    x = values
    if isinstance(values, np.ma.MaskedArray):
        x, gone = np.ma.getdata(values), np.ma.getmaskarray(values)
        if gone.any():
            x = x.astype(object)
            x[gone] = None
    x = np.asarray(x)
    if x.ndim != 1:
        raise AnnotaryError(f'{what} must be one column, not of shape {x.shape}')
    return x


def missing(x: Array) -> Optional[Array]:
    """Where nothing is said: None, NaN, an empty text; None when that cannot be."""
    if x.dtype == object:
        out = np.fromiter((v is None or v == '' or v != v or type(v).__name__ in ('NAType', 'NaTType') for v in x),
                          bool, len(x))
    elif x.dtype.kind == 'f':
        out = np.isnan(x)
    elif x.dtype.kind in 'US':
        out = x == x.dtype.type()
    else:
        return None
    return out if out.any() else None


def factor(x: Array, what: str) -> Tuple[Array, Array]:
    """(names in rising order, id of every row).  As np.unique, faster where the values allow it."""
    if x.dtype.kind in 'iu' and len(x) and x.min() >= 0 and x.max() < 2 * len(x) + 1024:
        seen = np.zeros(int(x.max()) + 1, bool)
        seen[x] = True
        names = np.flatnonzero(seen).astype(x.dtype)
        if len(names) == len(seen):
            return names, x
        return names, (np.cumsum(seen) - 1)[x]
    if x.dtype == object:
        rows = x.tolist()
        try:
            found = sorted(set(rows))
        except TypeError:
            raise AnnotaryError(f'{what}: names of one kind are needed, texts or numbers') from None
        at = {name: k for k, name in enumerate(found)}
        return array_of(found), np.fromiter(map(at.__getitem__, rows), np.int64, len(rows))
    if x.dtype.kind == 'f' and (x == np.floor(x)).all() and (np.abs(x) < 2**53).all():
        x = x.astype(np.int64)
    names, ids = np.unique(x, return_inverse=True)
    return names, ids.reshape(-1)


def array_of(names: Iterable[Any]) -> Array:
    """Python's objects as an array of one column, whatever they are."""
    given = list(names)
    out = np.empty(len(given), object)
    out[:] = given
    return out


def known(given: Union[int, Iterable[Any]], what: str) -> Array:
    """A list of names, or how many ids there are."""
    if isinstance(given, (int, np.integer)):
        return np.arange(count(given, what))
    if isinstance(given, np.ndarray):
        x = given
    else:
        x = array_of(given)
        if all(isinstance(v, (int, np.integer)) for v in x):
            x = x.astype(np.int64)
    if len(set(x.tolist())) != len(x):
        raise AnnotaryError(f'{what} names something twice')
    return x


def place(x: Array, names: Array, what: str) -> Array:
    """Ids of x among names that are already known."""
    own, ids = factor(x, what)
    at = {name: k for k, name in enumerate(names.tolist())}
    table = np.fromiter((at.get(v, -1) for v in own.tolist()), np.int64, len(own))
    bad = table < 0
    if bad.any():
        row = int(np.flatnonzero(bad[ids])[0])
        raise AnnotaryError(f'row {row}: {what} {x.tolist()[row]!r} is not known', _abi.AS_EINVAL, row)
    return table[ids]


def ids(values: Any, what: str, names: Any = None) -> Tuple[Array, Array]:
    """(uint32 ids, names).  uint32 are ids already and are used where they lie; all else are names."""
    x = flat(values, what)
    if x.dtype == np.uint32:
        x = np.ascontiguousarray(x)
        n = int(x.max()) + 1 if len(x) else 0
        names = np.arange(n, dtype=np.uint32) if names is None else known(names, what)
        if n > len(names):
            row = int(np.argmax(x >= len(names)))
            raise AnnotaryError(f'row {row}: {what} {x[row]} is not known', _abi.AS_EINVAL, row)
        return x, names
    gone = missing(x)
    if gone is not None:
        row = int(np.argmax(gone))
        raise AnnotaryError(f'row {row}: the {what} is empty', _abi.AS_EINVAL, row)
    if names is not None:
        names = known(names, what)
        return np.ascontiguousarray(place(x, names, what), np.uint32), names
    names, rows = factor(x, what)
    return np.ascontiguousarray(rows, np.uint32), names


def labels(values: Any, classes: Any = None, what: str = 'label') -> Tuple[Array, Array]:
    """(uint16 ids, classes).  uint16 are ids already (65535: no answer) and are used where they lie; of
    all else None, NaN and empty texts are no answer, and the classes are the labels seen, sorted."""
    x = flat(values, what)
    if x.dtype == np.uint16:
        x = np.ascontiguousarray(x)
        if classes is None:
            said = x[x != _abi.AS_ABSTAIN]
            classes = int(said.max()) + 1 if len(said) else 0
        return x, known(classes, 'classes')
    gone = missing(x)
    said = x if gone is None else x[~gone]
    if said.dtype == object and len(said) and all(isinstance(v, (float, np.floating)) for v in said):
        said = said.astype(float)
    rows: Array
    if classes is None:
        names, rows = factor(said, what)
    else:
        names = known(classes, 'classes')
        try:
            rows = place(said, names, what)
        except AnnotaryError as e:
            if e.row is None or gone is None:
                raise
            row = int(np.flatnonzero(~gone)[e.row])
            raise AnnotaryError(f'row {row}: {what} {said.tolist()[e.row]!r} is not known', e.code, row) from None
    if len(names) > _abi.AS_CLASSES_MAX:
        raise AnnotaryError(f'{len(names)} labels are more than {_abi.AS_CLASSES_MAX}', _abi.AS_ETOOBIG)
    if gone is None:
        return np.ascontiguousarray(rows, np.uint16), names
    out = np.full(len(x), _abi.AS_ABSTAIN, np.uint16)
    out[~gone] = rows
    return out, names


def named(chosen: Array, names: Array, none: int = _abi.AS_ABSTAIN) -> Array:
    """Names of ids; None for those that are no id."""
    chosen = np.asarray(chosen)
    lost = chosen == none
    if not lost.any():
        return names[chosen]
    out = np.empty(len(chosen), object)
    out[~lost] = names[chosen[~lost]]
    return out


def truth(given: Any, tasks: Array, classes: Array, what: str = 'gold') -> Optional[Array]:
    """uint16 [tasks]: from a mapping task -> label, a pair of columns, a table, or a column in the order
    of the tasks."""
    if given is None:
        return None
    if is_frame(given):
        part = columns(given, ['task', 'label'])
        given = (part['task'], part['label'])
    if isinstance(given, Mapping):
        given = (array_of(list(given.keys())), array_of(list(given.values())))
    if not isinstance(given, tuple) or len(given) != 2:
        out = labels(given, classes, what)[0]
        if len(out) != len(tasks):
            raise AnnotaryError(f'{what} must say something of every task ({len(tasks)}), or name the tasks')
        return out
    names, said = flat(given[0], what), labels(given[1], classes, what)[0]
    if len(names) != len(said):
        raise AnnotaryError(f'{what}: as many tasks as labels are needed')
    at = {name: k for k, name in enumerate(tasks.tolist())}
    out = np.full(len(tasks), _abi.AS_ABSTAIN, np.uint16)
    for name, label in zip(names.tolist(), said.tolist()):
        if name in at:                      # a truth of a task that nobody answered says nothing here
            out[at[name]] = label
    return out


def same_length(n: int, **parts: Optional[Array]) -> None:
    for name, x in parts.items():
        if x is not None and len(x) != n:
            raise AnnotaryError(f'{name} has {len(x)} rows, the other columns {n}')
