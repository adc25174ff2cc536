"""Small C libraries that stand between the program and the C library (LD_PRELOAD)."""
import mmap, os, shutil, struct, subprocess
import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


def build(source, folder):
    """Compile tests/fault/NAME.c; the test is skipped where there is no compiler."""
    cc = shutil.which('cc') or shutil.which('gcc') or shutil.which('clang')
    if not cc:
        pytest.skip('there is no C compiler')
    out = f'{folder}/{source[:-2]}.so'
    subprocess.run([cc, '-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror', '-o', out,
                    f'{os.path.dirname(HERE)}/fault/{source}', '-ldl'], check=True)
    return out


class FailIO:
    """Arms and disarms failio.c in programs that run now."""
    SHORT = -1

    def __init__(self, lib, data, folder):
        self.path = f'{folder}/failio.ctl'
        with open(self.path, 'wb') as f:
            f.write(bytes(32))
        self.file = open(self.path, 'r+b')
        self.map = mmap.mmap(self.file.fileno(), 32)
        self.env = {'LD_PRELOAD': lib, 'FAILIO_DIR': data, 'FAILIO_CTL': self.path}

    def arm(self, n, error, forever):
        self.map[:] = struct.pack('8i', 0, error, n, forever, 0, 0, 0, 0)
        self.map[:4] = struct.pack('i', 1)

    def disarm(self):
        """(calls seen, calls failed, what failed first: w t s r o, syncs that failed)"""
        self.map[:4] = struct.pack('i', 0)
        v = struct.unpack('8i', self.map[:])
        return v[4], v[5], chr(v[6]) if v[6] else '', v[7]
