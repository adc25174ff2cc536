"""R3: the n-th call on the disk fails, for n = 1, 2, 3 … until the whole act ran without it.

Six acts, four kinds of trouble (EIO, ENOSPC, EDQUOT, a short write), once or for
ever.  An act may be refused with 503 and Retry-After or with 507, and then it
was not done; or nobody is answered and the server ends with 74 within a second;
or it is done.  In each case the next try, on a healthy disk, has it done once.
"""
import errno, io, os, shutil, struct, time, zipfile, zlib
import pytest

from support import shim
from support.house import CHOICES, House, choice
from support.wire import Gone

SOAK = float(os.environ.get('ANNOTARY_SOAK', 1))
DENSE = 16 if SOAK <= 1 else 10_000     # each n up to here, then ever larger steps
pytestmark = pytest.mark.skipif(os.environ.get('ANNOTARY_DB') == 'pg', reason='about files of SQLite')

KINDS = {'EIO': errno.EIO, 'ENOSPC': errno.ENOSPC, 'EDQUOT': errno.EDQUOT, 'short write': shim.FailIO.SHORT}
IMAGE = ('<View><Image name="i" value="$image"/><Choices name="c" toName="i"><Choice value="yes"/>'
         '<Choice value="no"/></Choices></View>')


@pytest.fixture(scope='module')
def lib(tmp_path_factory):
    return shim.build('failio.c', tmp_path_factory.mktemp('shim'))


class Bench:
    """A server that is healthy except when told otherwise, and goes on after it had to stop."""

    def __init__(self, where, lib):
        self.house = House(where).found()
        self.project = self.house.project('Text', 1)
        self.pictures = self.house.project('Pictures', 1, IMAGE)
        self.owner = self.house.key()
        self.worker = self.house.people(1, self.project)[0]
        self.house.tasks(self.project, 5000)
        self.fail = shim.FailIO(lib, f'{self.house.where}/data', self.house.where)
        self.server, self.ends, self.serial = None, 0, 0
        self.start()

    def start(self):
        self.server = self.house.serve(self.fail.env)
        self.ada, self.bob = self.server.client(self.owner), self.server.client(self.worker)
        for c in (self.ada, self.bob):      # the keys are marked as used; the reading connections are open
            for _ in range(3):
                c.must('GET', f'/api/projects/{self.project}')

    def dead(self, within=1.0):
        until = time.monotonic() + within
        while time.monotonic() < until:
            if self.server.proc.poll() is not None:
                return True
            time.sleep(.002)
        return False

    def count(self, sql, *args):
        return self.house.sql(sql, *args)[0][0]


class Submit:
    thin = 4                        # past DENSE, n grows by a fourth

    def __init__(self, b, i):
        lease = b.bob.must('POST', f'/api/projects/{b.project}/leases', {'n': 1})[0]
        self.tag = f's{i}'
        self.body = {'epoch': lease['epoch'], 'unique_id': self.tag, 'result': choice('yes')}
        self.path = f'/api/leases/{lease["lease"]}/submit'

    def go(self, b):
        return b.bob.post(self.path, self.body, head={'Idempotency-Key': self.tag})

    def there(self, b):
        return b.count('SELECT COUNT(*) FROM annotation a JOIN revision r ON r.annotation_id = a.id'
                       ' WHERE a.unique_id = ?', self.tag)


class Draft:
    thin = 4

    def __init__(self, b, i):
        lease = b.bob.must('POST', f'/api/projects/{b.project}/leases', {'n': 1})[0]
        self.counter = i
        self.body = {'epoch': lease['epoch'], 'counter': i, 'result': choice('no')}
        self.path = f'/api/leases/{lease["lease"]}/draft'

    def go(self, b):
        return b.bob.ask('PUT', self.path, self.body, head={'Idempotency-Key': f'd{self.counter}'})

    def there(self, b):
        return b.count('SELECT COUNT(*) FROM draft WHERE counter = ?', self.counter)


class Create:
    thin = 4

    def __init__(self, b, i):
        self.title = f'New {i}'

    def go(self, b):
        return b.ada.post('/api/projects', {'title': self.title, 'label_config': CHOICES},
                          head={'Idempotency-Key': self.title.replace(' ', '-')})

    def there(self, b):
        return b.count('SELECT COUNT(*) FROM project p JOIN config c ON c.project_id = p.id'
                       ' JOIN project_count n ON n.project_id = p.id WHERE p.title = ?', self.title)


class Import:
    """510 rows: two slices.  What was refused is there, but hidden, until it is swept."""
    thin = 2

    def __init__(self, b, i):
        self.name = f'import-{i}.jsonl'
        self.body = ''.join('{"text":"%s %d"}\n' % (self.name, k) for k in range(510)).encode()
        self.project = b.project

    def send(self, c):
        return c.ask('POST', f'/api/projects/{self.project}/import?format=jsonl&name={self.name}', raw=self.body,
                     type='application/octet-stream')

    def go(self, b):
        return self.send(b.ada)

    def there(self, b):
        n = b.count("SELECT COUNT(*) FROM import WHERE name = ? AND state = 'done' AND tasks = 510", self.name)
        k = b.count("SELECT COUNT(*) FROM task t JOIN import i ON i.id = t.import_id WHERE i.name = ?"
                    " AND i.state = 'done'", self.name)
        assert k == n * 510, (n, k)
        return n


def png(i):
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 1, 1, 8, 2, 0, 0, 0)) + \
        chunk(b'tEXt', b'n\0%d' % i) + chunk(b'IDAT', zlib.compress(b'\0abc')) + chunk(b'IEND', b'')


class Media(Import):
    """A zip of two new pictures: files under their digests, and rows that name them."""

    def __init__(self, b, i):
        self.name, self.project = f'media-{i}.zip', b.pictures
        f = io.BytesIO()
        with zipfile.ZipFile(f, 'w') as z:
            for k in (0, 1):
                z.writestr(f'{i}-{k}.png', png(2 * i + k))
        self.body = f.getvalue()

    def send(self, c):
        return c.ask('POST', f'/api/projects/{self.project}/import?name={self.name}', raw=self.body,
                     type='application/octet-stream')

    def there(self, b):
        n = b.count("SELECT COUNT(*) FROM import WHERE name = ? AND state = 'done' AND tasks = 2", self.name)
        for (h,) in b.house.sql('SELECT hash FROM media'):
            path = f'{b.house.where}/data/blobs/{h[:2]}/{h[2:]}'
            assert os.path.getsize(path) > 60, path
        return n


def sweep(b, kind, forever, make):
    """n = 1, 2, 3 … until nothing failed any more; how many cases there were."""
    n, cases = 0, 0
    while True:
        n += 1 if n < DENSE else max(1, n // make.thin)
        b.serial += 1
        act = make(b, b.serial)
        b.fail.arm(n, KINDS[kind], forever)
        began = time.monotonic()
        try:
            a = act.go(b)
        except Gone:
            a = None
        took = time.monotonic() - began
        _, fired, call, syncs = b.fail.disarm()
        case = (act.__class__.__name__, kind, 'for ever' if forever else 'once', n, call, a)
        cases += 1
        if a is None or (syncs and kind != 'short write'):
            assert b.dead(), (case, 'no answer, but the server lives')
            assert b.server.wait() == 74, (case, b.server.proc.returncode, b.house.tail())
            assert took < 2, (case, took)
            b.ends += 1
            b.start()
        assert b.server.proc.poll() is None, (case, b.server.proc.returncode, b.house.tail())
        there = act.there(b)
        if a is None:
            assert there in (0, 1), case
        elif a.status in (503, 507):
            assert there == 0 and (a.status == 507 or 'retry-after' in a.head), (case, a.head)
            assert b.ada.get(f'/api/projects/{b.project}').status == 200, case
        else:
            assert a.status in (200, 201, 202) and there == 1, (case, there)
        if not fired:
            assert a and a.status < 300, case
            return cases
        if there == 0 or not isinstance(act, Import):       # an import has no key: it is not sent twice
            again = act.go(b)
            assert again.status in (200, 201, 202), (case, again)
            assert act.there(b) == 1, case


@pytest.fixture(scope='module')
def bench(lib, tmp_path_factory):
    b = Bench(tmp_path_factory.mktemp('io'), lib)
    yield b
    assert b.server.stop() == 0
    b.house.ok('doctor')


@pytest.mark.parametrize('make', [Submit, Draft, Create, Import, Media], ids=lambda m: m.__name__.lower())
def test_an_act_whose_disk_fails_is_done_refused_or_unknown_and_never_half(bench, make):
    began, cases, ends = time.monotonic(), 0, bench.ends
    for kind in KINDS:
        for forever in (0, 1):
            cases += sweep(bench, kind, forever, make)
    print(f'{make.__name__}: {cases} cases, the server ended with 74 in {bench.ends - ends},'
          f' {time.monotonic() - began:.1f} s')


def test_a_backup_whose_disk_fails_is_whole_or_not_there(lib, tmp_path):
    house = House(tmp_path).found()
    project = house.project()
    house.tasks(project, 50)
    fail = shim.FailIO(lib, house.where, house.where)
    n = cases = 0
    for kind in KINDS:
        for forever in (0, 1):
            n, fired = 0, 1
            while fired:
                n += 1 if n < DENSE else max(1, n // 3)
                cases += 1
                fail.arm(n, KINDS[kind], forever)
                r = house.run('backup', 'copy', env=fail.env)
                _, fired, call, _ = fail.disarm()
                case = (kind, forever, n, call, r.returncode, r.stderr)
                assert r.returncode in ((0, 74, 3) if fired else (0,)), case
                whole = os.path.exists(f'{house.where}/copy')
                # The last write is that of the clock, to the source: where it fails the copy is whole already.
                assert whole or r.returncode != 0, case
                assert not [f for f in os.listdir(house.where) if 'copy' in f and f != 'copy'], case
                if whole:
                    house.ok('restore', 'copy', '--data', f'back{cases}')
                    house.run('doctor', '--data', f'back{cases}').check_returncode()
                    shutil.rmtree(f'{house.where}/copy')
                    shutil.rmtree(f'{house.where}/back{cases}')
    print(f'backup: {cases} cases')
