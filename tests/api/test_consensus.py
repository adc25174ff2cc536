"""Consensus by the methods of stats: one a control, fitted over the project.  Runs once for each ANNOTARY_DB."""
import base64, random, struct, zlib
import pytest

from support.lab import Lab, query

CONFIG = '''<View><Text name="text" value="$text"/><Image name="img" value="$img"/>
<Choices name="kind" toName="text"><Choice value="a"/><Choice value="b"/><Choice value="c"/></Choices>
<Choices name="yes" toName="text"><Choice value="yes"/><Choice value="no"/></Choices>
<Choices name="topics" toName="text" choice="multiple"><Choice value="x"/><Choice value="y"/><Choice value="z"/></Choices>
<Rating name="stars" toName="text" maxRating="5"/><Number name="size" toName="text"/>
<TextArea name="words" toName="text"/>
<RectangleLabels name="box" toName="img"><Label value="cat"/></RectangleLabels></View>'''
SAYINGS = ('the old boat lies in the harbour', 'nobody came to the evening lesson', 'the bread was still warm')
TASKS = 60


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.ann = lab.person('ann@lab.example')
    lab.serve()
    lab.me = lab.client(lab.key)
    yield lab
    lab.close()


def item(name, type, to='text', **value):
    return {'id': name, 'from_name': name, 'to_name': to, 'type': type, 'value': value}


def box(x, y):
    return item('box', 'rectanglelabels', 'img', x=x, y=y, width=20, height=20, rotation=0, rectanglelabels=['cat'])


def crowd(seed=3):
    """Two careful people and three who mix up classes in the same way: most are wrong, a model sees it."""
    r, tasks = random.Random(seed), []
    for t in range(TASKS):
        truth = {'kind': 'abc'[t % 3], 'stars': 1 + t % 5, 'size': 10.0 + t, 'words': SAYINGS[t % 3],
                 'topics': [k for i, k in enumerate('xyz') if t >> i & 1] or ['z'], 'at': (10 + t % 40, 20 + t % 30)}
        said = []
        for who in range(5):
            careful = who < 2
            kind = truth['kind']
            if not careful and kind != 'a' and r.random() < .7:
                kind = 'b' if kind == 'c' else 'c'
            elif careful and r.random() < .03:
                kind = r.choice('abc')
            words = truth['words'].split()
            if not careful:
                words[r.randrange(len(words))] = f'umm{who}'
            said.append({'completed_by': f'w{who}@crowd.example', 'result': [
                item('kind', 'choices', choices=[kind]), item('yes', 'choices', choices=[r.choice(['yes', 'no']) if not careful else 'yes']),
                item('topics', 'choices', choices=truth['topics'] if careful or r.random() < .6 else ['x', 'y']),
                item('stars', 'rating', rating=truth['stars'] if careful else min(5, truth['stars'] + r.randrange(2))),
                item('size', 'number', number=truth['size'] + (r.gauss(0, .1) if careful else r.gauss(3, 4))),
                item('words', 'textarea', text=[' '.join(words)]),
                box(truth['at'][0] + (0 if careful else r.uniform(-3, 3)), truth['at'][1])]})
        tasks.append((truth, {'data': {'text': f't{t}', 'img': 'https://x.example/a.png'}, 'annotations': said}))
    return tasks


def made(lab, **more):
    p = lab.me.post('/api/projects', dict({'title': 'C', 'label_config': CONFIG}, **more))
    assert p.status == 201, p
    return p.json()['id']


def filled(lab, **more):
    p, tasks = made(lab, **more), crowd()
    job = lab.me.post(f'/api/projects/{p}/imports', [t for _, t in tasks]).json()['job']
    job = lab.until(lambda: (lambda j: j['state'] in ('done', 'failed') and j)(lab.me.get(f'/api/jobs/{job}').json()))
    assert job['state'] == 'done' and not job['errors'], job
    return p, [t for t, _ in tasks]


def settle(lab, p):
    lab.run('consensus', 'settle', '--project', str(p))
    rows, after = [], None
    while True:
        got = lab.me.get(query(f'/api/projects/{p}/consensus', limit=100, **({'after': after} if after else {}))).json()
        rows += [{k: v for k, v in row.items() if k != 'computed_at'} for row in got['results']]
        after = got['next']
        if not after:
            break
    by = {}
    for row in rows:
        by.setdefault(row['control'], []).append(row)
    return by


def verified(lab, p):
    return lab.run('consensus', 'verify', '--project', str(p))


def change(lab, p, **methods):
    got = lab.me.patch(f'/api/projects/{p}', {'consensus_methods': methods})
    assert got.status == 200, got
    return got.json()['consensus_methods']


def right(rows, truth, name, key):
    return sum(row['result'][0]['value'][key][0] == t[name] for row, t in zip(rows, truth))


def test_a_model_of_the_crowd_beats_its_majority(lab):
    p, truth = filled(lab)
    most = settle(lab, p)
    assert {r['method'] for r in most['kind']} == {'majority'} and len(most['kind']) == TASKS
    change(lab, p, kind='dawid-skene')
    model = settle(lab, p)
    assert {r['method'] for r in model['kind']} == {'dawid-skene'} and {r['method'] for r in model['yes']} == {'majority'}
    assert right(model['kind'], truth, 'kind', 'choices') > right(most['kind'], truth, 'kind', 'choices') + 5
    assert all(0 <= r['confidence'] <= 1 for r in model['kind'])
    skills = lab.me.get(f'/api/projects/{p}/skills').json()['results']
    assert [s['control'] for s in skills] == ['kind'] and skills[0]['method'] == 'dawid-skene' and skills[0]['unit'] == 'share'
    workers = {w['name'][:2]: w for w in skills[0]['workers']}
    assert len(workers) == 5 and all(w['n'] == TASKS and w['lo'] <= w['skill'] <= w['hi'] for w in workers.values())
    assert min(workers[w]['skill'] for w in ('w0', 'w1')) > max(workers[w]['skill'] for w in ('w2', 'w3', 'w4'))
    assert len(lab.run('consensus', 'skills', '--project', str(p))) == 5


def test_every_control_has_its_own_method_and_verify_agrees_after_a_restart(lab):
    p, truth = filled(lab, consensus_method='dawid-skene')
    rows = settle(lab, p)
    assert {k: rows[k][0]['method'] for k in rows} == {
        'kind': 'dawid-skene', 'yes': 'dawid-skene', 'topics': 'dawid-skene', 'stars': 'dawid-skene', 'size': 'median',
        'words': 'medoid', 'box': 'merge'}
    assert verified(lab, p)['checked'] == TASKS
    kept = change(lab, p, size='catd', words='rover', stars='ordinal-ds', box='optimal', yes='kos')
    assert kept == {'size': 'catd', 'words': 'rover', 'stars': 'ordinal-ds', 'box': 'optimal', 'yes': 'kos'}
    rows = settle(lab, p)
    assert {rows[k][0]['method'] for k in kept} == set(kept.values())
    size = [abs(r['result'][0]['value']['number'] - t['size']) for r, t in zip(rows['size'], truth)]
    assert sum(size) / TASKS < .2
    assert right(rows['words'], truth, 'words', 'text') == TASKS
    assert sum(r['result'][0]['value']['rating'] == t['stars'] for r, t in zip(rows['stars'], truth)) > .8 * TASKS
    assert sum(r['result'][0]['value']['choices'] == t['topics'] for r, t in zip(rows['topics'], truth)) > .8 * TASKS
    assert all(len(r['result']) == 1 and abs(r['result'][0]['value']['x'] - t['at'][0]) < 3 for r, t in zip(rows['box'], truth))
    units = {s['control']: s['unit'] for s in lab.me.get(f'/api/projects/{p}/skills').json()['results']}
    assert units['size'] == 'spread' and units['box'] == units['words'] == 'share'
    before = verified(lab, p)
    lab.stop()
    lab.serve()
    lab.me = lab.client(lab.key)
    assert verified(lab, p) == before and before['checked'] == TASKS and before['differ'] == 0
    assert settle(lab, p) == rows
    change(lab, p, size=None, words='', stars=None, box=None, yes=None)
    lab.me.patch(f'/api/projects/{p}', {'consensus_method': 'majority'})
    assert {r['method'] for r in settle(lab, p)['kind']} == {'majority'}
    assert lab.me.get(f'/api/projects/{p}/skills').json()['results'] == [] and verified(lab, p)['checked'] == TASKS


def test_known_answers_teach_the_methods_that_want_them(lab):
    p, truth = filled(lab)
    assert lab.me.patch(f'/api/projects/{p}', {'consensus_methods': {'kind': 'gold-majority'}}).status == 400
    for task, t in zip(lab.me.get(query('/api/tasks', project=p, page_size=100)).json()['tasks'][:20], truth):
        got = lab.me.post(f"/api/tasks/{task['id']}/annotations", {'result': [item('kind', 'choices', choices=[t['kind']])], 'ground_truth': True})
        assert got.status == 201, got
    most = right(settle(lab, p)['kind'], truth, 'kind', 'choices')
    change(lab, p, kind='gold-majority')
    rows = settle(lab, p)['kind']
    assert {r['method'] for r in rows} == {'gold-majority'} and {r['n'] for r in rows} == {5}
    assert right(rows, truth, 'kind', 'choices') > most
    assert verified(lab, p)['differ'] == 0


def test_a_new_method_settles_by_itself(lab):
    p, _ = filled(lab)
    settle(lab, p)
    change(lab, p, kind='wawa')
    lab.until(lambda: {r['method'] for r in lab.me.get(f'/api/projects/{p}/consensus').json()['results']
                       if r['control'] == 'kind'} == {'wawa'}, 30)


def test_a_method_that_does_not_fit_is_refused_with_those_that_do(lab):
    p = made(lab)
    for control, method in (('kind', 'gaussian'), ('kind', 'kos'), ('kind', 'ordinal-ds'), ('kind', 'gold-majority'),
                            ('size', 'dawid-skene'), ('words', 'mean'), ('box', 'mace'), ('kind', 'nonsense'), ('kind', 7)):
        got = lab.me.patch(f'/api/projects/{p}', {'consensus_methods': {control: method}})
        assert got.status == 400 and f'consensus_methods.{control}' in got.text, got
    got = lab.me.patch(f'/api/projects/{p}', {'consensus_methods': {'size': 'dawid-skene'}})
    assert 'gaussian' in got.text and 'trimmed' in got.text and 'mace' not in got.text
    assert lab.me.patch(f'/api/projects/{p}', {'consensus_methods': {'nobody': 'mean'}}).status == 400
    assert lab.me.patch(f'/api/projects/{p}', {'consensus_methods': ['mean']}).status == 400
    got = lab.me.patch(f'/api/projects/{p}', {'consensus_method': 'guess'})
    assert got.status == 400 and 'consensus_method' in got.text and 'dawid-skene' in got.text
    assert lab.me.get(f'/api/projects/{p}').json()['consensus_methods'] == {}


def painted(control, key, value, wide, tall):
    return {'id': 'r', 'from_name': control, 'to_name': 'img', 'type': key, 'original_width': wide,
            'original_height': tall, 'value': {**value, key: ['cat']}}


def brush(pixels, wide, tall):
    """A mask as Label Studio packs it: every pixel is four words of 8 bits, in runs."""
    bits = format(4 * wide * tall, '032b') + '00111' + ''.join(format(k - 1, '04b') for k in (3, 4, 8, 16))
    for p in pixels:
        bits += '1' + '00' + format(3, '03b') + format(255 * p, '08b')
    bits += '0' * (-len(bits) % 8)
    rle = [int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)]
    return painted('b', 'brushlabels', {'format': 'rle', 'rle': rle}, wide, tall)


def unbrush(rle):
    bits, out, at = ''.join(format(b, '08b') for b in rle), [], 53
    words, sizes = int(bits[:32], 2), [int(bits[37 + 4 * i:41 + 4 * i], 2) + 1 for i in range(4)]
    while len(out) < words:
        assert bits[at] == '1'
        k = sizes[int(bits[at + 1:at + 3], 2)]
        n, v = int(bits[at + 3:at + 3 + k], 2) + 1, int(bits[at + 3 + k:at + 11 + k], 2)
        out += [v] * n
        at += 11 + k
    return [int(v > 0) for v in out[::4]]


def chunk(name, data):
    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))


def png(wide, tall, rows, depth=8, colour=6):
    head = struct.pack('>IIBBBBB', wide, tall, depth, colour, 0, 0, 0)
    whole = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')
    return 'data:image/png;base64,' + base64.b64encode(whole).decode()


def bitmask(pixels, wide, tall):
    """As a canvas gives it: black where painted, clear elsewhere; some writers are not wholly opaque."""
    rows = b''.join(b'\0' + b''.join(bytes([0, 0, 0, p * (255 - 200 * (x % 2))]) for x, p in enumerate(pixels[y * wide:(y + 1) * wide]))
                    for y in range(tall))
    return painted('b', 'bitmasklabels', {'imageDataURL': png(wide, tall, rows)}, wide, tall)


def unbitmask(url):
    """Just enough of PNG for what the server writes: RGBA of 8 bits, filters 0 to 2."""
    data = base64.b64decode(url.removeprefix('data:image/png;base64,'), validate=True)
    wide, tall = struct.unpack('>II', data[16:24])
    assert data[24:29] == bytes([8, 6, 0, 0, 0])
    at, packed = 33, b''
    while data[at + 4:at + 8] != b'IEND':
        n = struct.unpack('>I', data[at:at + 4])[0]
        packed += data[at + 8:at + 8 + n] if data[at + 4:at + 8] == b'IDAT' else b''
        at += 12 + n
    raw, out, above, step = zlib.decompress(packed), [], bytes(4 * wide), 4 * wide + 1
    for y in range(tall):
        kind, row = raw[y * step], bytearray(raw[y * step + 1:(y + 1) * step])
        for i in range(4 * wide):
            row[i] = (row[i] + {0: 0, 1: row[i - 4] if i > 3 else 0, 2: above[i]}[kind]) % 256
        above, out = bytes(row), out + list(row)
    assert set(out[0::4] + out[1::4] + out[2::4]) <= {0} and set(out[3::4]) <= {0, 255}
    return [int(v > 0) for v in out[3::4]]


@pytest.mark.parametrize('tag, make, key, read', [
    ('BrushLabels', brush, 'rle', unbrush), ('BitmaskLabels', bitmask, 'imageDataURL', unbitmask)])
def test_masks_become_one_a_label_and_leave_with_the_export(lab, tag, make, key, read):
    config = (f'<View><Image name="img" value="$img"/><{tag} name="b" toName="img"><Label value="cat"/>'
              f'</{tag}></View>')
    p = lab.me.post('/api/projects', {'title': 'M', 'label_config': config}).json()['id']
    r, tasks, most = random.Random(5), [], []
    for t in range(6):
        truth = [int(3 <= x % 9 < 7 and 2 <= x // 9 < 6) for x in range(72)]
        masks = [[v ^ (r.random() < .1) for v in truth] for _ in range(3)]
        most.append([int(sum(v) >= 2) for v in zip(*masks)])
        tasks.append({'data': {'img': f'https://x.example/{t}.png'}, 'annotations': [
            {'completed_by': f'w{i}@crowd.example', 'result': [make(m, 9, 8)]} for i, m in enumerate(masks)]})
    got = lab.me.post(f'/api/projects/{p}/import', tasks)
    assert got.status == 201, got
    rows = settle(lab, p)['b']
    assert [read(row['result'][0]['value'][key]) for row in rows] == most
    assert {row['method'] for row in rows} == {'majority'} and all(0 < row['confidence'] <= 1 for row in rows)
    assert all(row['result'][0]['score'] == pytest.approx(row['confidence']) for row in rows)
    assert verified(lab, p)['differ'] == 0
    out = lab.me.get(f'/api/projects/{p}/export?format=JSON&answer=consensus').json()
    assert [read(t['annotations'][0]['result'][0]['value'][key]) for t in out] == most
    agreed = lab.me.get(f'/api/projects/{p}/agreement').json()
    fits = {c['control']: c for c in lab.me.get(f'/api/projects/{p}/consensus-methods').json()['controls']}
    assert fits['b']['fits'] == ['majority', 'weighted', 'staple'] and agreed
    assert lab.me.patch(f'/api/projects/{p}', {'consensus_methods': {'b': 'mace'}}).status == 400
    change(lab, p, b='staple')
    lab.until(lambda: {x['method'] for x in lab.me.get(f'/api/projects/{p}/consensus').json()['results']} == {'staple'})
    assert verified(lab, p)['differ'] == 0
    skills = lab.me.get(f'/api/projects/{p}/skills').json()['results']
    assert skills[0]['method'] == 'staple' and skills[0]['workers'] == [] and 'alone' in skills[0]['note']


def test_a_hostile_bitmask_is_refused_or_has_no_voice(lab):
    config = ('<View><Image name="img" value="$img"/><BitmaskLabels name="b" toName="img"><Label value="cat"/>'
              '</BitmaskLabels></View>')
    p = lab.me.post('/api/projects', {'title': 'H', 'label_config': config}).json()['id']
    lab.me.post(f'/api/projects/{p}/import', [{'data': {'img': 'https://x.example/1.png'}}])
    task = lab.me.get(f'/api/tasks?project={p}').json()['tasks'][0]['id']
    good = [0, 1, 1, 0, 1, 1]
    for why, address, size in (
            ('PNG', 'https://x.example/mask.png', (3, 2)),
            ('cut off', bitmask(good, 3, 2)['value']['imageDataURL'][:-16], (3, 2)),
            ('2 x 3', png(3, 2, b'\0' * 26), (2, 3)),
            ('100000000', png(60000, 60000, b'\0'), (60000, 60000)),
            ('header', png(3, 2, b'\0' * 26, depth=3), (3, 2))):
        got = lab.me.post(f'/api/tasks/{task}/annotations',
                          {'result': [painted('b', 'bitmasklabels', {'imageDataURL': address}, *size)]})
        assert got.status == 400 and 'result[0].' in got.text and why in got.text, (why, got)
    assert lab.number(f'SELECT COUNT(*) FROM annotation WHERE project_id = {p}') == 0
    # Whole as files: pixels that cannot be unpacked, and a hundred million in a few bytes.
    bomb = painted('b', 'bitmasklabels', {'imageDataURL': png(10000, 10000, b'\0' * 1251 * 10000, 1, 0)}, 10000, 10000)
    broken = painted('b', 'bitmasklabels', {'imageDataURL': png(3, 2, b'')}, 3, 2)
    got = lab.me.post(f'/api/projects/{p}/import', [{'data': {'img': 'https://x.example/2.png'}, 'annotations': [
        {'completed_by': f'w{i}@crowd.example', 'result': r} for i, r in enumerate(
            ([bitmask(good, 3, 2)], [broken], [bitmask(good, 3, 2)], [bomb]))]}])
    assert got.status == 201, got
    row, = settle(lab, p)['b']
    assert unbitmask(row['result'][0]['value']['imageDataURL']) == good
    assert verified(lab, p)['differ'] == 0


def test_the_methods_are_those_of_the_library(lab):
    p = made(lab, consensus_methods={'kind': 'mace'})
    methods = {m['id']: m for m in lab.me.get('/api/consensus-methods').json()['results']}
    assert methods['ordinal-ds']['fits'] == ['grades'] and methods['mean']['fits'] == ['grades', 'numbers']
    assert all(m['about'] and m['title'] for m in methods.values())
    shown = lab.me.get(f'/api/projects/{p}/consensus-methods').json()
    by = {c['control']: c for c in shown['controls']}
    assert shown['default'] == 'majority' and by['kind']['method'] == by['kind']['chosen'] == 'mace'
    assert by['size']['fits'][0] == by['size']['method'] == 'median' and by['size']['chosen'] is None
    assert 'kos' in by['yes']['fits'] and 'kos' not in by['kind']['fits'] and 'rover' in by['words']['fits']
    assert set(m for c in by.values() for m in c['fits']) <= set(methods)


def test_an_agreed_nothing_is_a_row(lab):
    p = made(lab)
    tasks = [{'data': {'text': 't', 'img': 'i'}, 'annotations': [{'completed_by': f'w{i}@crowd.example', 'result': []} for i in range(2)]},
             {'data': {'text': 'u', 'img': 'i'}}]
    lab.me.post(f'/api/projects/{p}/imports', tasks)
    lab.until(lambda: lab.me.get(f'/api/projects/{p}').json()['task_number'] == 2)
    rows = settle(lab, p)
    assert list(rows) == [None] and len(rows[None]) == 1, rows
    row = rows[None][0]
    assert (row['result'], row['n'], row['method'], row['agreement'], row['state']) == ([], 2, None, 1.0, 'settled')
    assert len(lab.me.get(query(f'/api/projects/{p}/consensus', task=row['task'])).json()['results']) == 1
    assert verified(lab, p)['checked'] == 1


def test_skills_are_for_those_who_see_agreement(lab):
    p, ann = made(lab), lab.client(lab.ann)
    person = ann.get('/api/current-user/whoami').json()['id']
    lab.me.post(f'/api/projects/{p}/members', {'person': person, 'role': 'annotator'})
    for path in ('skills', 'consensus-methods', 'agreement'):
        assert ann.get(f'/api/projects/{p}/{path}').status == 403, path
        assert lab.me.get(f'/api/projects/{p}/{path}').status == 200, path
    lab.me.patch(f'/api/projects/{p}/members', {'person': person, 'role': 'reviewer'})
    assert ann.get(f'/api/projects/{p}/skills').status == ann.get(f'/api/projects/{p}/agreement').status


def test_how_sure_consensus_was_beside_how_right(lab):
    """Ground truth is compared with what the answers came to, by tenths of confidence; what is taken back no longer counts."""
    p, truths = filled(lab)
    known = dict(zip(sorted(r['task'] for r in settle(lab, p)['kind']), truths[:30]))
    bins = lambda: {(b['control'], b['tenth']): b for b in lab.me.get(f'/api/projects/{p}/calibration').json()['results']}
    assert bins() == {}
    ids = [lab.me.post(f'/api/tasks/{task}/annotations/', {'ground_truth': True, 'result': [item('kind', 'choices', choices=[truth['kind']])]}).json()['id']
           for task, truth in known.items()]
    want = {}
    for row in settle(lab, p)['kind']:
        if row['task'] in known:
            n = want.setdefault(('kind', min(9, int(row['confidence'] * 10))), [])
            n.append((row['confidence'], row['result'][0]['value']['choices'] == [known[row['task']]['kind']]))
    got = {k: b for k, b in bins().items() if k[0] == 'kind'}
    assert {k: b['tasks'] for k, b in got.items()} == {k: len(v) for k, v in want.items()}
    for k, b in got.items():
        assert b['confidence'] == pytest.approx(sum(x for x, _ in want[k]) / len(want[k]))
        assert b['right'] == pytest.approx(sum(ok for _, ok in want[k]) / len(want[k]))
    assert 0 < sum(ok for v in want.values() for _, ok in v) < 30, 'some are right and some are wrong'
    assert verified(lab, p)
    assert lab.me.delete(f'/api/annotations/{ids[0]}/').status in (200, 204)
    settle(lab, p)
    assert sum(b['tasks'] for k, b in bins().items() if k[0] == 'kind') == 29
    # A method that was fitted with the truth in hand would be right by itself.
    change(lab, p, kind='dawid-skene')
    settle(lab, p)
    assert not [k for k in bins() if k[0] == 'kind']
