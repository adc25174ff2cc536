"""A laboratory: one data folder with people and keys in it, and a server beside it.

    lab = Lab(); lab.init(); key = lab.person('ann@lab.example'); lab.serve()
    me = lab.client(key); a = me.post('/api/projects', {'title': 'x'}); assert a.status == 201

Every test program has a laboratory of its own, on the database that ANNOTARY_DB names; on PostgreSQL
that is a fresh database in the server whose address stands in ANNOTARY_TEST_PG.  Every answer that
reports an error is looked through for what must never leave the house.
"""
import atexit, http.client, json, os, re, shutil, signal, sqlite3, subprocess, tempfile, time, urllib.parse

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get('ANNOTARY_BIN', f'{TOP}/build/annotary')
DB = os.environ.get('ANNOTARY_DB', 'sqlite')
PASSWORD = 'plum velvet anchor tide'

CHOICES = ('<View><Text name="text" value="$text"/>'
           '<Choices name="mood" toName="text"><Choice value="good"/><Choice value="bad"/></Choices></View>')
SPANS = ('<View><Text name="text" value="$text"/>'
         '<Labels name="ner" toName="text"><Label value="PER"/><Label value="LOC"/></Labels></View>')

# What an error must not say: paths, SQL, addresses in memory, names of what we are built from.
LEAKS = re.compile(r'/home|/tmp|/var/|/usr/|/root|annotary-lab'
                   r'|SELECT |INSERT |UPDATE |DELETE FROM|JOIN |WHERE '
                   r'|sqlite|postgres|libpq|jansson|talloc|libxml|microhttpd|\.c:\d'
                   r'|0x[0-9a-f]{6,}|\$argon2|constraint failed|violates', re.I)


def choice(word, name='mood'):
    return [{'id': 'abcdefghij', 'from_name': name, 'to_name': 'text', 'type': 'choices', 'value': {'choices': [word]}}]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode('utf-8', 'replace')

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f'<{self.status} {self.text[:400]}>'


class Client:
    """One caller on one kept connection.  A key, or a cookie and a CSRF token, or nobody."""

    def __init__(self, port, key=None):
        self.port, self.key, self.cookie, self.csrf, self.conn = port, key, None, None, None

    def request(self, method, path, body=None, headers=None, kind='application/json'):
        head = {'Host': f'127.0.0.1:{self.port}'}
        if self.key:
            head['Authorization'] = self.key if ' ' in self.key else f'Token {self.key}'
        if self.cookie:
            head['Cookie'] = self.cookie
            if method not in ('GET', 'HEAD') and self.csrf:
                head['X-CSRF-Token'] = self.csrf
                head['Origin'] = f'http://127.0.0.1:{self.port}'
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if body is not None and kind:
            head['Content-Type'] = kind
        head.update(headers or {})
        head = {k: v for k, v in head.items() if v is not None}
        for attempt in (1, 2):
            fresh = self.conn is None
            if fresh:
                self.conn = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
            try:
                self.conn.request(method, path, body=body, headers=head)
                got = self.conn.getresponse()
                answer = Answer(got.status, got.headers, got.read())
                if got.will_close:
                    self.close()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.close()                    # a kept connection that the server had closed meanwhile
                if fresh:
                    raise
        if answer.status >= 400:
            check_error(answer)
        return answer

    def close(self):
        if self.conn:
            self.conn.close()
        self.conn = None

    def get(self, path, **kw):
        return self.request('GET', path, **kw)

    def post(self, path, body=None, **kw):
        return self.request('POST', path, body, **kw)

    def put(self, path, body=None, **kw):
        return self.request('PUT', path, body, **kw)

    def patch(self, path, body=None, **kw):
        return self.request('PATCH', path, body, **kw)

    def delete(self, path, body=None, **kw):
        return self.request('DELETE', path, body, **kw)

    def log_in(self, email, password=PASSWORD):
        a = self.post('/api/session', {'email': email, 'password': password})
        if a.status == 201:
            self.cookie = a.headers['Set-Cookie'].split(';')[0]
            self.csrf = a.json()['csrf']
        return a


def check_error(answer):
    """Every error: JSON with a sentence, and nothing about the inside of the house."""
    found = LEAKS.search(re.sub(r'"request_id":"[^"]*"', '', answer.text))
    assert not found, f'an error says {found.group()!r}: {answer!r}'
    if answer.body and answer.headers.get('Content-Type', '').startswith('application/json'):
        detail = answer.json().get('detail')
        assert isinstance(detail, str) and detail, answer


class Lab:
    def __init__(self):
        self.where = tempfile.mkdtemp(prefix='annotary-lab-', dir='/tmp')
        self.data, self.server, self.port, self.setup = f'{self.where}/data', None, None, None
        self.database = self.made = None
        if DB == 'pg':
            self.made = 'lab_' + os.urandom(6).hex()
            url = os.environ['ANNOTARY_TEST_PG']
            self.psql(url, f'CREATE DATABASE {self.made}')
            self.database = re.sub(r'(postgresql://[^/]*/)[^?]*', rf'\g<1>{self.made}', url)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith('ANNOTARY_') or k == 'ANNOTARY_SOURCE'}
        atexit.register(self.close)

    def args(self):
        return ['--data', self.data] + (['--database', self.database] if self.database else [])

    # --- commands ---

    def run(self, *argv, given=''):
        out = subprocess.run([BIN, *map(str, argv), *self.args(), '--json'], env=self.env, cwd=self.where,
                             input=given, capture_output=True, text=True, timeout=120, start_new_session=True)
        assert out.returncode == 0, f'annotary {argv}: {out.returncode} {out.stderr}'
        return json.loads(out.stdout) if out.stdout.strip() else None

    def init(self, email='owner@lab.example'):
        self.run('init', '--email', email, '--name', 'Olive Owner', '--org', 'Lab', '--password-stdin',
                 given=PASSWORD + '\n')
        return self.token(email)

    def token(self, email, *more):
        return self.run('token', 'add', email, '--name', 'test', *more)['token']

    def person(self, email, role=None, org=None, password=False):
        """Somebody new; their key."""
        argv = ['user', 'add', email, '--name', email.split('@')[0]]
        argv += ['--role', role] if role else []
        argv += ['--org', org] if org else []
        argv += ['--password-stdin'] if password else ['--no-password']
        self.run(*argv, given=PASSWORD + '\n' if password else '')
        return self.token(email)

    def project(self, title='Work', config=CHOICES, org=None, **more):
        path = f'{self.where}/config.xml'
        with open(path, 'w') as f:
            f.write(config)
        argv = ['project', 'add', title, '--config', path] + (['--org', org] if org else [])
        for k, v in more.items():
            argv += [f'--{k}', v]
        return self.run(*argv)['id']

    # --- the server ---

    def serve(self, *more):
        self.log = open(f'{self.where}/server.log', 'ab')
        self.server = subprocess.Popen([BIN, 'serve', *self.args(), '--port', '0', '--json', *more], env=self.env,
                                       cwd=self.where, stdout=subprocess.PIPE, stderr=self.log,
                                       start_new_session=True)
        line = self.server.stdout.readline()
        assert line, f'the server did not start: {open(self.log.name).read()}'
        said = json.loads(line)
        self.port, self.setup = said['port'], said['setup']
        return self.port

    def stop(self, how=signal.SIGTERM):
        if self.server and self.server.poll() is None:
            self.server.send_signal(how)
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        code = self.server.returncode if self.server else None
        self.server = None
        return code

    def close(self):
        if not self.where:
            return
        self.stop()
        if self.made:
            self.psql(os.environ['ANNOTARY_TEST_PG'], f'DROP DATABASE IF EXISTS {self.made} WITH (FORCE)')
        shutil.rmtree(self.where, ignore_errors=True)
        self.where = None

    def client(self, key=None):
        return Client(self.port, key)

    # --- looking into the database ---

    @staticmethod
    def psql(url, statement):
        out = subprocess.run(['psql', '-X', '-q', '-At', '-F', '\x1f', url, '-c', statement], capture_output=True,
                             text=True, timeout=60)
        assert out.returncode == 0, out.stderr
        return [tuple(line.split('\x1f')) for line in out.stdout.splitlines()]

    def sql(self, statement):
        """Rows as tuples of text; NULL is ''."""
        if self.database:
            return self.psql(self.database, statement)
        with sqlite3.connect(f'file:{self.data}/annotary.db?mode=ro', uri=True, timeout=20) as db:
            rows = db.execute(statement).fetchall()
        db.close()
        return [tuple('' if v is None else v.hex() if isinstance(v, bytes) else str(v) for v in row) for row in rows]

    def change(self, statement):
        """Write behind the server's back, while it is stopped."""
        if self.database:
            self.psql(self.database, statement)
            return
        with sqlite3.connect(f'{self.data}/annotary.db', timeout=20) as db:
            db.execute(statement)
        db.close()

    def number(self, statement):
        return int(self.sql(statement)[0][0] or 0)

    def tables(self):
        if self.database:
            names = self.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        else:
            names = self.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return sorted(n for n, in names)

    def counts(self, without=()):
        names = [t for t in self.tables() if t not in without]
        rows = self.sql(' UNION ALL '.join(f"SELECT '{t}', COUNT(*) FROM {t}" for t in names))
        return {t: int(n) for t, n in rows}

    def state(self, without=()):
        """Everything that stands in the database, table by table: to see that nothing moved."""
        names = [t for t in self.tables() if t not in without]
        if not self.database:
            return {t: sorted(map(str, self.sql(f'SELECT * FROM {t}'))) for t in names}
        out = {t: [] for t in names}
        for t, row in self.sql(' UNION ALL '.join(f"SELECT '{t}', x::text FROM {t} x" for t in names)):
            out[t].append(row)
        return {t: sorted(rows) for t, rows in out.items()}

    def until(self, what, seconds=30):
        """Ask again and again until the answer is true."""
        end = time.monotonic() + seconds
        while True:
            got = what()
            if got:
                return got
            assert time.monotonic() < end, 'it did not happen in time'
            time.sleep(0.05)


def query(path, **words):
    return path + '?' + urllib.parse.urlencode(words, doseq=True)
