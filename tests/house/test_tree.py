"""The tree about itself: rooms, limits, words that must not be in it, pages that must be true."""
import os, re, subprocess
import pytest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
BIN = os.environ.get('ANNOTARY_BIN', f'{TOP}/build/annotary')


def tracked(*patterns):
    out = subprocess.run(['git', 'ls-files', '-z', *patterns], cwd=TOP, capture_output=True, check=True).stdout
    return [p for p in out.decode().split('\0') if p and os.path.isfile(f'{TOP}/{p}')]


def read(path):
    with open(f'{TOP}/{path}', errors='replace') as f:
        return f.read()


def test_tidy_has_nothing_to_say():
    done = subprocess.run([f'{TOP}/tools/tidy'], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


TRESPASS = {
    'walls': ('src/http/x.c', '#include "store/db.h"\n', 'http may not include store'),
    'owners': ('src/domain/x.c', 'int f(void) { return db_run(cx, "UPDATE "\n    "lease SET a = 1"); }\n',
               'writes lease'),
    'hands': ('src/domain/x.c', 'void f(void) { char *p = malloc(3); }\n', 'malloc by hand'),
    'columns': ('src/core/x.c', '/* ' + 'a' * 98 + ' */\n', 'columns'),
    'length': ('src/core/x.c', '\n' * 1001, 'more than 1000 lines'),
    'left': ('src/core/x.c', '/* TO' + 'DO later */\n', 'left undone'),
}


@pytest.mark.parametrize('rule', TRESPASS)
def test_tidy_sees_a_trespass(rule, tmp_path):
    path, text, what = TRESPASS[rule]
    for keep in ('tools/tidy', 'tools/rooms', 'src/domain/lease.h', path):
        os.makedirs(os.path.dirname(tmp_path / keep), exist_ok=True)
        with open(tmp_path / keep, 'w') as f:
            f.write(text if keep == path else read(keep))
    done = subprocess.run(['python3', tmp_path / 'tools/tidy'], capture_output=True, text=True)
    assert done.returncode == 1
    assert f'{path}:' in done.stdout and what in done.stdout


def test_the_page_of_limits_is_current():
    printed = subprocess.run([f'{TOP}/tools/limits'], capture_output=True, text=True, check=True).stdout
    assert read('docs/LIMITS.md') == printed, 'run tools/limits > docs/LIMITS.md'


def test_no_lock_file_names_a_host():
    for path in tracked('*package-lock.json', '*.npmrc', 'tests/requirements.txt'):
        assert not re.search(r'"resolved"|://\S*(registry|pypi)|index-url|find-links', read(path)), path


def test_no_file_is_a_key():
    for path in tracked():
        if os.path.getsize(f'{TOP}/{path}') < 1 << 20:
            assert '-----BEGIN ' + 'PRIVATE' not in read(path), path


def test_no_password_is_written_in_the_program():
    """A default credential would be a string beside the word password, secret or token in our own C."""
    wrong = []
    for path in tracked('src/*.c', 'src/*.h'):
        for m in re.finditer(r'\b(\w*(?:password|passwd|secret)\w*)\s*=\s*"([^"%]{4,})"', read(path)):
            wrong.append(f'{path}: {m.group(0)}')
    assert not wrong


def test_the_links_between_pages_lead_somewhere():
    wrong = []
    for page in tracked('*.md'):
        for target in re.findall(r'\]\(([^)#: ]+)(?:#[^)]*)?\)', read(page)):
            if not os.path.exists(os.path.join(TOP, os.path.dirname(page), target)):
                wrong.append(f'{page}: {target}')
    assert not wrong


def blocks(page):
    return '\n'.join(re.findall(r'^```(?:sh)?\n(.*?)^```', read(page), re.M | re.S))


def test_the_make_targets_of_the_pages_exist():
    targets = set(re.findall(r'^([a-z]+):', read('Makefile'), re.M))
    for page in tracked('*.md'):
        for name in re.findall(r'`make ([a-z]+)', read(page)) + re.findall(r'^make ([a-z]+)', blocks(page), re.M):
            assert name in targets, f'{page}: make {name}'


def test_the_commands_of_the_pages_exist():
    if not os.path.exists(BIN):
        pytest.fail('build/annotary was not built')
    commands = set()
    for page in tracked('README.md', 'docs/*.md', 'docs/manual/*.md'):
        commands |= {(m, page) for m in re.findall(r'^\s*(?:build/)?annotary ([a-z]+)', blocks(page), re.M)}
    for command, page in sorted(commands):
        done = subprocess.run([BIN, command, '--help'], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, f'{page}: annotary {command}: {done.stderr}'


def test_every_room_has_a_page():
    for room in sorted(os.listdir(f'{TOP}/src')):
        if os.path.isdir(f'{TOP}/src/{room}'):
            assert os.path.exists(f'{TOP}/src/{room}/README.md'), room
