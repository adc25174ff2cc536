"""Finds libannotary_stats, checks that it and this package mean the same structs, and calls it.

The library is sought at ANNOTARY_STATS_LIB, beside this file, and where the system's loader looks.
ctypes lets go of the interpreter's lock during a call, so other threads go on.
"""
from __future__ import annotations

import ctypes
import os
from typing import Any, Callable, Dict, Optional, Tuple

from . import _abi

NAME = 'libannotary_stats.so.0'


class AnnotaryError(Exception):
    """What could not be done, in a sentence.  `code` is one of enum as_code (0: not from the library),
    `name` its name; `row` is the row of the input that is wrong, or None."""

    def __init__(self, sentence: str, code: int = 0, row: Optional[int] = None):
        super().__init__(sentence)
        self.code, self.name, self.row = code, CODES.get(code, ''), row


CODES = {value: name for name, value in vars(_abi).items()
         if name in ('AS_EINVAL', 'AS_ENOMEM', 'AS_ETOOBIG', 'AS_EDUPLICATE', 'AS_ENOMETHOD', 'AS_EUNFIT',
                     'AS_EUNDEFINED', 'AS_ENOTMONOTONE', 'AS_EINTERNAL')}


def _open() -> ctypes.CDLL:
    named = os.environ.get('ANNOTARY_STATS_LIB')
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), NAME)
    for path in [named] if named else [beside, NAME]:
        try:
            return ctypes.CDLL(path)
        except OSError as e:
            why = e
            if path != NAME and (named or os.path.exists(path)):
                break
    raise AnnotaryError(f'{NAME} cannot be loaded: {why}. Set ANNOTARY_STATS_LIB to its path.')


def _check(library: ctypes.CDLL) -> None:
    """Every struct as the library's compiler laid it must be the struct that ctypes has here."""
    try:
        layout = library.as_layout
    except AttributeError:
        raise AnnotaryError(f'{library._name} is no libannotary_stats of this version: '
                            'it does not say how its structs lie.') from None
    layout.restype, layout.argtypes = ctypes.POINTER(_abi.as_field), [ctypes.c_uint]
    theirs, at = {}, 0
    while row := layout(at):
        one, at = row.contents, at + 1
        theirs[one.of.decode(), one.name.decode() if one.name else None] = (one.at, one.size)
    for struct in _abi.STRUCTS:
        name = struct.__name__
        ours: Dict[Tuple[str, Optional[str]], Tuple[int, int]] = {(name, None): (0, ctypes.sizeof(struct))}
        for field, *_ in struct._fields_:
            ours[name, field] = (getattr(struct, field).offset, getattr(struct, field).size)
        for key, place in ours.items():
            if theirs.get(key) != place:
                raise AnnotaryError(f'{library._name} does not fit this package: struct {name}'
                                    f'{"." + key[1] if key[1] else ""} lies otherwise. Install the two together.')


def load() -> ctypes.CDLL:
    library = _open()
    _check(library)
    for name, (result, arguments) in _abi.FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise AnnotaryError(f'{library._name} does not fit this package: it has no {name}. '
                                'Install the two together.') from None
        function.restype, function.argtypes = result, arguments
    return library


lib = load()


def fail(code: int, fault: Any = None, name: Callable[[Any], str] = lambda f: '') -> None:
    """Raises AnnotaryError unless code is AS_OK (or positive, which some functions answer with)."""
    if code >= 0:
        return
    sentence, row = lib.as_text(code).decode(), None
    if fault is not None and fault.why:
        sentence = fault.why.decode()
        if fault.row != ctypes.c_size_t(-1).value:
            row = fault.row
            sentence = f'row {row}: {sentence}'
        more = name(fault)
        sentence += f' ({more})' if more else ''
    raise AnnotaryError(sentence, code, row)


class Owner:
    """Keeps a struct of the library until the last view on it is gone; there is no way to end it before."""

    def __init__(self, pointer: Any, end: Callable[[Any], None]):
        self.pointer, self.end = pointer, end
        self.data: Any = None               # what the struct itself points into

    def __del__(self) -> None:
        if self.pointer:
            self.end(self.pointer)


class Progress:
    """Hands the library's progress to a Python function; what that raises comes out after the call."""

    def __init__(self, function: Optional[Callable[[int, float], Any]]):
        self.function = function
        self.error: Optional[BaseException] = None

    def put(self, options: Any) -> None:
        if self.function:
            kind = dict((f[0], f[1]) for f in options._fields_)['progress']
            self.kept = options.progress = kind(self.call)

    def call(self, _: Any, iteration: int, objective: float) -> int:
        try:
            return 1 if self.function and self.function(iteration, objective) else 0
        except BaseException as e:
            self.error = e
            return 1

    def done(self) -> None:
        if self.error:
            raise self.error
