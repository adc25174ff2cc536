"""The release program: built with every hardening flag, and without a secret of its own."""
import os, re, subprocess
import pytest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
BIN = f'{TOP}/build/annotary'
FLAGS = ['-O2', '-D_FORTIFY_SOURCE=3', '-fstack-protector-strong', '-fstack-clash-protection',
         '-fcf-protection=full', '-ftrivial-auto-var-init=zero', '-fzero-call-used-regs=used-gpr', '-fPIE']


def elf(*flags):
    return subprocess.run(['readelf', '-W', *flags, BIN], capture_output=True, text=True, check=True).stdout


@pytest.fixture(autouse=True)
def built():
    assert os.path.exists(BIN), 'build/annotary was not built'


def test_it_may_be_loaded_anywhere():
    assert re.search(r'Type:\s+DYN \(Position-Independent', elf('-h'))
    assert 'FLAGS_1' in elf('-d') and 'PIE' in elf('-d')


def test_its_tables_are_read_only_once_it_runs():
    assert 'GNU_RELRO' in elf('-l')
    assert re.search(r'\(FLAGS(_1)?\).*NOW', elf('-d'))


def test_no_page_is_writable_and_executable():
    assert not re.search(r'^\s+(LOAD|GNU_STACK)\s.*\sRWE\s', elf('-l'), re.M)
    assert re.search(r'GNU_STACK.*\sRW\s', elf('-l'))


def test_code_and_data_share_no_page():
    rows = re.findall(r'^\s+LOAD\s+0x(\w+) 0x(\w+) 0x\w+ 0x(\w+) 0x(\w+) (.{3})', elf('-l'), re.M)
    code = [(int(at, 16), int(size, 16)) for _, at, size, _, how in rows if 'E' in how]
    assert len(code) == 1 and all(at % 4096 == 0 for at, _ in code)


def test_the_stack_and_the_string_functions_are_guarded():
    symbols = elf('--dyn-syms')
    assert '__stack_chk_fail' in symbols
    assert re.search(r'__(memcpy|snprintf|vsnprintf|read|sprintf|vfprintf|fprintf)_chk', symbols)


def test_jumps_land_where_they_should():
    """Our own files carry the mark; the finished program does not where the C library's start files lack it."""
    objects = [os.path.join(r, n) for r, _, ns in os.walk(f'{TOP}/build/release/src') for n in ns if n.endswith('.o')]
    assert len(objects) > 50
    notes = subprocess.run(['readelf', '-nW', *objects], capture_output=True, text=True, check=True).stdout
    assert len(re.findall(r'x86 feature: IBT, SHSTK', notes)) == len(objects)


def test_no_library_is_sought_beside_it():
    assert not re.search(r'\((RPATH|RUNPATH|TEXTREL)\)', elf('-d'))


def test_every_file_was_compiled_with_the_flags():
    with open(f'{TOP}/build/release/build.ninja') as f:
        args = re.findall(r'^ ARGS = (.*-std=gnu17.*)$', f.read(), re.M)
    assert len(args) > 50
    for line in args:
        for flag in FLAGS:
            assert flag in line or flag == '-fPIE' and '-fPIC' in line, (flag, line)


def secrets(folder):
    """What one fresh installation keeps to itself."""
    import sqlite3
    done = subprocess.run([BIN, 'init', '--data', folder], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 0, done.stderr
    files = [os.path.join(r, n) for r, _, ns in os.walk(folder) for n in ns if n.endswith(('.db', '.sqlite'))]
    assert files, os.listdir(folder)
    with sqlite3.connect(files[0]) as db:
        rows = dict(db.execute("SELECT name, value FROM setting WHERE name LIKE 'secret.%'"))
        people = db.execute('SELECT count(*) FROM person').fetchone()[0]
    return rows, people


def test_a_fresh_installation_has_nobody_and_secrets_of_its_own(tmp_path):
    one, people = secrets(str(tmp_path / 'one'))
    two, _ = secrets(str(tmp_path / 'two'))
    assert people == 0
    assert one and one.keys() == two.keys()
    assert not set(map(str, one.values())) & set(map(str, two.values()))
