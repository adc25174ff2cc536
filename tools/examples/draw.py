"""A small picture: filled polygons with soft edges, written as PNG.  Python's standard library only.

Coverage of an edge pixel is counted on four sub-rows with exact x; the inside of a row is one slice.
The PNG is indexed where 256 colours suffice, and each row takes the filter that packs best.
"""
import math
import struct
import zlib

SUB = 4


class Picture:
    def __init__(self, width, height):
        self.w, self.h = width, height
        self.row = [bytearray(width * 3) for _ in range(height)]

    def band(self, y0, y1, top, bottom, steps):
        """Horizontal bands from one colour to another."""
        for y in range(max(0, int(y0)), min(self.h, int(y1))):
            f = int((y - y0) / max(1, y1 - y0) * steps) / max(1, steps - 1)
            self.row[y][:] = bytes(mix(top, bottom, min(1, f))) * self.w

    def poly(self, points, colour, alpha=1.0):
        """Even-odd fill of a closed polygon."""
        ys = [p[1] for p in points]
        edges = [(a, b) if a[1] < b[1] else (b, a)
                 for a, b in zip(points, points[1:] + points[:1]) if a[1] != b[1]]
        for y in range(max(0, math.floor(min(ys))), min(self.h, math.ceil(max(ys)))):
            self._scan(y, edges, colour, alpha)

    def _scan(self, y, edges, colour, alpha):
        spans, inside = [], None
        for s in range(SUB):
            sy = y + (s + .5) / SUB
            xs = sorted(a[0] + (sy - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
                        for a, b in edges if a[1] <= sy < b[1])
            pairs = [(max(0, p), min(self.w, q)) for p, q in zip(xs[::2], xs[1::2])]
            spans += [(p, q) for p, q in pairs if q > p]
            if len(pairs) == 1 and inside != ():
                p, q = math.ceil(pairs[0][0]), math.floor(pairs[0][1])
                inside = (p, q) if inside is None else (max(p, inside[0]), min(q, inside[1]))
            else:
                inside = ()
        if not spans:
            return
        full = inside if inside and inside[1] > inside[0] else (0, 0)
        cover = {}
        for p, q in spans:
            for x in range(int(p), min(self.w, math.ceil(q))):
                if full[0] <= x < full[1]:
                    continue
                c = min(q, x + 1) - max(p, x)
                if c > 0:
                    cover[x] = cover.get(x, 0) + c / SUB
        for x, c in cover.items():
            self._blend(y, x, colour, alpha * min(1, c))
        if full[1] > full[0]:
            if alpha >= 1:
                self.row[y][full[0] * 3:full[1] * 3] = bytes(colour) * (full[1] - full[0])
            else:
                for x in range(*full):
                    self._blend(y, x, colour, alpha)

    def _blend(self, y, x, colour, a):
        r = self.row[y]
        for k in range(3):
            r[x * 3 + k] = int(r[x * 3 + k] + (colour[k] - r[x * 3 + k]) * a + .5)

    def png(self):
        colours = {}
        for r in self.row:
            for x in range(0, self.w * 3, 3):
                c = bytes(r[x:x + 3])
                colours[c] = colours.get(c, 0) + 1
        rows, palette = self._indexed(colours)
        head = struct.pack(">IIBBBBB", self.w, self.h, 8, 3, 0, 0, 0)
        data = zlib.compress(b"".join(b"\0" + r for r in rows), 9)
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", palette)
                + chunk(b"IDAT", data) + chunk(b"IEND", b""))

    def _indexed(self, colours):
        """The 256 most used colours; each other pixel takes the nearest of them."""
        kept = [c for c, _ in sorted(colours.items(), key=lambda e: (-e[1], e[0]))[:256]]
        index = {c: k for k, c in enumerate(kept)}
        for c in colours:
            if c not in index:
                index[c] = min(range(len(kept)), key=lambda k: sum(
                    (a - b) ** 2 for a, b in zip(c, kept[k])))
        rows = [bytes(index[bytes(r[x:x + 3])] for x in range(0, self.w * 3, 3))
                for r in self.row]
        return rows, b"".join(kept)


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data) & 0xffffffff))


def rgb(text):
    return tuple(int(text[k:k + 2], 16) for k in (0, 2, 4))


def mix(a, b, f):
    return tuple(int(x + (y - x) * f + .5) for x, y in zip(a, b))


def oval(cx, cy, rx, ry, n=28):
    return [(cx + rx * math.cos(2 * math.pi * k / n), cy + ry * math.sin(2 * math.pi * k / n))
            for k in range(n)]


def rect(x0, y0, x1, y1):
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def round_rect(x0, y0, x1, y1, r):
    r = min(r, (x1 - x0) / 2, (y1 - y0) / 2)
    out = []
    for cx, cy, start in ((x1 - r, y0 + r, 270), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90),
                          (x0 + r, y0 + r, 180)):
        for k in range(7):
            a = math.radians(start + 15 * k)
            out.append((cx + r * math.cos(a), cy + r * math.sin(a)))
    return out


class Thing:
    """An object drawn in its own units, placed, scaled and mirrored; it remembers its extent."""

    def __init__(self, picture, x, y, scale, flip=False):
        self.p, self.x, self.y, self.s, self.flip = picture, x, y, scale, flip
        self.xs, self.ys = [], []

    def add(self, points, colour, alpha=1.0, counts=True):
        out = [(self.x + (-a if self.flip else a) * self.s, self.y + b * self.s)
               for a, b in points]
        if counts:
            self.xs += [a for a, _ in out]
            self.ys += [b for _, b in out]
        if self.p:
            self.p.poly(out, colour, alpha)

    def box(self):
        return min(self.xs), min(self.ys), max(self.xs), max(self.ys)
