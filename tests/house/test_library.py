"""libannotary_stats as a stranger meets it: installed, found by pkg-config, compiled against, run."""
import os, re, shutil, subprocess
import pytest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
BUILD = f'{TOP}/build/stats'
STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Werror']
LANGUAGES = {'c': ['cc', '-std=c11'], 'cc': ['c++', '-std=c++11']}


def run(*argv, **more):
    done = subprocess.run(argv, capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope='module')
def installed(tmp_path_factory):
    """(folder, pkg-config) of an installation below a folder of its own."""
    assert os.path.exists(f'{BUILD}/build.ninja'), 'tools/build stats was not run'
    root = str(tmp_path_factory.mktemp('root'))
    run('meson', 'install', '-C', BUILD, '--no-rebuild', '--tags', 'stats', env={**os.environ, 'DESTDIR': root})
    pc = next(os.path.join(r, n) for r, _, ns in os.walk(root) for n in ns if n == 'annotary-stats.pc')
    env = {**os.environ, 'PKG_CONFIG_PATH': os.path.dirname(pc), 'PKG_CONFIG_SYSROOT_DIR': root}
    return os.path.dirname(os.path.dirname(pc)), lambda *ask: run('pkg-config', *ask, 'annotary-stats', env=env).split()


@pytest.fixture(scope='module')
def example(tmp_path_factory):
    with open(f'{TOP}/docs/manual/statistics-library.md') as f:
        return re.search(r'^```c\n(.*?)^```', f.read(), re.M | re.S).group(1)


def symbols(path, *flags):
    return {line.split()[-1].split('@')[0] for line in run('nm', '-D', '--defined-only', *flags, path).splitlines()
            if line.split()[-2] != 'A'}


@pytest.mark.parametrize('language', LANGUAGES)
@pytest.mark.parametrize('kind', ['shared', 'static'])
def test_the_example_of_the_manual_compiles_without_a_warning_and_runs(language, kind, installed, example, tmp_path):
    lib, config = installed
    if not shutil.which(LANGUAGES[language][0]):
        pytest.skip(f'no {LANGUAGES[language][0]}')
    source, program = tmp_path / f'who.{language}', str(tmp_path / 'who')
    source.write_text(example)
    libs = config('--libs')
    if kind == 'static':
        libs = [l.replace('-lannotary_stats', '-l:libannotary_stats.a') for l in config('--libs', '--static')]
    run(*LANGUAGES[language], *STRICT, str(source), *config('--cflags'), *libs, '-o', program)
    out = run(program, env={'LD_LIBRARY_PATH': lib} if kind == 'shared' else {})
    assert re.findall(r'task (\d): (\d)', out) == [('0', '1'), ('1', '0'), ('2', '1'), ('3', '1')]
    assert out.count('right in') == 5


def test_it_needs_no_other_package(installed):
    assert installed[1]('--print-requires') == [] and installed[1]('--print-requires-private') == []


def test_one_header_is_installed_and_it_includes_only_the_system(installed):
    folder = os.path.join(os.path.dirname(installed[0]), 'include')
    assert os.listdir(folder) == ['annotary_stats.h']
    with open(f'{folder}/annotary_stats.h') as f:
        assert set(re.findall(r'#include (.*)', f.read())) <= {'<stddef.h>', '<stdint.h>'}


def test_nothing_of_the_program_is_installed_with_it(installed):
    names = {n for _, _, ns in os.walk(os.path.dirname(installed[0])) for n in ns}
    assert all('annotary_stats' in n or n == 'annotary-stats.pc' for n in names), names


def test_only_what_the_header_declares_can_be_seen(installed):
    with open(f'{os.path.dirname(installed[0])}/include/annotary_stats.h') as f:
        text = re.sub(r'/\*.*?\*/', '', f.read(), flags=re.S)
    declared = set(re.findall(r'^(?:const )?(?:struct )?\w+ \**(as_\w+)\(', text, re.M))
    assert len(declared) > 100
    assert symbols(f'{installed[0]}/libannotary_stats.so') == declared


def test_the_library_has_a_version_in_its_name_and_the_guards_of_the_program(installed):
    path = f'{installed[0]}/libannotary_stats.so'
    dynamic, heads = run('readelf', '-dW', path), run('readelf', '-lW', path)
    assert re.search(r'soname: \[libannotary_stats\.so\.\d+\]', dynamic)
    assert re.search(r'FLAGS.*NOW', dynamic) and not re.search(r'RPATH|RUNPATH|TEXTREL', dynamic)
    assert 'GNU_RELRO' in heads and re.search(r'GNU_STACK.*\sRW\s', heads)
    assert not re.search(r'^\s+(LOAD|GNU_STACK)\s.*\sRWE\s', heads, re.M)
