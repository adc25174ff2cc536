"""annotary tiles: a picture into a pyramid, and every way in which a picture can be wrong."""
import os, re, struct, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from support.pictures import png  # noqa: E402

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
BIN = os.environ.get('ANNOTARY_BIN', os.path.join(TOP, 'build/annotary'))
OK, FOUND, USAGE, REFUSED = 0, 1, 2, 3


def run(*argv, cwd, given=None):
    return subprocess.run([BIN, 'tiles', *map(str, argv)], cwd=cwd, input=given, capture_output=True, timeout=120)


def put(folder, name, data):
    (folder / name).write_bytes(data)
    return name


def refused(tmp_path, data, says, *argv):
    r = run(put(tmp_path, 'bad.img', data), '-o', 'out', *argv, cwd=tmp_path)
    assert r.returncode == REFUSED and says in r.stderr.decode(), r
    assert sorted(os.listdir(tmp_path)) == ['bad.img']      # nothing is left of it


def test_help_says_what_it_makes_and_shows_how(tmp_path):
    r = run('--help', cwd=tmp_path)
    text = r.stdout.decode()
    assert r.returncode == OK
    for words in ('Deep Zoom', '--tile', '--overlap', '--quality', '--out', 'annotary tiles slide.jpg'):
        assert words in text


def test_a_picture_becomes_a_folder_called_like_it(tmp_path):
    r = run(put(tmp_path, 'map.png', png(700, 301)), cwd=tmp_path)
    assert r.returncode == OK, r.stderr
    assert re.fullmatch(r'map: 700 x 301 pixels, 11 levels, 12 tiles, [\d.]+ MB; at most \d+ MB of memory\.\n',
                        r.stdout.decode())
    assert sorted(os.listdir(tmp_path / 'map')) == ['map.dzi', 'map_files']
    assert 'Width="700" Height="301"' in (tmp_path / 'map/map.dzi').read_text()
    assert sorted(os.listdir(tmp_path / 'map/map_files'), key=int) == [str(n) for n in range(11)]
    assert sorted(os.listdir(tmp_path / 'map/map_files/10')) == ['0_0.jpg', '1_0.jpg']
    # A tile is a picture like any other.
    r = run('map/map_files/10/0_0.jpg', '-o', 'again', '--tile', '64', '--overlap', '0', cwd=tmp_path)
    assert r.stdout.startswith(b'again: 513 x 301 pixels, 11 levels,'), r
    r = run('map.png', cwd=tmp_path)
    assert r.returncode == REFUSED and b'there already' in r.stderr


def test_what_is_wrong_with_a_picture_is_said_and_nothing_is_left(tmp_path):
    whole = png(300, 300)
    refused(tmp_path, b'hello', 'neither a JPEG nor a PNG')
    refused(tmp_path, b'', 'neither a JPEG nor a PNG')
    refused(tmp_path, b'\xff\xd8\xff', 'breaks off')
    refused(tmp_path, b'\xff\xd8\xff\xe0\x00\x04ab\xff\xd9', 'no picture')
    refused(tmp_path, whole[:len(whole) // 2], 'broken at row')
    refused(tmp_path, whole[:40], 'PNG')
    refused(tmp_path, png(0, 5), 'no pixels')
    refused(tmp_path, png(2 ** 31 - 1, 2 ** 31 - 1, rows=1), 'at most 500000 a side')
    refused(tmp_path, png(400000, 400000, rows=1), '20000 million in all')
    refused(tmp_path, png(400000, 10000, rows=1), 'broken at row')
    refused(tmp_path, png(20000, 20000, rows=1, interlaced=1), 'without interlacing')
    # A progressive JPEG of 8000 x 8000, by its header alone.
    frame = b'\xff\xd8\xff\xc2' + struct.pack('>HBHHB', 11, 8, 8000, 8000, 1) + b'\x01\x11\x00'
    refused(tmp_path, frame, 'Save it without "progressive"')


def test_options_that_make_no_sense_are_refused(tmp_path):
    put(tmp_path, 'a.png', png(8, 8))
    for argv in (['--tile', '5'], ['--tile', 'x'], ['--overlap', '-1'], ['--overlap', '300'], ['--quality', '0']):
        assert run('a.png', *argv, cwd=tmp_path).returncode == USAGE
    assert run(cwd=tmp_path).returncode == USAGE
    assert run('none.png', cwd=tmp_path).returncode == REFUSED


def test_the_confined_process_writes_one_file_and_tells_what_it_does(tmp_path):
    put(tmp_path, 'a.png', png(900, 700))
    with open(tmp_path / 'a.png', 'rb') as picture, open(tmp_path / 'a.tiles', 'wb') as out:
        r = subprocess.run([BIN, 'tiles', '--confined'], stdin=picture, stdout=out, stderr=subprocess.PIPE, env={})
    assert r.returncode == OK, r.stderr
    assert (tmp_path / 'a.tiles').read_bytes()[-64:].startswith(b'annotary tiles 1')
    assert b'640 700\n' in r.stderr
    with open(tmp_path / 'a.tiles', 'rb') as bad:
        r = subprocess.run([BIN, 'tiles', '--confined'], stdin=bad, capture_output=True, env={})
    assert r.returncode == FOUND and b'neither a JPEG nor a PNG' in r.stderr
