"""What Python adds: names, views without a copy, lifetimes, errors, threads, the check at import, the wheel."""
import ctypes, gc, inspect, os, re, subprocess, sys, threading, time, typing, zipfile
import numpy as np
import pytest
from annotary import _abi, _arrays, _load, stats
from table import TOP, golden, near

BIG = stats.synth_crowd(20000, 5, 4, 100, seed=3)


def crowd(**more):
    return stats.aggregate(BIG.task, BIG.worker, BIG.label, **more)


# --- memory ---------------------------------------------------------------------------------------

def test_arrays_of_a_result_are_views_on_the_librarys_memory():
    r = crowd()
    for name, at in (('posterior', r._r.q), ('label_id', r._r.label), ('confusion', r._r.confusion),
                     ('class_share', r._r.class_share), ('trace', r._r.trace),
                     ('workers', ctypes.cast(r._r.worker, ctypes.c_void_p).value)):
        x = getattr(r, name)
        assert x.ctypes.data == at, name
        assert not x.flags.owndata and not x.flags.writeable, name
    assert np.shares_memory(r.posterior, r.posterior[3:5]) and r.posterior is r.posterior


def test_a_large_posterior_is_seen_in_single_precision_without_a_copy():
    c = stats.synth_crowd(1100000, 1, 4, 50, seed=1)
    r = stats.aggregate(c.task, c.worker, c.label, 'majority')
    assert r.posterior.dtype == np.float32 and r.posterior.ctypes.data == r._r.q32
    assert len(r.confidence) == 1100000


def test_ids_and_labels_in_the_librarys_types_are_read_where_they_lie():
    x = np.array([0, 1, 1], np.uint32)
    assert np.shares_memory(_arrays.ids(x, 'task')[0], x)
    y = np.array([0, 1, 65535], np.uint16)
    assert np.shares_memory(_arrays.labels(y)[0], y)
    p = np.eye(3)
    assert np.shares_memory(_arrays.numbers(p, np.float64, 'p', None, 3), p)


def test_a_view_outlives_every_name_of_its_result_and_its_input():
    ended = []
    r = crowd()
    end = r._owner.end
    r._owner.end = lambda p: (ended.append(1), end(p))
    posterior, want = r.posterior, r.posterior.copy()
    piece = r.workers['skill'][5:10]
    skill = piece.copy()
    del r
    gc.collect()
    for _ in range(5):
        crowd(method='majority')                # somebody else's memory
    assert not ended and (posterior == want).all()
    del posterior
    gc.collect()
    assert not ended and (piece == skill).all()
    del piece
    gc.collect()
    assert ended == [1]


def test_nothing_can_end_a_result_by_hand_and_memory_does_not_grow():
    assert not any(n in dir(stats.Result) for n in ('close', 'free', 'end', '__exit__'))

    def resident():
        with open('/proc/self/statm') as f:
            return int(f.read().split()[1]) * 4096
    crowd(method='majority')
    before = resident()
    for _ in range(100):
        r = crowd(method='majority')
        r.posterior, r.confidence
    assert resident() - before < 20e6           # a hundred of them would be 100 MB


# --- names ----------------------------------------------------------------------------------------

def test_names_of_every_kind_give_the_answer_of_the_ids():
    want = crowd()
    assert (want.task == np.arange(20000)).all()
    label = np.array(['ant', 'bee', 'cat', 'dog'])
    for task in (BIG.task.astype(np.int64) * 1000003, [f't{t:06}' for t in BIG.task], BIG.task + 0.5):
        r = stats.aggregate(task, [f'w{w:03}' for w in BIG.worker], label[BIG.label])
        assert (r.label == label[want.label_id]).all() and (r.posterior == want.posterior).all()
        assert r.classes.tolist() == label.tolist() and len(r.worker) == 100
    assert stats.aggregate(['a', 'b'], ['x', 'x'], [10, 20], 'majority').label.tolist() == [10, 20]


def test_the_order_of_the_classes_breaks_ties_and_is_the_callers():
    ties = ['t', 't'], ['x', 'y'], ['cat', 'dog']
    assert stats.aggregate(*ties, 'majority').label[0] == 'cat'
    r = stats.aggregate(*ties, 'majority', classes=['dog', 'cat', 'eel'])
    assert r.label[0] == 'dog' and r.tied[0] and r.posterior.shape == (1, 3)
    assert stats.aggregate(*ties, 'majority', ties='undecided').label[0] is None


@pytest.mark.parametrize('none', [None, float('nan'), ''])
def test_an_empty_label_is_no_answer(none):
    r = stats.aggregate(['a', 'a', 'b'], ['x', 'y', 'x'], np.array(['cat', none, none], object), 'majority')
    assert r.label.tolist() == ['cat', None] and r.classes.tolist() == ['cat']
    assert stats.Votes(['a', 'b'], ['x', 'x'], np.array(['cat', none], object)).abstained == 1


def test_missing_numbers_are_no_answers_and_whole_numbers_stay_whole():
    r = stats.aggregate([1, 1, 2], [1, 2, 1], np.array([3, np.nan, 4]), 'majority')
    assert r.label.tolist() == [3, 4] and r.label.dtype.kind == 'i'
    m = np.ma.masked_array([3, 9, 4], [0, 1, 0])
    assert stats.aggregate([1, 1, 2], [1, 2, 1], m, 'majority').label.tolist() == [3, 4]


def test_gold_may_be_a_mapping_columns_or_ids():
    columns = ['a', 'b', 'b'], ['x', 'x', 'y'], ['n', 'n', 'y']
    for gold in ({'b': 'y', 'zzz': 'n'}, (['b'], ['y']), np.array([65535, 1], np.uint16), [None, 'y']):
        r = stats.aggregate(*columns, 'gold-majority', gold=gold, clamp_gold=True)
        assert r.label.tolist() == ['n', 'y'] and r.known.tolist() == [False, True]
    with pytest.raises(stats.AnnotaryError, match="gold 'q' is not known"):
        stats.aggregate(*columns, 'gold-majority', gold={'b': 'q'})


def test_many_classes_are_sparse_and_mean_the_same():
    c = stats.synth_crowd(300, 5, 200, 30, seed=2)
    r = stats.aggregate(c.task, c.worker, c.label, 'dawid-skene', classes=200, tasks=301)
    assert r.sparse[0].ctypes.data == r._r.q_start
    for t in (0, 7, 299, 300):
        near(r.posterior[t], [r_q(r, t, k) for k in range(200)], 1e-12)
    near(r.posterior.sum(1), np.ones(301), 1e-9)
    near(r.confidence, r.posterior.max(1), 1e-12)


def r_q(r, task, k):
    return _load.lib.as_q(r._owner.pointer, task, k)


def test_certainty_is_that_of_single_tasks():
    r = crowd(method='wawa')
    for t in range(0, 200, 17):
        assert r.confidence[t] == _load.lib.as_confidence(r._owner.pointer, t) == r.posterior[t].max()
        assert r.margin[t] == _load.lib.as_margin(r._owner.pointer, t)
        assert r.entropy[t] == _load.lib.as_entropy(r._owner.pointer, t)


def test_a_table_of_pandas_is_taken_and_given():
    pandas = pytest.importorskip('pandas')
    table = pandas.DataFrame({'label': ['cat', 'cat', None], 'task': ['a', 'b', 'b'], 'worker': ['x', 'x', 'y'],
                              'weight': [1, 2, 3]})
    r = stats.aggregate(table, method='majority')
    assert r.to_frame().values.tolist() == [['a', 'cat', 1.0], ['b', 'cat', 1.0]]
    assert stats.aggregate(table['task'], table['worker'], table['label'], 'majority').label.tolist() == ['cat', 'cat']
    assert stats.agree(pandas.DataFrame({'task': [1, 1, 2, 2], 'worker': [1, 2, 1, 2], 'label': list('abaa')}),
                       method='percent').observed == .5
    with pytest.raises(stats.AnnotaryError, match="no column 'worker'"):
        stats.aggregate(table.drop(columns='worker'))


def test_pandas_is_not_needed():
    code = 'import sys; sys.modules["pandas"] = None; from annotary import stats; ' \
           'print(stats.aggregate([1], [1], ["a"]).label[0])'
    assert python(code).stdout.strip() == 'a'


# --- files ----------------------------------------------------------------------------------------

def test_votes_of_a_file_are_those_of_its_columns(tmp_path):
    rows = golden('aggregate/crowd.csv')
    want = stats.Votes(rows['task'].astype(str), rows['worker'].astype(str), rows['label'].astype(str))
    votes = stats.Votes.read(f'{TOP}/tests/golden/stats/aggregate/crowd.csv', gold={'0': '1'})
    assert (votes.kept, len(votes.task), len(votes.worker), votes.classes.tolist()) == \
        (want.kept, len(want.task), len(want.worker), want.classes.tolist())
    one, two = stats.aggregate(want, method='majority'), \
        stats.aggregate(votes, method='majority', clamp_gold=True)
    answer = dict(zip(one.task.tolist(), one.confidence))
    rest = two.task != '0'
    near(two.confidence[rest], [answer[t] for t in two.task[rest].tolist()], 1e-6)
    assert two.known.sum() == 1


def test_packed_votes_come_back_as_they_were_and_lie_in_the_file(tmp_path):
    votes = stats.Votes([f'tä{t}' for t in BIG.task], BIG.worker, BIG.label)
    path = tmp_path / 'votes.packed'
    votes.write(path)
    again = stats.Votes.read(path)
    assert again.digest == votes.digest and (again.task == votes.task).all() and again.kept == votes.kept
    want = stats.aggregate(votes).posterior.tobytes()
    os.unlink(path)                             # the mapping stays
    gc.collect()
    assert stats.aggregate(again).posterior.tobytes() == want


def test_a_bad_row_of_a_file_is_named_with_its_line(tmp_path):
    for text, part in (('task,worker,label\na,b,c\na,b\n', 'line 3'), ('', 'empty'), ('task,label\n', 'worker')):
        (tmp_path / 'x.csv').write_text(text)
        with pytest.raises(stats.AnnotaryError, match=part):
            stats.Votes.read(tmp_path / 'x.csv')
    with pytest.raises(FileNotFoundError):
        stats.Votes.read(tmp_path / 'none.csv')
    (tmp_path / 'x.csv').write_text('task,worker,label\na,b,c\na,b,d\n')
    with pytest.raises(stats.AnnotaryError, match='task a, worker b'):
        stats.Votes.read(tmp_path / 'x.csv', duplicates='error')


# --- figures --------------------------------------------------------------------------------------

def test_the_same_bytes_whatever_the_number_of_threads():
    one, two = crowd(method='dawid-skene', threads=1), crowd(method='dawid-skene', threads=2)
    assert one.posterior.tobytes() == two.posterior.tobytes() and one.digest == two.digest
    assert one.trace.tobytes() == two.trace.tobytes()


def test_a_custom_distance_is_the_built_in_one_when_it_says_the_same():
    rows = golden('agree/ratings.csv')
    columns = rows['task'], rows['worker'], rows['label']
    want = stats.agree(*columns, 'alpha', distance='interval', rounds=0).value
    k = np.arange(4.0)
    for distance in (lambda a, b: (a - b) ** 2, (k[:, None] - k) ** 2):
        near(stats.agree(*columns, 'alpha', distance=distance, rounds=0).value, want)


def test_numbers_of_a_table_agree_with_the_same_answers():
    table = np.array([[1, 2, np.nan], [3, 3, 3], [2, 2, 1], [4, np.nan, 4]])
    unit, rater = np.nonzero(~np.isnan(table))
    for distance in ('nominal', 'ordinal', 'interval'):
        near(stats.agree_table(table, distance=distance, rounds=0).value,
             stats.agree(unit, rater, table[unit, rater], distance=distance, rounds=0).value)


def test_a_project_goes_live_and_stops_when_it_is_sure():
    s = stats.Online(2, 5, 3, stop={'most': 4, 'confidence': .9})
    assert s.read(0).ask == 'ask'
    for w in range(4):
        s.answer(0, w, 2)
    s.answer(1, 0, 1)
    s.answer(1, 0, None)
    s.refit()
    v = s.read(0)
    assert v.label == 2 and v.ask in ('sure', 'full') and v.confidence > .9 and abs(v.posterior.sum() - 1) < 1e-12
    assert s.worker(0).n == 1 and s.read(1).ask == 'ask'
    assert stats.gain([1.0, 0.0], .8) == 0 and stats.gain([.5, .5], .8) > .29
    near(stats.gold_skill(8, 10), 17 / 22)


def test_people_are_tested_and_asked_what_they_are_worth():
    assert (stats.sprt(30, 0), stats.sprt(0, 30), stats.sprt(1, 0)) == (1, -1, 0)
    assert stats.habit([50, 50], [.5, .5]).p > .9 and stats.habit([100, 0], [.5, .5]).p < 1e-6
    assert stats.hurry(0, 10, .1) == 1 and stats.hurry(9, 10, .1) < 1e-6
    p = stats.plan([[.5, .5], [1, 0], [.6, .4]], [1, 1, 2], [.9, .6], 2, taken=[[1, 0], [0, 0], [0, 0]])
    assert p.task.tolist().count(1) == 0 and (0, 0) not in zip(p.task.tolist(), p.person.tolist())
    assert (np.diff(p.gain) <= 1e-12).all() and len(p.task) >= 2 and not p.audit.any()


def test_every_method_says_what_it_is():
    for subject in ('aggregate', 'numeric', 'agree', 'rank', 'weak', 'merge', 'masks', 'text', 'tags', 'find'):
        for m in stats.methods(subject):
            assert m.id and m.title and m.about.count('.') >= 1, (subject, m)
    assert 'gold-majority' in [m.id for m in stats.methods() if m.needs_gold]


REAL = os.environ.get('ANNOTARY_TESTDATA', f'{TOP}/../shared') + '/data/categorical'


@pytest.mark.skipif(not os.path.isdir(REAL), reason='skipped: no real data')
@pytest.mark.parametrize('set_, method, accuracy', [('rte', 'dawid-skene', .92), ('bluebird', 'dawid-skene', .88),
                                                    ('dog', 'one-coin', .82), ('rte', 'mace', .92)])
def test_real_data_by_name_is_labelled_as_well_as_the_tables_say(set_, method, accuracy):
    import csv
    with open(f'{REAL}/{set_}/labels.csv') as f:
        task, worker, label = zip(*list(csv.reader(f))[1:])
    with open(f'{REAL}/{set_}/truth.csv') as f:
        truth = dict(list(csv.reader(f))[1:])
    r = stats.aggregate(task, worker, label, method)
    right = [a == truth[t] for t, a in zip(r.task, r.label) if t in truth]
    assert sum(right) / len(right) > accuracy


# --- errors ---------------------------------------------------------------------------------------

A, B = (['t', 't'], ['x', 'y'], ['c', 'd']), ([0, 0, 0], [1, 1, 2])
WRONG = {
    'no such method': (lambda: stats.aggregate(*A, 'dawid'), 'AS_ENOMETHOD', 'there are majority'),
    'an option out of range': (lambda: stats.aggregate(*A, threads=0), 'AS_EINVAL', ''),
    'a number that does not fit': (lambda: stats.aggregate(*A, threads=2 ** 40), '', 'threads'),
    'a text where a number is wanted': (lambda: stats.aggregate(*A, tol='small'), '', 'tol'),
    'needs gold': (lambda: stats.aggregate(*A, 'gold-majority'), 'AS_EUNFIT', ''),
    'twice': (lambda: stats.aggregate(list('tt'), list('xx'), list('ab'), duplicates='error'), 'AS_EDUPLICATE',
              'task t, worker x'),
    'columns of unlike length': (lambda: stats.aggregate(['t'], *A[1:]), '', 'worker has 2 rows'),
    'a weight that is no weight': (lambda: stats.aggregate(*A, weight=[1, np.nan]), 'AS_EINVAL', 'row 1'),
    'an unknown word': (lambda: stats.aggregate(*A, ties='highest'), '', 'lowest, undecided'),
    'no task': (lambda: stats.aggregate([None, 't'], *A[1:]), 'AS_EINVAL', 'the task is empty'),
    'mixed names': (lambda: stats.aggregate(np.array([1, 't'], object), *A[1:]), '', 'of one kind'),
    'a label that is none': (lambda: stats.aggregate(*A, classes=['c']), 'AS_EINVAL', "row 1: label 'd'"),
    'one class only': (lambda: stats.agree(*A[:2], ['c', 'c']), 'AS_EUNDEFINED', ''),
    'a set twice': (lambda: stats.aggregate_multi(list('tt'), list('xx'), [['a'], []], duplicates='error'),
                    'AS_EDUPLICATE', 'task t, worker x'),
    'no set': (lambda: stats.aggregate_multi(['t'], ['x'], [3]), '', 'not 3'),
    'sets without a label': (lambda: stats.aggregate_multi(['t'], ['x'], [None]), 'AS_EINVAL', 'classes'),
    'a number that is none': (lambda: stats.numeric([1], [1], [float('inf')]), 'AS_EINVAL', 'row 0'),
    'against itself': (lambda: stats.rank(['a'], ['a'], ['left']), 'AS_EINVAL', ''),
    'no outcome': (lambda: stats.rank(['a'], ['b'], ['maybe']), 'AS_EINVAL', 'left'),
    'a vote of halves': (lambda: stats.weak(np.array([[.5]])), '', 'whole numbers'),
    'a vote out of range': (lambda: stats.weak([[7]], classes=3), 'AS_EINVAL', ''),
    'probabilities of 2': (lambda: stats.confident_learning([0], [[2.0, 0]]), 'AS_EINVAL', ''),
    'a box of three': (lambda: stats.merge_boxes(['t'], ['x'], [[1, 2, 3]]), '', 'shape'),
    'a box inside out': (lambda: stats.merge_boxes(['t'], ['x'], [[9, 9, 3, 3]]), 'AS_EINVAL', ''),
    'masks of unlike size': (lambda: stats.merge_masks([1, 1], [1, 2], [np.eye(2) > 0, np.eye(3) > 0]), '', 'row 1'),
    'I without B': (lambda: stats.merge_tags([0], [0], ['I-X'], [1]), 'AS_EUNFIT', ''),
    'a crowd of nobody': (lambda: stats.synth_crowd(5, 5, 4, 4), 'AS_EINVAL', ''),
    'online out of range': (lambda: stats.Online(1, 1, 2).answer(1, 0, 0), 'AS_EINVAL', ''),
}


@pytest.mark.parametrize('case', WRONG)
def test_what_cannot_be_done_is_an_error_with_a_sentence(case):
    function, name, part = WRONG[case]
    with pytest.raises(stats.AnnotaryError) as e:
        function()
    assert e.value.name == name and part in str(e.value) and len(str(e.value)) > 20, repr(e.value)


def test_nothing_at_all_is_an_answer_or_a_clear_error():
    for function in (lambda: stats.aggregate([], [], []), lambda: stats.numeric([], [], []),
                     lambda: stats.rank([], [], []), lambda: stats.weak(np.empty((0, 0), np.int16)),
                     lambda: stats.merge_boxes([], [], np.empty((0, 4))), lambda: stats.merge_text([], [], []),
                     lambda: stats.merge_masks([], [], []), lambda: stats.merge_tags([], [], [], []),
                     lambda: stats.agree([], [], []), lambda: stats.lf_table(np.empty((0, 0), np.int16)),
                     lambda: stats.confident_learning([], np.empty((0, 2))),
                     lambda: stats.crowdlab([], [], [], np.empty((0, 2)), classes=2)):
        try:
            function()
        except stats.AnnotaryError as e:
            assert len(str(e)) > 15


# --- threads --------------------------------------------------------------------------------------

def test_other_threads_go_on_during_a_call():
    ticks, stop = [0], threading.Event()

    def tick():
        while not stop.is_set():
            ticks[0] += 1
            time.sleep(.0005)
    c = stats.synth_crowd(200000, 5, 4, 400, seed=5)
    votes = stats.Votes(c.task, c.worker, c.label)
    at = []
    thread = threading.Thread(target=tick)
    thread.start()
    before = ticks[0]
    stats.aggregate(votes, method='dawid-skene', tol=0, max_iter=60)
    at.append(ticks[0] - before)
    stop.set()
    thread.join()
    assert at[0] >= 5


def test_many_threads_work_on_one_set_of_votes():
    votes = stats.Votes(BIG.task, BIG.worker, BIG.label)
    want = stats.aggregate(votes).posterior.tobytes()
    got = [None] * 6

    def work(k):
        got[k] = stats.aggregate(votes).posterior.tobytes()
    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert got == [want] * 6


def test_progress_is_told_and_may_stop_a_method_and_may_raise():
    seen = []
    r = crowd(progress=lambda n, objective: seen.append((n, objective)))
    assert len(seen) >= r.iterations - 1 and not r.stopped and all(b >= a for (_, a), (_, b) in zip(seen, seen[1:]))
    r = crowd(progress=lambda n, objective: n >= 2)
    assert r.stopped and r.iterations <= 3

    def bad(n, objective):
        raise KeyError('mine')
    with pytest.raises(KeyError, match='mine'):
        crowd(progress=bad)
    with pytest.raises(ZeroDivisionError):
        stats.agree(['t', 't'], ['x', 'y'], ['c', 'd'], distance=lambda a, b: 1 / 0)


# --- the library ----------------------------------------------------------------------------------

def python(code, **env):
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                          env={**os.environ, 'PYTHONPATH': f'{TOP}/sdk/python', **env})
    return done


def test_every_struct_is_checked_against_the_library():
    fields = [f for s in _abi.STRUCTS for f in s._fields_]
    assert len(_abi.STRUCTS) > 60 and len(fields) > 500
    _load._check(_load.lib)


def test_a_struct_that_lies_otherwise_is_an_error_and_not_a_crash():
    code = ('from annotary import _abi; import ctypes\n'
            'class as_opts(ctypes.Structure): _fields_ = [("seed", ctypes.c_uint64), ("tol", ctypes.c_double)]\n'
            '_abi.STRUCTS = [as_opts if s.__name__ == "as_opts" else s for s in _abi.STRUCTS]\n'
            'from annotary import stats')
    done = python(code)
    assert done.returncode == 1 and 'struct as_opts' in done.stderr and 'Install the two together' in done.stderr


def test_a_library_that_is_not_there_or_not_ours_is_an_error():
    for path, part in (('/nowhere/x.so', 'Set ANNOTARY_STATS_LIB'), ('libm.so.6', 'no libannotary_stats')):
        done = python('from annotary import stats', ANNOTARY_STATS_LIB=path)
        assert done.returncode == 1 and part in done.stderr, done.stderr


def test_every_public_function_has_types_and_a_text():
    for name in stats.__all__:
        thing = getattr(stats, name)
        assert inspect.getdoc(thing), name
        if inspect.isfunction(thing):
            hints = typing.get_type_hints(thing)
            assert 'return' in hints and set(inspect.signature(thing).parameters) <= set(hints), name
    assert os.path.exists(f'{TOP}/sdk/python/annotary/py.typed')


def test_the_example_of_the_manual_runs(capsys):
    with open(f'{TOP}/docs/manual/python.md') as f:
        code = re.search(r'^```python\n(.*?)^```', f.read(), re.M | re.S).group(1)
    exec(code, {})
    out = capsys.readouterr().out
    assert 't1 cat' in out and "['a' 'b' 'c']" in out and 'majority --' in out


def test_the_page_of_the_manual_names_every_function():
    with open(f'{TOP}/docs/manual/python.md') as f:
        page = f.read()
    wanted = [n for n in stats.__all__ if inspect.isfunction(getattr(stats, n))]
    assert [n for n in wanted if f'`{n}`' not in page] == []


def test_the_wheel_installs_without_a_compiler_and_brings_the_library(tmp_path):
    done = subprocess.run([f'{TOP}/sdk/python/build', str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    wheel = done.stdout.split()[-1]
    names = zipfile.ZipFile(wheel).namelist()
    assert 'annotary/libannotary_stats.so.0' in names and 'annotary/_abi.py' in names and 'annotary/py.typed' in names
    done = subprocess.run([sys.executable, '-m', 'pip', 'install', '-q', '--no-deps', '--no-index',
                           '--disable-pip-version-check', '--target', str(tmp_path / 'site'), wheel],
                          capture_output=True, text=True, env={**os.environ, 'CC': 'false'})
    assert done.returncode == 0, done.stderr
    env = {k: v for k, v in os.environ.items() if k != 'ANNOTARY_STATS_LIB'}
    done = subprocess.run([sys.executable, '-c', 'from annotary import stats, _load; print(_load.lib._name); '
                           'print(stats.aggregate([1, 1], ["a", "b"], ["x", "x"]).label[0])'],
                          capture_output=True, text=True, cwd=tmp_path, env={**env, 'PYTHONPATH': str(tmp_path / 'site')})
    assert done.stdout.split() == [str(tmp_path / 'site/annotary/libannotary_stats.so.0'), 'x'], done.stderr
