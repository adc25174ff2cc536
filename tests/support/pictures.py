"""Pictures made of nothing, in the sizes a test wants."""
import io, struct, zipfile, zlib


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(width, height, rows=None, interlaced=0):
    """A grey PNG with waves in it; `rows`: only so many are there, whatever its header says."""
    packer = zlib.compressobj(1)
    line = b'\0' + bytes(127 + (x // 3) % 64 for x in range(min(width, 500000)))
    data = b''.join(packer.compress(line) for _ in range(height if rows is None else rows)) + packer.flush()
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, interlaced))
            + chunk(b'IDAT', data) + chunk(b'IEND', b''))


def dzi(width, height, tile=254, overlap=1, kind='jpg'):
    return (f'<?xml version="1.0" encoding="UTF-8"?><Image xmlns="http://schemas.microsoft.com/deepzoom/2008" '
            f'Format="{kind}" Overlap="{overlap}" TileSize="{tile}"><Size Width="{width}" Height="{height}"/></Image>')


def tile_names(width, height, tile=254, kind='jpg'):
    """LEVEL/COLUMN_ROW.KIND of every tile, lowest level first."""
    levels = (max(width, height) - 1).bit_length() + 1
    for level in range(levels):
        by = levels - 1 - level
        w, h = (width + (1 << by) - 1) >> by, (height + (1 << by) - 1) >> by
        for row in range(-(-h // tile)):
            for column in range(-(-w // tile)):
                yield f'{level}/{column}_{row}.{kind}'


def pyramid(width, height, tile=254, kind='png', name='x', picture=None):
    """The files of a picture in tiles, all of them the same few bytes: [(path, bytes)]."""
    picture = picture or png(8, 8)
    return [(f'{name}.dzi', dzi(width, height, tile, 0, kind).encode())] + [
        (f'{name}_files/{t}', picture) for t in tile_names(width, height, tile, kind)]


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        for path, data in files:
            z.writestr(path, data)
    return out.getvalue()
