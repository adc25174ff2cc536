"""CSV files as columns."""
import csv, os
import numpy as np

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
GOLDEN = f'{TOP}/tests/golden/stats'


def read(path):
    """name -> column: whole numbers, numbers (an empty cell is NaN) or texts."""
    with open(path, newline='') as f:
        head, *rows = csv.reader(f)
    out = {}
    for name, cells in zip(head, zip(*rows)):
        for kind in (int, lambda c: float(c) if c else float('nan'), str):
            try:
                out[name] = np.array([kind(c) for c in cells])
                break
            except ValueError:
                pass
    return out


def golden(name):
    return read(f'{GOLDEN}/{name}')


def near(a, b, by=2e-9):
    a, b = np.asarray(a, float), np.asarray(b, float)
    assert a.shape == b.shape
    worst = np.max(np.abs(a - b) / np.maximum(1, np.abs(b)), initial=0)
    assert worst <= by, worst
