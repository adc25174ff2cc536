"""aggregate, agree, rank, weak, merge: every method against its golden folder, and what goes wrong."""
import csv, io, json, os, re, subprocess
import xml.etree.ElementTree as xml
import pytest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
BIN = os.environ.get('ANNOTARY_BIN', os.path.join(TOP, 'build/annotary'))
GOLDEN = os.path.join(TOP, 'tests/golden/stats')
NO_PAPER = ('majority', 'gold-majority', 'mean', 'median')
csv.field_size_limit(1 << 24)
OK, FOUND, USAGE, REFUSED, IO = 0, 1, 2, 3, 74


def run(*argv, cwd=None, given=None):
    return subprocess.run([BIN, *map(str, argv)], cwd=cwd, input=given, capture_output=True, timeout=120)


def ok(*argv, **kw):
    r = run(*argv, **kw)
    assert r.returncode == OK, r.stderr.decode()
    return r.stdout.decode()


def refused(code, *argv, **kw):
    r = run(*argv, **kw)
    assert r.returncode == code, (r.returncode, r.stdout, r.stderr)
    return r.stderr.decode()


def rows(path):
    with open(path, newline='', encoding='utf-8') as f:
        return list(csv.DictReader(f))


def methods(command):
    return [m['id'] for m in json.loads(ok(command, '--list'))]


def same(got, want, where, tolerance=2e-9):
    """Two cells: words alike, numbers as near as they are written."""
    try:
        a, b = float(got), float(want)
    except ValueError:
        assert got == want, where
        return
    digits = len(want.split('.')[1]) if re.fullmatch(r'-?\d+\.\d+', want) else 9
    assert abs(a - b) <= max(tolerance, 1.01 * 10 ** -digits, 2e-9 * abs(b)), (where, got, want)


def compare(got, want, keys, unknown=(), tolerance=2e-9):
    """Every expected row is there, and says the same in the columns that both tables have."""
    key = lambda row: tuple(row[k] for k in keys)
    by = {key(r): r for r in got}
    assert len(by) == len(got), 'a key stands twice'
    for row in want:
        assert key(row) in by, (key(row), 'is missing')
        for column in set(row) & set(by[key(row)]):
            if column in unknown and row[column] == '':
                continue                        # the script that wrote the folder has no such figure
            same(by[key(row)][column], row[column], (key(row), column), tolerance)


# --- every method, every folder -------------------------------------------------------------------


NUMBERS = ('mean', 'median', 'trimmed', 'gaussian', 'catd', 'pm')


@pytest.mark.parametrize('folder', ['majority', 'dawid-skene', 'dawid-skene-apart'])
def test_aggregate_of_sets_equals_its_golden_folder(folder, tmp_path):
    ok('aggregate', f'{GOLDEN}/multi/input.csv', '--multi', '--method', folder.replace('-apart', ''),
       *['--per-class'] * folder.endswith('-apart'), '-o', tmp_path / 'out.csv', '--workers', tmp_path / 'workers.csv',
       '--posterior', tmp_path / 'posterior.csv', '--json', tmp_path / 'r.json')
    where = f'{GOLDEN}/multi/{folder}'
    compare(rows(tmp_path / 'out.csv'), rows(f'{where}/expected.csv'), ['task'], tolerance=1e-6)
    compare(rows(tmp_path / 'workers.csv'), rows(f'{where}/expected-workers.csv'), ['worker'], tolerance=1e-6)
    compare(rows(tmp_path / 'posterior.csv'), rows(f'{where}/expected-posterior.csv'), ['task', 'label'], tolerance=1e-6)
    report = json.load(open(tmp_path / 'r.json'))
    assert (report['classes'], report['per_class']) == (4, folder.endswith('-apart'))


def test_a_set_is_read_in_any_order_and_may_be_empty(tmp_path):
    (tmp_path / 's.csv').write_text('task,worker,label\n1,a,red; blue\n1,b,blue; red\n1,c,green\n2,a,\n2,b,\n2,c,red\n')
    said = ok('aggregate', 's.csv', '--multi', '--separator', '; ', '--method', 'majority', cwd=tmp_path)
    table = list(csv.DictReader(io.StringIO(said)))
    assert [(r['task'], r['label']) for r in table] == [('1', 'blue; red'), ('2', '')]
    assert all(abs(float(r['confidence']) - 2 / 3) < 1e-9 for r in table)
    named = ['aggregate', 's.csv', '--multi', '--separator', '; ', '--method', 'majority', '--classes']
    assert 'red; blue' in ok(*named, 'red,green,blue', cwd=tmp_path)
    assert '"green" is none of --classes' in refused(REFUSED, *named, 'red,blue', cwd=tmp_path)
    refused(REFUSED, 'aggregate', 's.csv', '--multi', '--method', 'majority', '--gold', 's.csv', cwd=tmp_path)
    refused(USAGE, 'aggregate', 's.csv', '--multi', '--method', 'mean', cwd=tmp_path)
    refused(USAGE, 'aggregate', 's.csv', '--separator', ';', '--method', 'majority', cwd=tmp_path)
    (tmp_path / 's.csv').write_text('task,worker,label\n1,a,x\n1,a,x|y\n2,a,\n')
    two = ['aggregate', 's.csv', '--multi', '--method', 'majority', '--duplicates']
    assert 'on lines 2 and 3' in refused(REFUSED, *two, 'error', cwd=tmp_path)
    assert ok(*two, 'last', cwd=tmp_path).splitlines()[1].startswith('1,x|y,')
    (tmp_path / 's.csv').write_text('task,worker,label\n1,a,\n')
    assert 'holds no label' in refused(REFUSED, 'aggregate', 's.csv', '--multi', '--method', 'majority', cwd=tmp_path)


@pytest.mark.parametrize('method', NUMBERS)
def test_aggregate_of_numbers_equals_its_golden_folder(method, tmp_path):
    folder = f'{GOLDEN}/aggregate/{method}'
    assert method in methods('aggregate')
    both = ['--numbers'] if os.path.exists(f'{folder}/answers.csv') else []
    ok('aggregate', f'{GOLDEN}/aggregate/numbers.csv', '--method', method, *both, '-o', tmp_path / 'out.csv',
       '--workers', tmp_path / 'workers.csv', '--json', tmp_path / 'r.json')
    compare(rows(tmp_path / 'out.csv'), rows(f'{folder}/numbers.csv'), ['task'])
    compare(rows(tmp_path / 'workers.csv'), rows(f'{folder}/numbers-workers.csv'), ['worker'])


@pytest.mark.parametrize('method', [m for m in methods('aggregate') if os.path.exists(f'{GOLDEN}/aggregate/{m}/answers.csv')])
def test_aggregate_equals_its_golden_folder(method, tmp_path):
    folder = f'{GOLDEN}/aggregate/{method}'
    source = folder if os.path.exists(f'{folder}/input.csv') else f'{GOLDEN}/aggregate'
    data = 'input.csv' if source == folder else 'crowd.csv'
    gold = ['--gold', 'gold.csv', '--use-gold'] if os.path.exists(f'{source}/gold.csv') else []
    ok('aggregate', data, '--method', method, *gold, '-o', tmp_path / 'out.csv', '--workers',
       tmp_path / 'workers.csv', '--json', tmp_path / 'report.json', cwd=source)
    compare(rows(tmp_path / 'out.csv'), rows(f'{folder}/answers.csv'), ['task'])
    compare(rows(tmp_path / 'workers.csv'), rows(f'{folder}/workers.csv'), ['worker'])
    for row in rows(tmp_path / 'workers.csv'):
        assert 0 <= float(row['lo']) <= float(row['skill']) <= float(row['hi']) <= 1
    report = json.load(open(tmp_path / 'report.json'))
    assert report['method'] == method and re.fullmatch('[0-9a-f]{16}', report['input']['digest'])


@pytest.mark.parametrize('method', methods('agree'))
def test_agree_equals_its_golden_folder(method, tmp_path):
    want = rows(f'{GOLDEN}/agree/{method}/expected.csv')
    data = 'spans.csv' if method in ('alpha-u', 'gamma') else 'ratings.csv'
    got = []
    for row in want:
        how = ['--distance' if method == 'alpha' else '--weights', row['option']] if row['option'] else []
        ok('agree', f'{GOLDEN}/agree/{data}', '--method', method, *how, '--rounds', 20, '-o', tmp_path / 'out.csv')
        got += rows(tmp_path / 'out.csv')
    if method == 'gamma':
        got = [{k: v for k, v in row.items() if k != 'units'} for row in got]   # alignments, not spans
    compare(got, want, ['option'], FIGURES)
    for row in got:
        assert row['method'] == method and float(row['lo']) <= float(row['value']) <= float(row['hi'])


FIGURES = ('value', 'observed', 'expected', 'se')


@pytest.mark.parametrize('method', methods('weak'))
def test_weak_equals_its_golden_folder(method, tmp_path):
    folder = f'{GOLDEN}/weak/{method}'
    data = f'{folder}/input.csv' if os.path.exists(f'{folder}/input.csv') else f'{GOLDEN}/weak/input.csv'
    ok('weak', data, '--method', method, '--tol', '1e-15', '--max-iter', 20000, '-o', tmp_path / 'out.csv', '--lfs', tmp_path / 'lfs.csv')
    compare(rows(tmp_path / 'out.csv'), rows(f'{folder}/expected.csv'), ['lf' if method == 'lf-table' else 'task'],
            tolerance=2e-7)
    if os.path.exists(f'{folder}/expected-lfs.csv'):
        compare(rows(tmp_path / 'lfs.csv'), rows(f'{folder}/expected-lfs.csv'), ['lf'], tolerance=5e-6)


@pytest.mark.parametrize('method', methods('rank'))
def test_rank_equals_its_golden_folder(method, tmp_path):
    folder = f'{GOLDEN}/rank/{method}'
    argv = ['--method', method, '--tol', '1e-14', '-o', tmp_path / 'out.csv', '--params', tmp_path / 'params.csv']
    if method == 'crowd-bt':
        argv += ['--workers', tmp_path / 'workers.csv']
    ok('rank', f'{GOLDEN}/rank/duels.csv', *argv)
    compare(rows(tmp_path / 'out.csv'), rows(f'{folder}/expected.csv'), ['item'], tolerance=2e-7)
    if os.path.exists(f'{folder}/expected-params.csv'):
        compare(rows(tmp_path / 'params.csv'), rows(f'{folder}/expected-params.csv'), ['name'], tolerance=2e-7)
    if method == 'crowd-bt':
        compare(rows(tmp_path / 'workers.csv'), rows(f'{folder}/expected-workers.csv'), ['worker'], tolerance=1e-6)
    if method == 'plackett-luce':
        ok('rank', f'{folder}/lists.csv', *argv)
        compare(rows(tmp_path / 'out.csv'), rows(f'{folder}/expected-lists.csv'), ['item'], tolerance=2e-7)
    ranks = [int(r['rank']) for r in rows(tmp_path / 'out.csv')]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize('method', [m['id'] for m in json.loads(ok('merge', 'text', '--list'))])
def test_merge_text_equals_its_golden_folder(method, tmp_path):
    folder = f'{GOLDEN}/merge/text'
    ok('merge', 'text', f'{folder}/input.csv', '--method', method, '--tol', 0, '-o', tmp_path / 'out.csv', '--workers',
       tmp_path / 'workers.csv')
    compare(rows(tmp_path / 'out.csv'), rows(f'{folder}/{method}/expected.csv'), ['task'], tolerance=1e-8)
    compare(rows(tmp_path / 'workers.csv'), rows(f'{folder}/{method}/workers.csv'), ['worker'])


@pytest.mark.parametrize('method', [m['id'] for m in json.loads(ok('merge', 'masks', '--list'))])
def test_merge_masks_equals_its_golden_folder(method, tmp_path):
    folder = f'{GOLDEN}/merge/masks'
    ok('merge', 'masks', f'{folder}/input.csv', '--method', method, '-o', tmp_path / 'out.csv', '--workers',
       tmp_path / 'workers.csv')
    compare(rows(tmp_path / 'out.csv'), rows(f'{folder}/{method}/expected.csv'), ['task'])
    compare(rows(tmp_path / 'workers.csv'), rows(f'{folder}/{method}/workers.csv'), ['worker'])


@pytest.mark.parametrize('shape', ['boxes', 'spans'])
@pytest.mark.parametrize('method', [m['id'] for m in json.loads(ok('merge', 'boxes', '--list'))])
def test_merge_regions_equals_its_golden_folder(shape, method, tmp_path):
    folder = f'{GOLDEN}/merge/{shape}'
    argv = ['merge', shape, f'{folder}/input.csv', '--method', method, '-o', tmp_path / 'out.csv']
    ok(*argv, '--all', '--workers', tmp_path / 'workers.csv')
    place = 'x0' if shape == 'boxes' else 'start'
    got, want = rows(tmp_path / 'out.csv'), rows(f'{folder}/{method}/expected.csv')
    for row in got + want:
        row['at'] = '%.2f' % float(row[place])
    compare(got, want, ['task', 'label', 'at'])
    assert len(got) == len(want)
    compare(rows(tmp_path / 'workers.csv'), rows(f'{folder}/{method}/workers.csv'), ['worker'])
    ok(*argv)
    assert len(rows(tmp_path / 'out.csv')) == sum(r['kept'] == '1' for r in want)


def test_help_and_list_name_the_same_methods_with_paper_and_three_sentences():
    for command in COMMANDS:
        text = ok(command, '--help')
        listed = json.loads(ok(command, '--list'))
        assert re.findall(r'^  ([a-z0-9-]+) -- ', text, re.M) == [m['id'] for m in listed]
        for m in listed:
            assert os.path.isdir(f'{GOLDEN}/{command}/{m["id"]}'), f'{command} {m["id"]} has no golden folder'
            assert len(re.findall(r'[.!?](?=\s|$)', m['about'])) >= 3, m['id']
            assert m['title'] and (m['paper'] or m['id'] in NO_PAPER)
            assert ' '.join(m['about'].split()) in ' '.join(text.split())


def test_every_verb_of_merge_has_a_golden_folder():
    verbs = re.findall(r'^  (\w+) ', ok('merge', '--help').split('Exit codes')[0], re.M)
    for verb in verbs:
        assert os.path.isdir(f'{GOLDEN}/merge/{verb}'), verb
        assert f'Usage: annotary merge {verb}' in ok('merge', verb, '--help')
    assert set(verbs) == {'boxes', 'masks', 'spans', 'text'}


COMMANDS = ['aggregate', 'agree', 'rank', 'weak']

# --- what comes in --------------------------------------------------------------------------------

PLAIN = 'task,worker,label\n' + ''.join(f't{t},w{w},{"yes" if (t + w) % 3 else "no"}\n' for t in range(9) for w in range(4))


@pytest.fixture
def here(tmp_path):
    (tmp_path / 'labels.csv').write_text(PLAIN)
    return tmp_path


def answers(here, text, *argv):
    (here / 'other.csv').write_bytes(text if isinstance(text, bytes) else text.encode())
    return ok('aggregate', 'other.csv', '--method', 'majority', *argv, cwd=here)


def test_line_ends_marks_quotes_and_column_order_change_nothing(here):
    plain = answers(here, PLAIN)
    assert answers(here, PLAIN.replace('\n', '\r\n')) == plain
    assert answers(here, b'\xef\xbb\xbf' + PLAIN.encode()) == plain
    assert answers(here, PLAIN.rstrip('\n')) == plain
    assert answers(here, re.sub(r'([^,\n]+)', r'"\1"', PLAIN)) == plain
    turned = ''.join(f'{l},x,{t},{w}\n' for t, w, l in (line.split(',') for line in PLAIN.split()))
    assert answers(here, turned.replace('x', 'note', 1)) == plain
    assert ok('aggregate', '-', '--method', 'majority', given=PLAIN.encode()) == plain


def test_the_order_of_a_tasks_rows_changes_not_one_byte(here):
    head, *lines = PLAIN.split('\n')[:-1]
    turned = sorted(lines, key=lambda l: (int(l[1]), -int(l.split(',')[1][1])))
    for method in ('dawid-skene', 'ebcc', 'auto'):
        argv = ['--method', method, '--workers', 'w.csv']
        (here / 'other.csv').write_text('\n'.join([head, *turned, '']))
        first = ok('aggregate', 'labels.csv', *argv, cwd=here), (here / 'w.csv').read_bytes()
        assert (ok('aggregate', 'other.csv', *argv, cwd=here), (here / 'w.csv').read_bytes()) == first


def test_names_of_every_alphabet_and_size_come_back(here):
    long = 'ü' * 300000
    text = f'task,worker,label\n日本,Ωμέγα,"a,b"\n日本,ann,"a,b"\n"two\nlines",ann,"say ""no"""\n{long},ann,"a,b"\n'
    out = list(csv.DictReader(io.StringIO(answers(here, text), newline='')))
    assert [r['task'] for r in out] == ['日本', 'two\nlines', long]
    assert [r['label'] for r in out] == ['a,b', 'say "no"', 'a,b']
    answers(here, text, '-o', 'out.json')
    assert [r['task'] for r in json.load(open(here / 'out.json'))] == ['日本', 'two\nlines', long]
    answers(here, text, '-o', 'out.jsonl')
    assert [json.loads(l)['label'] for l in open(here / 'out.jsonl')] == ['a,b', 'say "no"', 'a,b']


def test_bytes_that_are_no_text_still_give_json(here):
    answers(here, b'task,worker,label\n\xff\xfe\x01,w,x\n', '-o', 'out.json')
    assert json.load(open(here / 'out.json'))[0]['label'] == 'x'


def test_a_bad_row_is_named_with_its_line_and_nothing_is_written(here):
    bad = PLAIN + 'only,two\nt1,,yes\nt1,w1,yes,more\n'
    (here / 'bad.csv').write_text(bad)
    n = PLAIN.count('\n')
    said = refused(FOUND, 'aggregate', 'bad.csv', '--method', 'wawa', '-o', 'out.csv', cwd=here)
    assert [f'bad.csv line {n + k}: ' in said for k in (1, 2, 3)] == [True] * 3
    assert '3 rows of bad.csv cannot be used' in said and not (here / 'out.csv').exists()
    assert ok('aggregate', 'bad.csv', '--method', 'majority', '--skip-bad', cwd=here) == answers(here, PLAIN)
    (here / 'bad.csv').write_text(PLAIN + 'x\n' * 1000)
    said = refused(FOUND, 'aggregate', 'bad.csv', '--method', 'wawa', cwd=here)
    assert said.count('bad.csv line') == 20 and '… and 980 more rows' in said


@pytest.mark.parametrize('text, says', [
    ('', 'the file is empty'),
    ('task,worker,label\n', 'holds no label'),
    ('task,worker,label\na,b,\n', 'holds no label'),
    ('task,worker,answer\n1,2,3\n', 'line 1: the header has no such column: "label"'),
    ('TASK,worker,label\n1,2,3\n', 'the header has no such column: "task"'),
    ('"task,worker,label\n1,2,3\n', 'a quote is opened and never closed'),
    ('\xff\xfe', 'UTF-16'),
])
def test_a_file_of_no_use_is_refused_with_a_sentence(here, text, says):
    (here / 'x.csv').write_bytes(text.encode('latin-1'))
    assert says in refused(REFUSED, 'aggregate', 'x.csv', '--method', 'wawa', cwd=here)


def test_files_that_cannot_be_read_or_written_are_named(here):
    assert 'nowhere.csv' in refused(IO, 'aggregate', 'nowhere.csv', '--method', 'wawa', cwd=here)
    assert 'is a folder' in refused(IO, 'aggregate', '.', '--method', 'wawa', cwd=here)
    assert 'cannot be written' in refused(IO, 'aggregate', 'labels.csv', '--method', 'wawa', '-o', 'no/where.csv',
                                          cwd=here)
    assert refused(IO, 'aggregate', 'labels.csv', '--method', 'wawa', '-o', '/dev/full', cwd=here)
    said = refused(REFUSED, 'aggregate', 'labels.csv', '--method', 'wawa', '-o', './labels.csv', cwd=here)
    assert 'is what is read' in said
    assert (here / 'labels.csv').read_text() == PLAIN
    argv = ['aggregate', 'labels.csv', '--method', 'wawa', '--gold', 'gold.csv', '-o', 'o.csv', '--json', 'gold.csv']
    (here / 'gold.csv').write_text('task,label\nt1,yes\n')
    assert 'gold.csv is what is read' in refused(REFUSED, *argv, cwd=here)
    os.remove(here / 'gold.csv')
    assert sorted(os.listdir(here)) == ['labels.csv']


def test_a_method_is_asked_for_by_its_name(here):
    assert 'did you mean majority?' in refused(USAGE, 'aggregate', 'labels.csv', '--method', 'majorty', cwd=here)
    said = refused(USAGE, 'aggregate', 'labels.csv', '--method', 'xxxxxxxx', cwd=here)
    assert 'There are: majority' in said and 'did you mean' not in said
    refused(USAGE, 'aggregate', '--method', 'wawa')
    for bad in (['--prior', 'x'], ['--prior', '-1'], ['--tol', '2'], ['--level', '1'], ['--ties', 'maybe'],
                ['--max-iter', '-3'], ['--threads', 'many']):
        refused(USAGE, 'aggregate', 'labels.csv', '--method', 'wawa', *bad, cwd=here)


# --- options --------------------------------------------------------------------------------------

def test_duplicates_follow_the_option_and_error_names_both_lines(here):
    text = 'task,worker,label\n1,a,no\n1,b,yes\n1,a,yes\n1,c,no\n'
    label = lambda how: answers(here, text, '--duplicates', how).split('\n')[1].split(',')[1]
    assert label('last') == 'yes' and label('first') == 'no'
    answers(here, text)
    said = refused(REFUSED, 'aggregate', 'other.csv', '--method', 'wawa', '--duplicates', 'error', cwd=here)
    assert 'worker "a" answered task "1" more than once, on lines 2 and 4' in said
    timed = 'task,worker,label,time\n1,a,no,2024-01-02\n1,b,yes,1\n1,a,yes,2024-01-01\n1,c,no,3\n'
    assert answers(here, timed).split('\n')[1].startswith('1,no')


def test_ties_classes_and_priors(here):
    text = 'task,worker,label\n1,a,no\n1,b,yes\n'
    assert answers(here, text).split('\n')[1] == '1,no,0.5'
    assert answers(here, text, '--classes', 'yes,no').split('\n')[1] == '1,yes,0.5'
    assert answers(here, text, '--ties', 'undecided').split('\n')[1] == '1,,0.5'
    answers(here, text, '--ties', 'undecided', '-o', 'o.json')
    assert json.load(open(here / 'o.json')) == [{'task': '1', 'label': None, 'confidence': 0.5}]
    said = refused(FOUND, 'aggregate', 'other.csv', '--method', 'wawa', '--classes', 'yes,maybe', cwd=here)
    assert 'line 2: the label is none of the classes: "no"' in said
    assert answers(here, text, '--class-prior', 'yes=.9,no=.1').split('\n')[1].startswith('1,')
    for bad in ('yes=.9', 'yes=.9,no=0', 'yes=.9,maybe=.1', 'yes'):
        refused(REFUSED, 'aggregate', 'other.csv', '--method', 'wawa', '--class-prior', bad, cwd=here)


def test_gold_scores_and_is_used_only_when_asked(here):
    truth = 'task,label\n' + ''.join(f't{t},{"no" if t % 2 else "yes"}\n' for t in range(8)) + 'elsewhere,yes\n'
    (here / 'truth.csv').write_text(truth)
    plain = ok('aggregate', 'labels.csv', '--method', 'majority', cwd=here)
    r = run('aggregate', 'labels.csv', '--method', 'majority', '--gold', 'truth.csv', '--json', 'r.json', cwd=here)
    assert r.stdout.decode() == plain
    gold = json.load(open(here / 'r.json'))['gold']
    assert gold['tasks'] == 8 and gold['tasks_without_labels'] == 1
    assert f'Right on {gold["right"]} of 8 known tasks' in r.stderr.decode()
    used = ok('aggregate', 'labels.csv', '--method', 'majority', '--gold', 'truth.csv', '--use-gold', cwd=here)
    assert used == plain                            # majority learns nothing from them
    used = ok('aggregate', 'labels.csv', '--method', 'majority', '--gold', 'truth.csv', '--keep-gold', cwd=here)
    got = {r['task']: r for r in csv.DictReader(io.StringIO(used))}
    assert all(got[f't{t}']['label'] == ('no' if t % 2 else 'yes') for t in range(8))
    assert got['t3']['confidence'] == '1'
    assert 'needs known answers' in refused(REFUSED, 'aggregate', 'labels.csv', '--method', 'gold-majority', cwd=here)
    (here / 'truth.csv').write_text('task,label\nt1,yes\nt1,no\n')
    said = refused(FOUND, 'aggregate', 'labels.csv', '--method', 'majority', '--gold', 'truth.csv', cwd=here)
    assert 'truth.csv line 3: this task had another truth above' in said


def test_packed_labels_answer_as_the_csv_does_and_broken_ones_are_refused(here):
    (here / 'truth.csv').write_text('task,label\nt1,yes\nt2,no\n')
    out = ok('aggregate', 'labels.csv', '--pack', 'l.votes', cwd=here)
    assert '36 labels of 4 workers on 9 tasks' in out
    for method in ('majority', 'dawid-skene'):
        argv = ['--method', method, '--gold', 'truth.csv', '--json']
        a = ok('aggregate', 'labels.csv', *argv, 'a.json', cwd=here)
        assert ok('aggregate', 'l.votes', *argv, 'b.json', cwd=here) == a
        a, b = (json.load(open(here / f)) for f in ('a.json', 'b.json'))
        assert a['input']['digest'] == b['input']['digest'] and a['gold'] == b['gold']
    whole = (here / 'l.votes').read_bytes()
    (here / 'x.votes').write_bytes(whole[:-64])
    assert 'cut short' in refused(REFUSED, 'aggregate', 'x.votes', '--method', 'wawa', cwd=here)
    at = 128 + 64                                   # the first worker
    (here / 'x.votes').write_bytes(whole[:at] + b'\xff' + whole[at + 1:])
    refused(REFUSED, 'aggregate', 'x.votes', '--method', 'wawa', cwd=here)
    assert 'settled' in refused(REFUSED, 'aggregate', 'l.votes', '--method', 'wawa', '--duplicates', 'all', cwd=here)


def test_the_same_seed_gives_the_same_bytes_whatever_the_threads(here):
    for method in methods('aggregate'):
        if method == 'gold-majority':
            continue
        first = run('aggregate', 'labels.csv', '--method', method, '--seed', '5', '--threads', '1', cwd=here)
        again = run('aggregate', 'labels.csv', '--method', method, '--seed', '5', '--threads', '3', cwd=here)
        assert (first.returncode, first.stdout) == (again.returncode, again.stdout)


def test_posterior_and_confusions_are_whole(here):
    ok('aggregate', 'labels.csv', '--method', 'dawid-skene', '-o', 'o.csv', '--posterior', 'q.csv', '--confusions',
       'c.csv', cwd=here)
    q = rows(here / 'q.csv')
    assert len(q) == 18
    for t in {r['task'] for r in q}:
        assert abs(sum(float(r['probability']) for r in q if r['task'] == t) - 1) < 1e-6
    c = rows(here / 'c.csv')
    assert len(c) == 16 and abs(sum(float(r['probability']) for r in c) - 8) < 1e-6
    assert 'no confusion tables' in refused(REFUSED, 'aggregate', 'labels.csv', '--method', 'majority', '-o', 'o.csv',
                                            '--confusions', 'c.csv', cwd=here)


def test_numbers_are_scored_by_their_error_and_have_no_classes(here):
    (here / 'n.csv').write_text('task,worker,label\n1,a,2\n1,b,4\n2,a,-1e1\n2,b,\n')
    (here / 't.csv').write_text('task,label\n1,4\n2,-10\n')
    r = run('aggregate', 'n.csv', '--method', 'mean', '--gold', 't.csv', cwd=here)
    assert [l.split(',')[:2] for l in r.stdout.decode().split()] == [['task', 'label'], ['1', '3'], ['2', '-10']]
    assert 'On 2 known tasks: mean error 0.5000, root mean square 0.7071, correlation 1.0000' in r.stderr.decode()
    refused(FOUND, 'aggregate', 'labels.csv', '--method', 'median', cwd=here)
    refused(REFUSED, 'aggregate', 'n.csv', '--method', 'mean', '--classes', 'a,b', cwd=here)
    refused(USAGE, 'aggregate', 'n.csv', '--method', 'glad', '--numbers', cwd=here)
    (here / 'n.csv').write_text('task,worker,label\n1,a,2\n1,a,4\n')
    assert 'on lines 2 and 3' in refused(REFUSED, 'aggregate', 'n.csv', '--method', 'mean', '--duplicates', 'error', cwd=here)


def test_the_label_of_least_cost_is_the_answer(here):
    text = 'task,worker,label\n1,a,no\n1,b,no\n1,c,yes\n'
    assert answers(here, text).split('\n')[1].startswith('1,no')
    (here / 'c.csv').write_text('label,truth,cost\nno,yes,10\nyes,no,1\n')
    assert answers(here, text, '--cost', 'c.csv').split('\n')[1].startswith('1,yes')
    (here / 'c.csv').write_text('label,truth,cost\nno,perhaps,10\n')
    said = refused(REFUSED, 'aggregate', 'other.csv', '--method', 'majority', '--cost', 'c.csv', cwd=here)
    assert 'cannot be used' in said
    assert answers(here, text, '--cost', 'distance').split('\n')[1].startswith('1,no')


# --- agree ----------------------------------------------------------------------------------------

def test_agree_gives_all_that_fits_and_every_pair(here):
    table = list(csv.DictReader(io.StringIO(ok('agree', 'labels.csv', '--pairs', 'pairs.csv', cwd=here))))
    assert [r['method'] for r in table] == [m for m in methods('agree') if m not in ('alpha-u', 'gamma')]
    pairs = rows(here / 'pairs.csv')
    assert len(pairs) == 3 * 6 and {r['method'] for r in pairs} == {'percent', 'cohen', 'scott'}


def test_gamma_gives_its_categories_and_gamma_cat(tmp_path):
    ok('agree', f'{GOLDEN}/agree/spans.csv', '--method', 'gamma', '--rounds', 0, '-o', tmp_path / 'o.csv', '--parts', tmp_path / 'p.csv')
    parts = rows(tmp_path / 'p.csv')
    assert [(r['method'], r['category']) for r in parts] == [('gamma', 'x'), ('gamma', 'y'), ('gamma', 'z'), ('gamma-cat', ''),
                                                             ('gamma-cat-pure', '')]
    assert all(-1 <= float(r['value']) <= 1 for r in parts)


def test_agree_orders_numbers_as_numbers_and_reads_sets(here):
    (here / 'n.csv').write_text('task,worker,label\n' + ''.join(f'{t},{w},{t + (t + w) % 2 + 8}\n' for t in range(9) for w in range(3)))
    value = lambda *argv: float(list(csv.DictReader(io.StringIO(ok('agree', 'n.csv', '--rounds', 0, *argv, cwd=here))))[0]['value'])
    assert value('--method', 'alpha', '--distance', 'interval') > value('--method', 'alpha') + .3
    (here / 'n.csv').write_text('task,worker,label\n1,a,x|y\n1,b,y|x\n2,a,z\n2,b,z|x\n3,a,q\n3,b,q\n')
    assert value('--method', 'alpha', '--distance', 'masi') > value('--method', 'alpha') + .2


def test_a_judge_is_compared_with_people(here):
    said = run('agree', 'labels.csv', '--method', 'percent', '--judge', 'w0', '--bound', '.1', cwd=here).stderr.decode()
    assert said.startswith('w0 agrees with people in ') and 'to be trusted at 10 %' in said
    said = run('agree', 'labels.csv', '--method', 'percent', '--judge', 'w0', cwd=here).stderr.decode()
    assert 'not shown to be trusted at 80 %' in said
    refused(REFUSED, 'agree', 'labels.csv', '--judge', 'nobody', cwd=here)


def test_agree_names_what_it_cannot_do(here):
    (here / 'one.csv').write_text('task,worker,label\n1,a,x\n1,b,x\n')
    assert 'does not exist' in refused(REFUSED, 'agree', 'one.csv', '--method', 'alpha', cwd=here)
    (here / 's.csv').write_text('annotator,category,start,end\na,x,0,1\nb,x,1,x\nb,x,3,2\n')
    said = refused(FOUND, 'agree', 's.csv', '--method', 'alpha-u', cwd=here)
    assert 's.csv line 3: the end is no number: "x"' in said and 'line 4: the end lies before the start' in said
    refused(REFUSED, 'agree', 'labels.csv', '--method', 'alpha-u', cwd=here)
    refused(USAGE, 'agree', 'labels.csv', '--weights', 'square', cwd=here)
    refused(USAGE, 'agree', 'labels.csv', '--method', 'kappa', cwd=here)


# --- weak -----------------------------------------------------------------------------------------

VOTES = 'task,lf0,lf1,lf2,label\n' + ''.join(f'r{t},{t % 2},{t % 2 if t % 5 else 1 - t % 2},{-1 if t % 3 else t % 2},{t % 2 if t % 3 == 0 else ""}\n' for t in range(40))


def test_weak_labels_other_rows_with_the_model_learned(here):
    (here / 'v.csv').write_text(VOTES)
    (here / 'w.csv').write_text('lf0,lf1,lf2\n1,1,-1\n0,0,0\n-1,-1,-1\n')
    out = ok('weak', 'v.csv', '--method', 'metal', '-o', 'o.csv', cwd=here)
    assert 'Right on 14 of 14 rows' in out
    ok('weak', 'v.csv', '--method', 'metal', '--apply', 'w.csv', '-o', 'o.csv', '--lfs', 'lfs.csv', cwd=here)
    assert [r['label'] for r in rows(here / 'o.csv')] == ['1', '0', '']
    assert [r['task'] for r in rows(here / 'o.csv')] == ['0', '1', '2']
    assert len(rows(here / 'lfs.csv')) == 3


def test_weak_names_bad_rows_and_bad_options(here):
    (here / 'v.csv').write_text(VOTES + 'x,7.5,0,0,\ny,0,-2,0,\nz,0,0,0,no\nr1,0,0,0,\n')
    said = refused(FOUND, 'weak', 'v.csv', '--method', 'majority', cwd=here)
    assert [f'v.csv line {n}: ' in said for n in (42, 43, 44, 45)] == [True] * 4
    ok('weak', 'v.csv', '--method', 'majority', '--skip-bad', cwd=here)
    assert 'there is none' in refused(REFUSED, 'weak', 'labels.csv', '--method', 'majority', cwd=here)
    (here / 'v.csv').write_text(VOTES)
    refused(REFUSED, 'weak', 'v.csv', '--method', 'majority', '--balance', '.5', cwd=here)
    refused(USAGE, 'weak', 'v.csv', cwd=here)
    refused(USAGE, 'weak', 'v.csv', '--method', 'snorkel', cwd=here)


# --- rank -----------------------------------------------------------------------------------------

PAIRS = 'worker,left,right,label\n' + ''.join(f'j{k % 3},{a},{b},{a if (k * 7 + ord(b)) % 5 else "tie" if k % 2 else b}\n' for k in range(12) for a, b in ('ab', 'bc', 'ac', 'ca'))


def test_rank_puts_the_best_first_and_tells_what_it_cannot_compare(here):
    (here / 'p.csv').write_text(PAIRS + 'j0,x,y,x\n')
    out = ok('rank', 'p.csv', '--method', 'bt', '-o', 'o.csv', '--json', 'r.json', cwd=here)
    assert '2 parts that were never compared' in out
    table = rows(here / 'o.csv')
    assert {r['item'] for r in table} == set('abcxy') and [r['note'] for r in table if r['item'] in 'xy'] == ['not connected'] * 2
    assert json.load(open(here / 'r.json'))['parts'] == 2
    (here / 'p.csv').write_text(PAIRS)
    assert ok('rank', 'p.csv', '--method', 'elo', cwd=here).startswith('item,rank,rank_lo,rank_hi,score,')


def test_rank_scores_other_comparisons_and_leaves_strangers_out(here):
    (here / 'p.csv').write_text(PAIRS)
    (here / 'q.csv').write_text('left,right,label\na,c,a\nb,c,tie\nc,z,z\nc,a,a\n')
    out = ok('rank', 'p.csv', '--method', 'bt-davidson', '--home', '--test', 'q.csv', '-o', 'o.csv', '--params', 'k.csv', cwd=here)
    assert 'On 2 comparisons of q.csv' in out and '1 of its rows' in out
    assert [r['name'] for r in rows(here / 'k.csv')] == ['home', 'nu']


def test_rank_takes_style_out(here):
    text = 'left,right,label,left_length,right_length\n' + ''.join(f'{a},{b},{a if k % 3 else b},{10 + k % 3},{11 - k % 2}\n' for k in range(30) for a, b in ('ab', 'bc', 'ca'))
    (here / 'p.csv').write_text(text)
    ok('rank', 'p.csv', '--method', 'bt', '--style', '-o', 'o.csv', '--params', 'k.csv', cwd=here)
    assert [r['name'] for r in rows(here / 'k.csv')] == ['style length']
    (here / 'p.csv').write_text(PAIRS)
    assert 'there is none' in refused(REFUSED, 'rank', 'p.csv', '--method', 'bt', '--style', cwd=here)


def test_rank_names_bad_rows(here):
    (here / 'p.csv').write_text(PAIRS + 'j,a,a,a\nj,a,b,c\nj,,b,b\n')
    n = PAIRS.count('\n')
    said = refused(FOUND, 'rank', 'p.csv', '--method', 'bt', cwd=here)
    assert f'line {n + 1}: an item stands against itself: "a"' in said
    assert f'line {n + 2}: the label is neither of the two, nor tie: "c"' in said
    assert f'line {n + 3}: an item has no name' in said
    (here / 'p.csv').write_text('list,place,item\n1,1,a\n1,1,b\n1,2,a\n1,x,c\n')
    said = refused(FOUND, 'rank', 'p.csv', '--method', 'plackett-luce', cwd=here)
    assert 'line 3: this place of the list is taken' in said and 'line 4: the item stands in this list already' in said
    (here / 'p.csv').write_text('left,right,label,period\na,b,a,1\na,b,a,2\na,b,a,1\n')
    assert 'line 4: this period was over' in refused(FOUND, 'rank', 'p.csv', '--method', 'glicko2', cwd=here)
    assert 'no such column: "left"' in refused(REFUSED, 'rank', 'labels.csv', '--method', 'bt', cwd=here)
    (here / 'p.csv').write_text('left,right,label\na,b,a\n')
    refused(REFUSED, 'rank', 'p.csv', '--method', 'crowd-bt', cwd=here)


# --- pictures -------------------------------------------------------------------------------------

def test_pictures_are_whole_svg_with_words_for_those_who_do_not_see_them(here):
    (here / 'truth.csv').write_text('task,label\nt1,yes\nt2,no\nt3,yes\n')
    (here / 'p.csv').write_text(re.sub(r'\ba\b', '&lt;<a>', PAIRS))
    (here / 'many.csv').write_text('task,worker,label\n' + ''.join(f't{t},w{w},{(t + w) % 2}\n' for t in range(5) for w in range(70)))
    for argv in (['aggregate', 'labels.csv', '--method', 'dawid-skene', '--gold', 'truth.csv'],
                 ['aggregate', 'many.csv', '--method', 'majority'], ['rank', 'p.csv', '--method', 'bt'],
                 ['agree', 'labels.csv', '--rounds', 0], ['agree', 'labels.csv', '--method', 'bp']):
        ok(*argv, '-o', 'o.csv', '--plot', 'plot.svg', cwd=here)
        text = (here / 'plot.svg').read_text()
        svg = xml.fromstring(text)
        tag = lambda e: e.tag.split('}')[1]
        assert tag(svg) == 'svg' and svg.get('role') == 'img'
        assert [tag(e) for e in svg][:2] == ['title', 'desc'] and len(svg[1].text) > 40
        assert 'prefers-color-scheme:dark' in text and 'nan' not in text and 'inf"' not in text
        dots = [e for e in svg.iter() if tag(e) == 'circle']
        assert dots and all(0 <= float(d.get('cx')) <= 760 for d in dots)


# --- merge ----------------------------------------------------------------------------------------

def test_who_drew_nothing_counts_against_the_others(here):
    two = 'task,worker,x0,y0,x1,y1\n1,a,0,0,10,10\n1,b,1,0,10,10\n'
    existence = lambda text, *argv: float(((here / 'b.csv').write_text(text), list(csv.DictReader(io.StringIO(
        ok('merge', 'boxes', 'b.csv', '--all', *argv, cwd=here)))))[1][0]['existence'])
    assert existence(two + '1,c,,,,\n1,d,,,,\n1,e,,,,\n') < existence(two) - .1
    (here / 'w.csv').write_text('worker,n,skill,lo,hi\na,1,.9,0,1\nb,1,.9,0,1\n')
    assert existence(two, '--weights', 'w.csv') > 0


def test_masks_need_the_size_of_their_picture(here):
    (here / 'm.csv').write_text('task,worker,rle\n1,a,5 2 2 2\n1,b,5 2 2 2\n1,c,5 2 3 1\n')
    refused(FOUND, 'merge', 'masks', 'm.csv', cwd=here)
    assert '1,5 2 2 2 ' in ok('merge', 'masks', 'm.csv', '--width', 4, '--height', 4, '--method', 'majority', cwd=here)
    (here / 'm.csv').write_text('task,worker,rle\n1,a,5 2 2 20\n1,b,5 -2 2 2\n1,c,\n2,d,5 x\n')
    said = refused(FOUND, 'merge', 'masks', 'm.csv', '--width', 4, '--height', 4, cwd=here)
    assert [f'm.csv line {n}: a mask is whole numbers' in said for n in (2, 3, 4, 5)] == [True, True, False, True]


def test_merge_names_bad_rows(here):
    (here / 'b.csv').write_text('task,worker,start,end\n1,a,0,x\n1,b,5,2\n1,c,,4\n,c,1,2\n')
    said = refused(FOUND, 'merge', 'spans', 'b.csv', cwd=here)
    assert [f'b.csv line {n}: ' in said for n in (2, 3, 4, 5)] == [True] * 4
    assert 'no such column: "x0"' in refused(REFUSED, 'merge', 'boxes', 'b.csv', cwd=here)
    refused(USAGE, 'merge', 'circles', 'b.csv', cwd=here)
    refused(USAGE, 'merge', 'text', 'b.csv', '--method', 'ravor', cwd=here)
    refused(REFUSED, 'merge', 'text', 'b.csv', cwd=here)
