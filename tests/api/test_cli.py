"""The command line: every command of people, keys and care, by its exit code and its answer."""
import fcntl, json, os, re, shutil, subprocess, tempfile
import pytest

BIN = os.environ.get('ANNOTARY_BIN', os.path.join(os.path.dirname(__file__), '../../build/annotary'))
DB = os.environ.get('ANNOTARY_DB', 'sqlite')
OK, FOUND, USAGE, REFUSED, IO = 0, 1, 2, 3, 74
GOOD = 'plum velvet anchor tide'
BASE = {k: v for k, v in os.environ.items() if not k.startswith('ANNOTARY_') or k == 'ANNOTARY_SOURCE'}


class House:
    """A folder with a data folder in it, and a way to run commands there."""

    def __init__(self, where, database=None):
        self.where = str(where)
        self.env = dict(BASE, ANNOTARY_DATA='data', **({'ANNOTARY_DATABASE': database} if database else {}))

    def run(self, *argv, given='', env=None):
        return subprocess.run([BIN, *argv], cwd=self.where, env=dict(self.env, **(env or {})), input=given,
                              capture_output=True, text=True, timeout=60, start_new_session=True)

    def ok(self, *argv, **kw):
        r = self.run(*argv, **kw)
        assert r.returncode == OK, r.stderr
        return r.stdout

    def json(self, *argv, **kw):
        return json.loads(self.ok(*argv, '--json', **kw))

    def refused(self, *argv, code=REFUSED, **kw):
        r = self.run(*argv, **kw)
        assert r.returncode == code, (r.returncode, r.stdout, r.stderr)
        assert r.stderr.startswith('annotary')
        return r.stderr


def schema():
    """A place of its own in the test's PostgreSQL server, or nothing on SQLite."""
    if DB != 'pg':
        return None
    url, name = os.environ['ANNOTARY_TEST_PG'], 'cli_' + os.urandom(6).hex()
    psql = shutil.which('psql')
    if not psql:
        pytest.skip('psql is not installed')
    subprocess.run([psql, '-q', url, '-c', f'CREATE SCHEMA {name}'], check=True, capture_output=True)
    return f'{url}{"&" if "?" in url else "?"}options=-csearch_path%3D{name}'


@pytest.fixture
def bare(tmp_path):
    return House(tmp_path, schema())


@pytest.fixture
def house(bare):
    bare.ok('init', '--email', 'ada@lab.example', '--name', 'Ada', '--org', 'Lab', '--password-stdin',
            given=GOOD + '\n')
    return bare


only_sqlite = pytest.mark.skipif(DB != 'sqlite', reason='files of SQLite')


# --- words and settings ---------------------------------------------------------------------------

def test_help_lists_the_commands_and_every_command_has_help(bare):
    names = re.findall(r'^  (\w+) ', bare.ok('help'), re.M)
    assert {'init', 'org', 'user', 'member', 'token', 'config', 'convert', 'backup', 'restore',
            'doctor', 'version'} <= set(names)
    for name in names:
        text = bare.ok(name, '--help')
        assert 'Usage: annotary ' + name in text
        verbs = re.findall(r'^  ([\w-]+) ', text.split('Exit codes')[0], re.M) if 'COMMAND' in text else []
        for verb in verbs:
            more = bare.ok(name, verb, '--help')
            assert f'Usage: annotary {name} {verb}' in more and 'Examples:' in more, (name, verb)
        assert verbs or 'Examples:' in text, name


def test_a_wrong_word_is_a_usage_error(bare):
    for argv in ([], ['nope'], ['org'], ['org', 'nope'], ['org', 'add'], ['org', 'add', 'a', 'b'],
                 ['version', '--nope'], ['token', 'add', 'a@b.de', '--days', 'x'],
                 ['token', 'add', 'a@b.de', '--days', '400']):
        assert bare.run(*argv).returncode == USAGE, argv


def test_version_is_the_same_in_three_forms(bare):
    v = bare.json('version')['version']
    assert bare.ok('version') == bare.ok('--version') == f'annotary {v}\n'


def test_a_later_place_of_a_setting_wins_and_an_unknown_one_is_refused(house):
    conf = os.path.join(house.where, 'annotary.conf')
    with open(conf, 'w') as f:
        f.write('# a comment\n\n  data = elsewhere \n')
    assert 'Lab' in house.ok('org', 'list')                         # environment over file
    house.refused('org', 'list', '--data', 'nowhere')               # flag over environment
    with open(conf, 'a') as f:
        f.write('dta = x\n')
    assert 'line 4' in house.refused('org', 'list', code=USAGE)
    os.remove(conf)
    assert 'ANNOTARY_PORT' in house.refused('org', 'list', code=USAGE, env={'ANNOTARY_PORT': '-1'})
    with open(conf, 'wb') as f:
        f.write(b'a\0b')
    house.refused('org', 'list', code=USAGE)


@only_sqlite
def test_without_a_data_folder_nothing_is_made(bare):
    bare.refused('user', 'list')
    assert not os.path.exists(os.path.join(bare.where, 'data'))


# --- people ---------------------------------------------------------------------------------------

def test_init_makes_one_owner_and_only_one(bare):
    for bad in ('short', 'password1234', 'ada@lab.example', ''):
        bare.refused('init', '--email', 'ada@lab.example', '--password-stdin', given=bad + '\n')
    bare.refused('init', '--email', 'no address', '--password-stdin', given=GOOD + '\n')
    made = bare.json('init', '--email', ' Ada@LAB.example', '--password-stdin', given=GOOD + '\n')
    assert made['owner'] and made['setup_open'] is False
    bare.refused('init', '--email', 'eve@lab.example', '--password-stdin', given=GOOD + '\n')
    people = bare.json('user', 'list')
    assert [(u['email'], u['role']) for u in people] == [('ada@lab.example', 'owner')]
    assert bare.json('init')['owner'] is None                       # again: nothing happens


def test_init_alone_leaves_set_up_open(bare):
    assert bare.json('init')['setup_open'] is True
    assert bare.run('doctor').returncode == FOUND


def test_a_password_is_never_an_argument_and_needs_a_terminal(house):
    assert 'stdin' in house.refused('user', 'password', 'ada@lab.example')
    assert house.run('user', 'password', 'ada@lab.example', 'secret').returncode == USAGE
    house.ok('user', 'password', 'ada@lab.example', '--password-stdin', given='hunger saddle moss 4\r\n')


def test_people_are_added_changed_and_stopped(house):
    house.ok('user', 'add', 'bob@acme.example', '--name', 'Bób', '--password-stdin', given=GOOD + '\n')
    house.refused('user', 'add', 'BOB@acme.example', '--no-password')
    house.refused('user', 'add', 'x@y.de', '--name', 'a\u202eb', '--no-password')
    house.refused('user', 'add', 'x@y.de', '--role', 'king', '--no-password')
    house.refused('user', 'set', 'ada@lab.example', '--role', 'none')
    house.refused('user', 'set', 'ada@lab.example', '--stop')
    house.refused('user', 'set', 'nobody@lab.example', '--stop')
    house.ok('user', 'set', 'bob@acme.example', '--role', 'owner')
    house.ok('user', 'set', 'ada@lab.example', '--stop')
    state = {u['email']: (u['role'], u['active']) for u in house.json('user', 'list')}
    assert state == {'ada@lab.example': ('owner', False), 'bob@acme.example': ('owner', True)}
    assert 'Bób' in house.ok('user', 'list')


def test_with_two_organisations_one_must_say_which(house):
    second = house.json('org', 'add', 'Second')['id']
    assert '--org' in house.refused('user', 'list')
    assert house.json('user', 'list', '--org', str(second)) == []
    assert house.ok('user', 'list', '--org', str(second)) == 'none\n'
    house.refused('user', 'list', '--org', '99')
    house.json('org', 'vendor-add', 'Acme', '--org', str(second))
    assert [v['inhouse'] for v in house.json('org', 'vendors', '--org', str(second))] == [True, False]


def test_keys_are_shown_once_and_revoked(house):
    key = house.ok('token', 'add', 'ada@lab.example', '--name', 'n', '--scopes', 'read,write', '--days', '30').strip()
    assert re.fullmatch(r'anno_[0-9]+_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}', key)
    jwt = house.json('token', 'add', 'ada@lab.example', '--label-studio')['token']
    assert jwt.count('.') == 2
    rows = house.json('token', 'list', 'ada@lab.example')
    assert [(r['kind'], r['scopes']) for r in rows] == [('api', 'read,write'), ('refresh', 'read,write,manage')]
    text = json.dumps(rows) + house.ok('token', 'list', 'ada@lab.example')
    assert key not in text and jwt not in text
    house.ok('token', 'revoke', str(rows[0]['id']))
    assert len(house.json('token', 'list', 'ada@lab.example')) == 1
    house.refused('token', 'revoke', '99')
    house.refused('token', 'add', 'ada@lab.example', '--scopes', 'all')
    house.refused('token', 'add', 'nobody@lab.example')


def test_invitations_are_links_that_can_be_revoked(house):
    made = house.json('member', 'invite', '--role', 'manager', '--email', 'new@lab.example')
    assert re.fullmatch(r'/invite/[0-9A-Za-z]{43}', made['path'])
    assert house.json('member', 'invites')[0]['state'] == 'open'
    house.ok('member', 'revoke', str(made['id']))
    assert house.json('member', 'invites')[0]['state'] == 'revoked'
    house.refused('member', 'invite', '7')
    house.refused('member', 'invite', 'x')
    house.refused('member', 'invite', '--role', 'annotator')
    house.refused('member', 'add', '7', 'ada@lab.example')
    assert house.run('member', 'revoke', 'x').returncode == USAGE


# --- care -----------------------------------------------------------------------------------------

def test_the_doctor_says_ok_and_prints_the_audit_root(house):
    rows = house.json('doctor')
    assert {r['state'] for r in rows} == {'ok'}
    assert re.fullmatch('[0-9a-f]{64}', next(r['detail'] for r in rows if r['check'] == 'audit root'))


@only_sqlite
def test_the_doctor_finds_a_damaged_database(house):
    path = os.path.join(house.where, 'data/annotary.db')
    with open(path, 'r+b') as f:
        f.seek(40000)
        f.write(os.urandom(60000))
    assert house.run('doctor').returncode in (FOUND, IO)


@only_sqlite
def test_a_backup_comes_back_whole(house):
    house.json('org', 'vendor-add', 'Acme')
    blob = os.path.join(house.where, 'data/blobs/ab')
    os.makedirs(blob)
    with open(os.path.join(blob, 'cd' * 31), 'w') as f:
        f.write('a file')
    assert house.json('backup', 'b1')['blobs'] == 1
    house.refused('backup', 'b1')
    assert os.stat(os.path.join(house.where, 'b1/annotary.db')).st_mode & 0o77 == 0
    house.json('org', 'vendor-add', 'Later')
    house.refused('restore', 'b1')                                  # there is a database
    kept = house.json('restore', 'b1', '--force')['kept']
    assert os.path.exists(os.path.join(house.where, kept))
    assert [v['name'] for v in house.json('org', 'vendors')] == ['In-house', 'Acme']
    assert house.json('restore', 'b1', '--data', 'other')['blobs'] == 1
    assert open(os.path.join(house.where, 'other/blobs/ab', 'cd' * 31)).read() == 'a file'
    assert house.run('doctor', '--data', 'other').returncode == OK


@only_sqlite
def test_a_changed_or_foreign_backup_is_refused(house):
    house.ok('backup', 'b1')
    with open(os.path.join(house.where, 'b1/annotary.db'), 'ab') as f:
        f.write(b'x')
    house.refused('restore', 'b1', '--data', 'other')
    house.refused('restore', 'data', '--data', 'other')
    house.refused('restore', 'nowhere', '--data', 'other')
    assert not os.path.exists(os.path.join(house.where, 'other/annotary.db'))


@only_sqlite
def test_restore_is_refused_while_somebody_has_the_data_open(house):
    house.ok('backup', 'b1')
    with open(os.path.join(house.where, 'data/annotary.lock')) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        assert 'Stop the server' in house.refused('restore', 'b1', '--force')
        house.ok('backup', 'b2')                                    # but a backup is not


def test_output_that_cannot_be_written_is_an_error(house):
    with open('/dev/full', 'w') as full:
        r = subprocess.run([BIN, 'org', 'list'], cwd=house.where, env=house.env, stdout=full)
    assert r.returncode == IO


def test_an_export_into_a_link_leaves_the_link(house, tmp_path):
    config = tmp_path / 'c.xml'
    config.write_text('<View><Text name="t" value="$text"/><Choices name="c" toName="t">'
                      '<Choice value="a"/><Choice value="b"/></Choices></View>')
    house.ok('project', 'add', 'Notes', '--config', str(config))
    place, link = tmp_path / 'place.json', tmp_path / 'link.json'
    place.write_text('')
    link.symlink_to(place)
    house.ok('export', '--project', '1', '--out', str(link))
    assert link.is_symlink() and json.loads(place.read_text()) == []
    house.ok('export', '--project', '1', '--out', '/dev/null')
    assert not os.path.isfile('/dev/null')


# --- without a database ---------------------------------------------------------------------------

def test_config_check_tells_by_its_exit_code(bare, tmp_path):
    good, bad = tmp_path / 'good.xml', tmp_path / 'bad.xml'
    good.write_text('<View><Text name="t" value="$text"/><Choices name="c" toName="t">'
                    '<Choice value="a"/><Choice value="b"/></Choices></View>')
    bad.write_text('<View><Choices')
    task, wrong = tmp_path / 'task.json', tmp_path / 'wrong.json'
    item = {'id': 'r', 'from_name': 'c', 'to_name': 't', 'type': 'choices', 'value': {'choices': ['a']}}
    task.write_text(json.dumps({'data': {'text': 'x'}, 'annotations': [{'result': [item]}]}))
    item['value'] = {'choices': ['zebra']}
    wrong.write_text(json.dumps({'data': {'text': 'x'}, 'annotations': [{'result': [item]}]}))
    bare.ok('config', 'check', str(good))
    bare.ok('config', 'check', str(good), str(task))
    assert bare.run('config', 'check', str(bad)).returncode == FOUND
    assert bare.run('config', 'check', str(good), str(wrong)).returncode == FOUND
    bare.refused('config', 'check', str(tmp_path / 'none.xml'), code=IO)
    bare.ok('config', 'check', '-', given=good.read_text())


def test_convert_writes_whole_files_and_names_bad_rows(bare, tmp_path):
    config, tasks = tmp_path / 'c.xml', tmp_path / 't.json'
    config.write_text('<View><Text name="t" value="$text"/><Choices name="c" toName="t">'
                      '<Choice value="a"/><Choice value="b"/></Choices></View>')
    tasks.write_text(json.dumps([{'id': 1, 'data': {'text': 'x'}, 'annotations': [{'id': 1, 'result': [
        {'from_name': 'c', 'to_name': 't', 'type': 'choices', 'value': {'choices': ['a']}}]}]}]))
    bare.ok('convert', '--config', str(config), '--input', str(tasks), '--to', 'csv', '--out', 'out.csv')
    assert 'a' in open(os.path.join(bare.where, 'out.csv')).read()
    bare.refused('convert', '--config', str(config), '--input', str(tasks), '--to', 'nope', '--out', 'x',
                 code=FOUND)
    assert bare.run('convert', '--to', 'csv').returncode == USAGE
