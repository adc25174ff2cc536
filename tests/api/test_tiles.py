"""Pictures in tiles: many files, one task, and nobody sees a tile who may not see the picture.  Runs once for
each ANNOTARY_DB."""
import glob, random, subprocess
import pytest

from support.lab import BIN, Lab
from support.pictures import dzi, png, pyramid, zipped

BOXES = ('<View><Image name="image" value="$slide"/><RectangleLabels name="c" toName="image"><Label value="a"/>'
         '</RectangleLabels></View>')


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.serve()
    lab.me = lab.client(lab.key)
    yield lab
    lab.close()


@pytest.fixture
def project(lab):
    return lab.me.post('/api/projects', {'title': 'Slides', 'label_config': BOXES}).json()['id']


def bring(lab, project, data, kind='application/zip'):
    """An import as a job, to its end."""
    got = lab.me.request('POST', f'/api/projects/{project}/imports', data, kind=kind)
    assert got.status == 202, got
    job = got.json()['job']
    lab.until(lambda: lab.me.get(f'/api/jobs/{job}').json()['state'] in ('done', 'failed'), 120)
    return lab.me.get(f"/api/projects/{project}/imports/{got.json()['import']}").json()


def slides(lab, project):
    return [t['data']['slide'] for t in lab.me.get(f'/api/tasks?project={project}').json()['tasks']]


def test_a_zip_with_a_pyramid_is_one_task_whatever_the_order_of_its_files(lab, project):
    a, b = pyramid(1000, 700, name='in/a'), pyramid(300, 40, name='b', picture=png(9, 9))
    mixed = a + b + [('c.png', png(5, 5))]
    random.Random(7).shuffle(mixed)
    got = bring(lab, project, zipped(mixed))
    assert got['state'] == 'done' and got['task_count'] == 3, got
    urls = slides(lab, project)
    assert sorted(u.endswith('.dzi') for u in urls) == [False, True, True]
    names = {m['file']: m for m in lab.me.get(f'/api/projects/{project}/media').json()}
    assert set(names) == {'in/a', 'b', 'c.png'} and names['b']['url'] in urls
    url = names['in/a']['url']
    said = lab.me.get(url)
    assert said.status == 200 and said.headers['content-type'] == 'application/xml'
    assert 'Width="1000" Height="700"' in said.text and 'Format="png"' in said.text
    folder = url.replace('.dzi', '_files')
    for tile in ('0/0_0.png', '10/3_2.png', '8/0_0.png', '10/3_2.jpg'):         # an ending is a name, not a type
        t = lab.me.get(f'{folder}/{tile}')
        assert t.status == 200 and t.body == png(8, 8) and t.headers['content-type'] == 'image/png', tile
        assert 'private' in t.headers['cache-control'] and 'nosniff' in t.headers['x-content-type-options']
    # The address without its ending is a small picture of the whole.
    assert lab.me.get(url.replace('.dzi', '')).body == png(8, 8)
    for bad in ('10/4_0.png', '11/0_0.png', '99/0_0.png', '10/0.png', '10/-1_0.png', '10/0_0.gif', 'x/0_0.png',
                '10/0_0.png%2f..', '%2e%2e/0_0.png'):
        assert lab.me.get(f'{folder}/{bad}').status in (400, 404), bad
    plain = names['c.png']['url']
    assert lab.me.get(plain + '.dzi').status == 404 and lab.me.get(plain + '_files/0/0_0.png').status == 404
    assert lab.me.get(plain + '/0/0_0.png').status == 404
    assert lab.me.get(plain).body == png(5, 5)


@pytest.mark.filterwarnings('ignore:Duplicate name')
def test_what_is_wrong_with_a_pyramid_is_a_sentence_and_nothing_is_stored(lab, project):
    whole = pyramid(1000, 700)
    cases = [
        (whole[:-2], f'2 of the {len(whole) - 1} tiles are missing', 'x.dzi'),
        (whole[1:], 'no x.dzi', 'x.dzi'),
        (whole[:6] + whole[5:], 'twice', 'x.dzi'),
        (whole + whole[5:6], 'no x.dzi', 'x.dzi'),
        (whole[:9] + [('x_files/0/5_5.png', png(8, 8))] + whole[10:], 'no tile 0/5_5', 'x.dzi'),
        (whole[:9] + [(whole[9][0], b'<script>')] + whole[10:], 'is no PNG file', 'x.dzi'),
        ([('x.dzi', dzi(1000, 700, kind='jpg').encode())] + whole[1:], 'says jpg', 'x.dzi'),
        ([('x.dzi', dzi(10 ** 9, 700).encode())], 'at most 500000 a side', 'x.dzi'),
        ([('x.dzi', dzi(1000, 700, tile=3).encode())], '64 to 4096', 'x.dzi'),
        ([('x.dzi', dzi(1000, 700, kind='exe').encode())], 'Tiles are jpg or png', 'x.dzi'),
    ]
    for files, says, where in cases:
        got = bring(lab, project, zipped(files))
        assert got['state'] == 'failed', (says, got)
        assert any(says in e['why'] and e['field'] == where for e in got['errors']), (says, got)
    many = [(f'{i}.dzi', dzi(1000, 700, kind='png').encode()) for i in range(40)]
    got = bring(lab, project, zipped(many))
    assert got['state'] == 'failed' and any('mixed up' in e['why'] for e in got['errors']), got
    got = bring(lab, project, dzi(1000, 700).encode(), kind='application/octet-stream')
    assert got['state'] == 'failed' and 'alone is no picture' in got['errors'][0]['why'], got
    assert lab.me.get(f'/api/projects/{project}').json()['task_number'] == 0
    assert lab.me.get(f'/api/projects/{project}/media').json() == []
    assert not glob.glob(f'{lab.data}/spool/*')


def test_tiles_are_seen_by_whom_the_task_was_lent_to_and_by_nobody_else(lab, project):
    assert bring(lab, project, zipped(pyramid(600, 600)))['state'] == 'done'
    url = slides(lab, project)[0]
    tile = url.replace('.dzi', '_files') + '/10/0_0.png'
    boss, ann = lab.me, lab.client(lab.person(f'ann{project}@lab.example'))
    stranger, nobody = lab.client(lab.person(f'eve{project}@lab.example')), lab.client()
    lab.run('member', 'add', project, f'ann{project}@lab.example')
    for path in (url, tile, url.replace('.dzi', '')):
        assert boss.get(path).status == 200
        assert ann.get(path).status == 404              # a member, and not lent it yet
        assert stranger.get(path).status == 404 and nobody.get(path).status == 401
    lent = ann.post(f'/api/projects/{project}/leases', {'n': 1})
    assert lent.status == 201 or lent.status == 200, lent
    for path in (url, tile, url.replace('.dzi', '')):
        assert ann.get(path).status == 200 and stranger.get(path).status == 404


def test_a_folder_comes_in_by_the_command_line_as_one_task(lab, project, tmp_path):
    (tmp_path / 'map.png').write_bytes(png(900, 500))
    subprocess.run([BIN, 'tiles', 'map.png', '--tile', '128', '-o', 'out'], cwd=tmp_path, check=True)
    said = lab.run('import', '--project', project, tmp_path / 'out')
    assert said['state'] == 'done' and said['tasks'] == 1, said
    url = slides(lab, project)[0]
    assert 'TileSize="128"' in lab.me.get(url).text and 'Overlap="1"' in lab.me.get(url).text
    tile = lab.me.get(url.replace('.dzi', '_files') + '/10/6_3.jpg')
    assert tile.status == 200 and tile.body == (tmp_path / 'out/map_files/10/6_3.jpg').read_bytes()
    assert tile.headers['content-type'] == 'image/jpeg'


def test_a_picture_that_no_browser_shows_whole_is_cut_at_its_import(lab, project):
    wide = png(17000, 300)                              # a side above LIMIT_SHOWN_SIDE
    got = bring(lab, project, wide, kind='image/png')
    assert got['state'] == 'done' and got['task_count'] == 1, got
    got = bring(lab, project, zipped([('a.png', png(5, 5)), ('b/wide.png', wide), ('c.png', png(6, 6))]))
    assert got['state'] == 'done' and got['task_count'] == 3, got
    deep = [u for u in slides(lab, project) if u.endswith('.dzi')]
    assert len(deep) == 2 and len(slides(lab, project)) == 4 and deep[0] == deep[1]     # the same bytes, once
    assert 'Width="17000" Height="300"' in lab.me.get(deep[0]).text
    tile = lab.me.get(deep[0].replace('.dzi', '_files') + '/15/33_0.jpg')
    assert tile.status == 200 and tile.headers['content-type'] == 'image/jpeg' and tile.body[:3] == b'\xff\xd8\xff'
    assert lab.me.get(deep[0].replace('.dzi', '')).body[:3] == b'\xff\xd8\xff'
    assert not glob.glob(f'{lab.data}/spool/*')


def test_a_picture_that_cannot_be_cut_fails_its_import_by_its_row_and_nothing_else(lab, project):
    wide = png(17000, 300)
    for data, says in ((wide[:len(wide) // 2], 'broken at row'), (png(20000, 20000, rows=1, interlaced=1), 'interlacing'),
                       (png(400000, 400000, rows=1), 'at most 500000 a side')):
        got = bring(lab, project, zipped([('a.png', png(5, 5)), ('b.png', data)]))
        assert got['state'] == 'failed', got
        assert says in got['errors'][0]['why'] and 'Line 2' in got['errors'][0]['why'], got
    assert lab.me.get(f'/api/projects/{project}').json()['task_number'] == 0
    assert not glob.glob(f'{lab.data}/spool/*') and lab.me.get('/health').status == 200
