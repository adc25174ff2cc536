"""A result of the library as a Python object: figures are attributes, arrays are views on its memory."""
from __future__ import annotations

import ctypes
from typing import Any, Optional, Tuple, Union

import numpy as np

from ._arrays import Array, view
from ._load import Owner


class array:
    """An attribute that is an array of the result's struct: dtype, then the fields that are its shape."""

    def __init__(self, dtype: Any, *shape: Union[int, str], field: Optional[str] = None):
        self.dtype, self.shape, self.field = dtype, shape, field or ''

    def __set_name__(self, _: Any, name: str) -> None:
        self.name = name
        self.field = self.field or name

    def __get__(self, me: Any, _: Any = None) -> Any:
        if me is None:
            return self
        shape = [getattr(me._r, s) if isinstance(s, str) else s for s in self.shape]
        out = view(me._owner, getattr(me._r, self.field), self.dtype, *shape)
        me.__dict__[self.name] = out            # found there from now on
        return out


class Outcome:
    """Owns a struct of the library.  There is no way to end it before the last view on it is gone."""

    method: str
    iterations: int
    converged: bool
    stopped: bool

    def __init__(self, pointer: Any, end: Any):
        self._owner = Owner(pointer, end)
        self._r = pointer.contents

    def __getattr__(self, name: str) -> Any:
        fields = {f[0] for f in self._r._fields_} if '_r' in self.__dict__ else set()
        if name.startswith('_') or name not in fields:
            raise AttributeError(f'{type(self).__name__} has no {name}')
        value = getattr(self._r, name)
        if name in ('method', 'note'):
            return (value or b'').decode()
        return bool(value) if name in ('converged', 'stopped', 'exact') else value

    @property
    def trace(self) -> Array:
        """The objective after every round; empty where the method has none."""
        out = view(self._owner, self._r.trace, np.float64, self._r.trace_n)
        return np.empty(0) if out is None else out

    def __repr__(self) -> str:
        size = [f'{getattr(self._r, f)} {f}' for f in ('tasks', 'workers', 'classes', 'items', 'rows', 'lfs', 'units')
                if hasattr(self._r, f)]
        return f'<{type(self).__name__} of {self.method}: {", ".join(size)}>'


def params(me: Outcome, rows: int) -> dict:
    """The method's own figures: name -> one number a worker."""
    table = view(me._owner, me._r.param, np.float64, rows, me._r.params)
    return {} if table is None else {me._r.param_name[k].decode(): table[:, k] for k in range(me._r.params)}


def struct(value: ctypes.Structure) -> Any:
    """A small struct as a named tuple."""
    from collections import namedtuple
    names: Tuple[str, ...] = tuple(f[0] for f in value._fields_)
    kind = namedtuple(type(value).__name__, names)      # type: ignore[misc]
    parts = (getattr(value, n) for n in names)
    return kind(*(struct(p) if isinstance(p, ctypes.Structure) else p for p in parts))
