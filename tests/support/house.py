"""A data folder with people and a project in it, and a server on top: what the black-box tests stand on.

    house = House(tmp_path).found()                 # an organisation, its owner ada
    keys = house.people(8, project)                 # annotators and their keys
    with house.serve() as server: server.client(keys[0]).get('/api/projects')

ANNOTARY_BIN names the program (build/annotary otherwise).  ANNOTARY_DB=pg with
ANNOTARY_TEST_PG puts the database into a schema of its own in that server.
"""
import json, os, random, shutil, signal, socket, sqlite3, subprocess, time
import pytest

from support.wire import Client, Gone

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get('ANNOTARY_BIN', f'{TOP}/build/annotary')
BASE = {k: v for k, v in os.environ.items() if not k.startswith('ANNOTARY_') or k == 'ANNOTARY_SOURCE'}
GOOD = 'plum velvet anchor tide'

CHOICES = ('<View><Text name="t" value="$text"/><Choices name="c" toName="t">'
           '<Choice value="yes"/><Choice value="no"/></Choices></View>')


def choice(word):
    return [{'id': 'r', 'from_name': 'c', 'to_name': 't', 'type': 'choices', 'value': {'choices': [word]}}]


def seed():
    """The seed of a random test: SEED=… replays.  It is printed, and pytest shows it when the test fails."""
    n = int(os.environ.get('SEED') or random.SystemRandom().randrange(1 << 31))
    print(f'SEED={n}')
    return n


def pg_schema():
    """The address of a new, empty schema in the test's PostgreSQL server."""
    url, name = os.environ.get('ANNOTARY_TEST_PG'), 't_' + os.urandom(6).hex()
    psql = shutil.which('psql')
    if not url or not psql:
        pytest.skip('there is no PostgreSQL server for tests, or no psql')
    subprocess.run([psql, '-q', url, '-c', f'CREATE SCHEMA {name}'], check=True, capture_output=True)
    return f'{url}{"&" if "?" in url else "?"}options=-csearch_path%3D{name}'


def database():
    """Where this run of the tests keeps its data: None is SQLite in the data folder."""
    return pg_schema() if os.environ.get('ANNOTARY_DB') == 'pg' else None


def free_port():
    """A port nobody has just now, outside the range that outgoing connections are given."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(('127.0.0.1', port))
                return port
            except OSError:
                pass


class Server:
    """One running `annotary serve`."""

    def __init__(self, house, env=None, args=(), wait=30):
        self.house, self.port = house, free_port()
        self.log = open(f'{house.where}/serve.log', 'ab')
        self.began = time.monotonic()
        self.proc = subprocess.Popen(
            [BIN, 'serve', '--port', str(self.port), '--strict-port', '--json', *args], cwd=house.where,
            env=dict(house.env, **(env or {})), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log)
        self.greeting = {}
        line = self.proc.stdout.readline()      # ends when the server does
        if line:
            self.greeting = json.loads(line) if line.endswith(b'\n') else {}
        self.log.flush()

    @property
    def setup_token(self):
        link = self.greeting.get('setup')
        return link.split('=', 1)[1] if link else None

    def client(self, key=None, **kw):
        return Client(self.port, key, **kw)

    def first_answer(self, limit=30):
        """Seconds from start to the first 200."""
        while time.monotonic() - self.began < limit:
            try:
                c = Client(self.port, timeout=2)
                if c.get('/api/health').status == 200:
                    c.close()
                    return time.monotonic() - self.began
            except Gone:
                if self.proc.poll() is not None:
                    break
            time.sleep(0.002)
        raise AssertionError(f'the server does not answer (exit {self.proc.poll()}): {self.house.tail()}')

    def kill(self):
        """kill -9: nothing is tidied up."""
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGKILL)
        return self.wait()

    def wait(self, timeout=30):
        rc = self.proc.wait(timeout)
        self.proc.stdout.close()
        self.log.close()
        return rc

    def stop(self):
        """Ctrl-C; the exit status must be 0."""
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
        try:
            rc = self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return rc

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        if self.proc.poll() is None:
            rc = self.stop()
            assert kind or rc == 0, (rc, self.house.tail())


class House:
    def __init__(self, where, database=None):
        self.where = str(where)
        os.makedirs(self.where, exist_ok=True)
        self.database = database
        self.env = dict(BASE, ANNOTARY_DATA='data', ANNOTARY_LOG='warn',
                        **({'ANNOTARY_DATABASE': database} if database else {}))

    # --- commands

    def run(self, *argv, given='', env=None):
        return subprocess.run([BIN, *argv], cwd=self.where, env=dict(self.env, **(env or {})), input=given,
                              capture_output=True, text=True, timeout=120, start_new_session=True)

    def ok(self, *argv, **kw):
        r = self.run(*argv, **kw)
        assert r.returncode == 0, (argv, r.returncode, r.stdout, r.stderr)
        return r.stdout

    def json(self, *argv, **kw):
        return json.loads(self.ok(*argv, '--json', **kw))

    def file(self, name, text):
        with open(f'{self.where}/{name}', 'w') as f:
            f.write(text)
        return name

    def tail(self, n=2000):
        try:
            with open(f'{self.where}/serve.log', errors='replace') as f:
                return f.read()[-n:]
        except OSError:
            return ''

    # --- who and what is there

    def found(self):
        """The organisation `Lab` and its owner ada."""
        self.ok('init', '--email', 'ada@lab.example', '--name', 'Ada', '--org', 'Lab', '--password-stdin',
                given=GOOD + '\n')
        return self

    def key(self, email='ada@lab.example', *more):
        return self.json('token', 'add', email, *more)['token']

    def project(self, title='P', overlap=1, config=CHOICES, *more):
        self.file('config.xml', config)
        return self.json('project', 'add', title, '--config', 'config.xml', '--overlap', str(overlap), *more)['id']

    def vendor(self, name):
        return self.json('org', 'vendor-add', name)['id']

    def person(self, name, project=None, role='annotator', vendor=None):
        email = f'{name}@lab.example'
        self.ok('user', 'add', email, '--name', name, '--no-password')
        if project:
            self.ok('member', 'add', str(project), email, '--role', role,
                    *(['--vendor', str(vendor)] if vendor else []))
        return email

    def people(self, n, project, vendors=(None,)):
        """Annotators p0 … of the project, of these vendors in turn (None: in-house); their keys."""
        return [self.key(self.person(f'p{i}', project, vendor=vendors[i % len(vendors)])) for i in range(n)]

    def tasks(self, project, n, start=0):
        self.file('tasks.jsonl', ''.join('{"text":"text %d"}\n' % i for i in range(start, start + n)))
        return self.json('import', '--project', str(project), 'tasks.jsonl')

    # --- running

    def serve(self, env=None, args=(), dead=False):
        """dead: the server may also end before it is ready; then its greeting is empty."""
        s = Server(self, env, args)
        assert dead or s.greeting, (s.proc.wait(), self.tail())
        return s

    def copy(self, where):
        """The same house in another folder (SQLite)."""
        assert not self.database
        shutil.copytree(f'{self.where}/data', f'{where}/data')
        return House(where)

    @property
    def db_path(self):
        return f'{self.where}/data/annotary.db'

    def sql(self, text, *args):
        """Rows straight from the tables.  On PostgreSQL as text."""
        if self.database:
            out = subprocess.run([shutil.which('psql'), '-qAtF', '\x1f', self.database, '-c', text], check=True,
                                 capture_output=True, text=True).stdout
            return [tuple(line.split('\x1f')) for line in out.splitlines()]
        db = sqlite3.connect(self.db_path)
        try:
            return db.execute(text, args).fetchall()
        finally:
            db.close()
