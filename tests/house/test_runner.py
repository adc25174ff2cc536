"""tests/run about itself: its end says what failed and why; a browser test that passes alone is named, not hidden."""
import importlib.machinery, importlib.util, os
import pytest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))

SPEC = '''✔ first (1.5ms)
ℹ tests {n}
ℹ pass {ok}
ℹ fail {bad}
ℹ skipped 0
'''
WRONG = '''
✖ failing tests:

test at tests/browser/sums.test.mjs:3:1
✖ one and one (18.0ms)
  AssertionError [ERR_ASSERTION]: Expected values to be strictly deep-equal:
  + actual - expected
  + [
  +   'three'
  + ]
  - []
      at TestContext.<anonymous> (sums.test.mjs:3:37)

test at tests/browser/sums.test.mjs:9:1
✖ two and two (0.2ms)
  Error: waited in vain: four
      at TestContext.<anonymous> (sums.test.mjs:9:30)
'''
GOOD, BAD = SPEC.format(n=3, ok=3, bad=0), SPEC.format(n=3, ok=1, bad=2) + WRONG


@pytest.fixture
def runner(tmp_path):
    loader = importlib.machinery.SourceFileLoader('tests_run', f'{TOP}/tests/run')
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('tests_run', loader))
    loader.exec_module(module)
    module.LOGS = str(tmp_path)
    return module


def program(runner, folder, suite, first, second=None, count='count_node', status=1):
    """A program that says `first`, and `second` whenever it is started again."""
    (folder / 'first').write_text(first)
    (folder / 'second').write_text(first if second is None else second)
    script = f'cd {folder}; if mkdir been 2>/dev/null; then cat first; exit {status}; else cat second; exit {0 if second else status}; fi'
    return runner.Item(suite, 'sums', ['sh', '-c', script], getattr(runner, count))


def test_a_browser_test_that_passes_alone_is_flaky_and_counts_as_passed(runner, tmp_path, capsys):
    item = program(runner, tmp_path, 'browser', BAD, GOOD)
    runner.run_all([item])
    assert (item.passed, item.failed) == (3, 0)
    lines = runner.what_failed([item])
    assert len(lines) == 2
    assert lines[0].startswith('flaky: browser sums: sums.test.mjs: one and one failed beside others and passed alone (')
    assert (tmp_path / 'browser-sums.log').read_text() == BAD and (tmp_path / 'browser-sums.again.log').read_text() == GOOD
    assert 'again, alone' in capsys.readouterr().out


def test_a_browser_test_that_fails_again_has_failed_and_says_what_it_said(runner, tmp_path):
    item = program(runner, tmp_path, 'browser', BAD)
    runner.run_all([item])
    assert (item.passed, item.failed, item.flaky) == (1, 2, [])
    assert runner.what_failed([item]) == [
        "FAILED: browser sums: sums.test.mjs: one and one: AssertionError: Expected values to be strictly deep-equal: + [ + 'three' + ] - []",
        'FAILED: browser sums: sums.test.mjs: two and two: Error: waited in vain: four']


def test_only_browser_tests_get_a_second_chance(runner, tmp_path):
    item = program(runner, tmp_path, 'web', BAD, GOOD)
    runner.run_all([item])
    assert (item.failed, len(runner.what_failed([item]))) == (2, 2)


@pytest.mark.parametrize('count, said, line', [
    ('count_tap', '1..2\nok 1 - test_a\nnot ok 2 - test_b\n# 0x1 != 0x2\n', 'FAILED: unit sums: test_b: 0x1 != 0x2'),
    ('count_tap', '1..2\nok 1 - test_a\n==7==ERROR: AddressSanitizer: heap-use-after-free\n', 'FAILED: unit sums: the program itself: ==7==ERROR: AddressSanitizer: heap-use-after-free'),
    ('count_node', 'no such file\n', 'FAILED: unit sums: the program itself: exit status 1'),
    ('count_status', 'src/x.ts(3,1): error TS2322: no\n', 'FAILED: unit sums: the program itself: src/x.ts(3,1): error TS2322: no'),
])
def test_every_kind_of_program_tells_what_failed(runner, tmp_path, count, said, line):
    item = program(runner, tmp_path, 'unit', said, count=count)
    runner.run_all([item])
    assert item.failed == 1
    assert runner.what_failed([item]) == [line]


def test_pytest_tells_the_test_and_its_message(runner, tmp_path):
    item = program(runner, tmp_path, 'api', '1 failed\n', count='count_pytest')
    (tmp_path / 'api-sums.log.xml').write_text(
        '<testsuites><testsuite tests="2" failures="1" errors="0" skipped="0"><testcase classname="tests.api.test_x" name="test_one"/>'
        '<testcase classname="tests.api.test_x" name="test_two"><failure message="assert 1 == 2\n + where"/></testcase></testsuite></testsuites>')
    runner.run_all([item])
    assert runner.what_failed([item]) == ['FAILED: api sums: tests.api.test_x::test_two: assert 1 == 2 + where']


def test_a_program_that_hangs_is_told_with_the_time_it_had(runner, tmp_path):
    item = program(runner, tmp_path, 'unit', '', count='count_tap')
    item.argv, item.timeout = ['sleep', '20'], 0.2
    runner.run_all([item])
    assert runner.what_failed([item]) == ['FAILED: unit sums: the program itself: stopped after 0.2 s']
    item.took = 12.4
    assert runner.slowest([item]) == ['slowest  unit sums 12 s']
