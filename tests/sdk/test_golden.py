"""Every golden folder of the C library, through Python: the figures must be the same."""
import csv
import os
import numpy as np
import pytest
from annotary import stats
from table import GOLDEN, golden, near

TAGS = ['B-LOC', 'B-PER', 'I-LOC', 'I-PER', 'O']


def ids(subject):
    return [m.id for m in stats.methods(subject)]


def has(folder):
    return os.path.isdir(f'{GOLDEN}/{folder}')


@pytest.mark.parametrize('method', [m for m in ids('aggregate') if has(f'aggregate/{m}')])
def test_a_method_for_classes_equals_its_golden_folder(method):
    own = os.path.exists(f'{GOLDEN}/aggregate/{method}/input.csv')
    rows, gold = golden(f'aggregate/{method}/input.csv' if own else 'aggregate/crowd.csv'), golden('aggregate/gold.csv')
    classes = 2 if own else 4
    r = stats.aggregate(rows['task'], rows['worker'], rows['label'], method, classes=classes, tasks=60, workers=20,
                        gold=(gold['task'], gold['label'] % classes))
    want, workers = golden(f'aggregate/{method}/answers.csv'), golden(f'aggregate/{method}/workers.csv')
    at = want['task']
    assert (r.label_id[at] == want['label']).all() and (r.tied[at] == want['tied']).all()
    near(r.confidence[at], want['confidence'])
    assert r.label[59] is None and r.label_id[59] == 65535
    assert (r.workers['n'] == workers['n']).all()
    near(r.workers['weight'], workers['weight'])
    near(r.posterior.sum(1), np.ones(60), 1e-12)
    assert (r.workers['lo'] <= r.workers['skill']).all() and (r.workers['skill'] <= r.workers['hi']).all()


@pytest.mark.parametrize('method', [m for m in ids('numeric') if has(f'aggregate/{m}')])
def test_a_method_for_numbers_equals_its_golden_folder(method):
    rows = golden('aggregate/numbers.csv')
    want, workers = golden(f'aggregate/{method}/numbers.csv'), golden(f'aggregate/{method}/numbers-workers.csv')
    r = stats.numeric(rows['task'], rows['worker'], rows['label'], method, tasks=int(max(want['task'])) + 1,
                      workers=len(workers['n']))
    near(r.value[want['task']], want['label'])
    near(r.error[want['task']], want['error'])
    assert (r.workers['n'] == workers['n']).all()
    for what in ('bias', 'spread', 'weight'):
        near(r.workers[what], workers[what])


@pytest.mark.parametrize('folder', ['majority', 'dawid-skene', 'dawid-skene-apart'])
def test_sets_of_labels_equal_their_golden_folder(folder):
    with open(f'{GOLDEN}/multi/input.csv', newline='') as f:
        rows = list(csv.DictReader(f))
    with open(f'{GOLDEN}/multi/{folder}/expected.csv', newline='') as f:
        want = list(csv.DictReader(f))
    r = stats.aggregate_multi([int(x['task']) for x in rows], [int(x['worker']) for x in rows],
                              [x['label'] for x in rows], folder.replace('-apart', ''), per_class='apart' in folder)
    assert ['|'.join(s) for s in r.labels] == [x['label'] for x in want] and list(r.classes) == list('abcd')
    near(r.confidence, [float(x['confidence']) for x in want], 1e-6)
    near(r.posterior.ravel(), golden(f'multi/{folder}/expected-posterior.csv')['probability'], 1e-6)
    near(r.workers['skill'], golden(f'multi/{folder}/expected-workers.csv')['skill'], 1e-6)


@pytest.mark.parametrize('method', [m for m in ids('agree') if m not in ('alpha-u', 'gamma') and has(f'agree/{m}')])
def test_an_agreement_figure_equals_its_golden_folder(method):
    rows, want = golden('agree/ratings.csv'), golden(f'agree/{method}/expected.csv')
    votes = stats.Votes(rows['task'], rows['worker'], rows['label'])
    for k, option in enumerate(want['option'].tolist()):
        a = stats.agree(votes, method=method, rounds=0, **{'distance' if method == 'alpha' else 'weights': option})
        for what in ('value', 'observed', 'expected', 'se', 'units', 'raters', 'values'):
            if not np.isnan(want[what][k]):
                near(getattr(a, what), want[what][k])
        assert float(a) == a.value


@pytest.mark.parametrize('method', ['alpha-u', 'gamma'])
def test_agreement_on_spans_equals_its_golden_folder(method):
    s, want = golden('agree/spans.csv'), golden(f'agree/{method}/expected.csv')
    a = stats.agree_spans(s['annotator'], s['category'], s['start'], s['end'], method, rounds=0)
    for what in ('value', 'observed', 'expected'):
        if what in want and want[what].dtype.kind == 'f' and not np.isnan(want[what][0]):
            near(getattr(a, what), want[what][0])


@pytest.mark.parametrize('method', [m for m in ids('rank') if has(f'rank/{m}')])
def test_a_ranking_equals_its_golden_folder(method):
    d, want = golden('rank/duels.csv'), golden(f'rank/{method}/expected.csv')
    said = [{l: 'left', r: 'right'}.get(w, 'tie') if w != 'tie' else 'tie'
            for l, r, w in zip(d['left'].astype(str), d['right'].astype(str), d['label'].astype(str))]
    r = stats.rank(d['left'], d['right'], said, method, judge=d['worker'],
                   period=d['period'], tol=1e-14, max_iter=5000)
    near(r.item['theta'], want['theta'], 2e-6)
    near(r.item['se'], want['se'], 2e-6)
    assert (r.item['rank'] == want['rank']).all()
    assert list(r.order()[:1]) == [want['item'][want['rank'] == 1][0]]
    if os.path.exists(f'{GOLDEN}/rank/{method}/expected-params.csv'):
        p = golden(f'rank/{method}/expected-params.csv')
        near([r.params[n][0] for n in p['name'].tolist()], p['value'], 2e-6)
    if method == 'crowd-bt':
        near(r.judge['quality'], golden('rank/crowd-bt/expected-workers.csv')['quality'], 2e-6)


def test_lists_equal_the_golden_folder_of_plackett_luce():
    rows, want = golden('rank/plackett-luce/lists.csv'), golden('rank/plackett-luce/expected-lists.csv')
    lists = [rows['item'][rows['list'] == l] for l in np.unique(rows['list'])]
    r = stats.rank(None, None, None, 'plackett-luce', lists=lists, items=len(want['item']))
    near(r.item['theta'], want['theta'], 2e-6)
    near(r.item['se'], want['se'], 2e-6)


def matrix(rows):
    votes = np.column_stack([rows[c] for c in rows if c.startswith('lf')]).astype(np.int16)
    return votes, rows['label']


@pytest.mark.parametrize('method', [m for m in ids('weak') if m != 'lf-table'])
def test_a_label_model_equals_its_golden_folder(method):
    votes, gold = matrix(golden('weak/input.csv'))
    r = stats.weak(votes, method, gold=gold, tol=1e-15, max_iter=5000)
    want, lfs = golden(f'weak/{method}/expected.csv'), golden(f'weak/{method}/expected-lfs.csv')
    label = np.where(np.isnan(want['label'].astype(float)), -1, want['label'])
    assert (r.label == label).all()
    near(r.confidence, want['confidence'], 2e-7)
    assert (r.lf['votes'] == lfs['n']).all()
    near(r.lf['accuracy'], lfs['accuracy'], 2e-7)
    again = r.apply(votes)
    near(again.posterior, r.posterior, 1e-6)


def test_the_table_of_labelling_functions_equals_its_golden_folder():
    votes, gold = matrix(golden('weak/lf-table/input.csv'))
    t, want = stats.lf_table(votes, gold), golden('weak/lf-table/expected.csv')
    for what in ('coverage', 'overlaps', 'conflicts', 'correct', 'incorrect', 'accuracy'):
        near(t.lf[what], want[what])
    assert (t.polarity > 0).all() and t.covered == 6


@pytest.mark.parametrize('kind', ['boxes', 'spans'])
@pytest.mark.parametrize('method', ids('merge'))
def test_regions_equal_their_golden_folder(kind, method):
    rows = golden(f'merge/{kind}/input.csv')
    numbers = ('x0', 'y0', 'x1', 'y1') if kind == 'boxes' else ('start', 'end')
    drawn = rows['label'] != ''
    at = np.column_stack([rows[c][drawn] for c in numbers])
    r = stats.merge_regions(rows['task'][drawn], rows['worker'][drawn], at, rows['label'][drawn],
                            'box' if kind == 'boxes' else 'span', method, sure=rows['confidence'][drawn],
                            looks=(rows['task'], rows['worker']))
    want, workers = golden(f'merge/{kind}/{method}/expected.csv'), golden(f'merge/{kind}/{method}/workers.csv')
    assert (r.task_of == want['task']).all() and (r.label_of == want['label']).all()
    assert (r.kept == want['kept']).all() and (r.things['backing'] == want['backing']).all()
    near(r.place, np.column_stack([want[c] for c in numbers]), 2e-6)
    near(r.things['existence'], want['existence'], 2e-6)
    for what in ('n', 'skill', 'miss', 'alarm'):
        near(r.workers[what], workers[what], 2e-6)
    assert len(r.of) == drawn.sum() and (r.worker == workers['worker']).all()


@pytest.mark.parametrize('method', ids('masks'))
def test_masks_equal_their_golden_folder(method):
    rows = golden('merge/masks/input.csv')
    masks = []
    for w, h, rle in zip(rows['width'], rows['height'], rows['rle']):
        flat = np.zeros(w * h, bool)
        runs = np.array(rle.split(), int)
        on = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        flat[:len(on)] = on
        masks.append(flat.reshape(h, w))
    r = stats.merge_masks(rows['task'], rows['worker'], masks, method, classes=2)
    want, workers = golden(f'merge/masks/{method}/expected.csv'), golden(f'merge/masks/{method}/workers.csv')
    near(r.confidence[want['task']], want['confidence'], 1e-6)
    for t, rle in zip(want['task'].tolist(), want['rle'].tolist()):
        runs = np.array(rle.split(), int)
        on = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        flat = r.mask(t).reshape(-1)
        assert (flat[:len(on)] == on).all() and not flat[len(on):].any()
    near(r.workers['skill'], workers['skill'], 1e-6)


@pytest.mark.parametrize('method', ids('text'))
def test_texts_equal_their_golden_folder(method):
    rows = golden('merge/text/input.csv')
    r = stats.merge_text(rows['task'], rows['worker'], rows['label'], method, tol=0)
    want, workers = golden(f'merge/text/{method}/expected.csv'), golden(f'merge/text/{method}/workers.csv')
    at = np.searchsorted(r.task, want['task'])
    assert [r.text[k] for k in at] == want['label'].tolist()
    near(r.confidence[at], want['confidence'], 1e-7)
    assert (r.tied[at] == want['tied']).all()
    near(r.workers['skill'][np.searchsorted(r.worker, workers['worker'])], workers['skill'])
    assert r.text[list(r.task).index(12)] == '' and r.empty == 2 and r.repeated == 1


@pytest.mark.parametrize('method', [m for m in ids('tags') if has(f'sequence/{m}')])
def test_tags_equal_their_golden_folder(method):
    rows, tokens = golden('sequence/input.csv'), golden('sequence/tokens.csv')
    size = np.bincount(tokens['doc'])
    start = np.concatenate(([0], np.cumsum(size)))
    r = stats.merge_tags(start[rows['doc']] + rows['pos'], rows['worker'], rows['label'], size, method,
                         tags=TAGS, tol=0)
    want, workers = golden(f'sequence/{method}/expected.csv'), golden(f'sequence/{method}/workers.csv')
    assert (r.label == want['label'].astype(object)).all()
    near(r.posterior[np.arange(len(r.label_id)), r.label_id], want['confidence'], 1e-6)
    near(r.workers['skill'], workers['skill'], 1e-6)


def probs():
    rows = golden('noise/pred_probs.csv')
    return np.column_stack([rows[f'p{k}'] for k in range(4)]), rows['given'].astype(np.uint16), \
        rows['true'].astype(np.uint16)


def test_confident_learning_equals_its_golden_folder():
    p, given, _ = probs()
    joint, want = golden('noise/confident-learning/expected-joint.csv'), golden('noise/confident-learning/expected.csv')
    scores = {'self-confidence': 'self_confidence', 'normalized-margin': 'normalized_margin',
              'weighted-entropy': 'confidence_weighted_entropy'}
    for method in ids('find'):
        r = stats.confident_learning(given, p, find=method)
        assert (r.found == want[method]).all(), method
        assert sorted(r.order) == np.flatnonzero(want[method]).tolist()
    assert len(ids('find')) == 7
    near(r.threshold, joint['threshold'])
    assert (r.joint == np.column_stack([joint[f'j{k}'] for k in range(4)])).all()
    assert (r.calibrated == np.column_stack([joint[f'c{k}'] for k in range(4)])).all()
    for score, column in scores.items():
        near(stats.confident_learning(given, p, score=score).score, want[column])


def test_crowdlab_equals_its_golden_folder():
    rows, want = golden('noise/crowdlab/labels.csv'), golden('noise/crowdlab/expected.csv')
    workers = golden('noise/crowdlab/expected-workers.csv')
    r = stats.crowdlab(rows['task'], rows['worker'], rows['label'], probs()[0], classes=4, tasks=len(want['task']))
    label = np.where(np.isnan(want['label'].astype(float)), 65535, want['label'])
    assert (r.label_id == label).all()
    near(r.quality, want['quality'])
    for what in ('n', 'quality', 'agreement', 'weight'):
        near(r.workers[what], workers[what])


def test_calibration_and_comparison_equal_their_golden_folders():
    p, given, truth = probs()
    c, bins = stats.calibration(p, truth), golden('noise/calibration/expected.csv')
    for what in ('lo', 'hi', 'n', 'confidence', 'accuracy'):
        near(c.bins[what], bins[what])
    figures = golden('noise/calibration/expected-figures.csv')
    near([getattr(c, n) for n in figures['what'].tolist()], figures['value'])
    m, figures = stats.compare(p.argmax(1), given, truth), golden('noise/compare/expected.csv')
    near([getattr(m, n) for n in figures['what'].tolist()], figures['value'])


def test_the_belief_about_one_task_equals_the_golden_values():
    rows = golden('online/posterior.csv')
    for k, answers in enumerate(rows['answers'].astype(str).tolist()):
        v = stats.posterior([int(a) for a in answers.split()],
                            [float(q) for q in str(rows['skills'][k]).split()], int(rows['classes'][k]))
        assert v.label == rows['label'][k]
        near(v.confidence, rows['confidence'][k], 1e-11)


def test_a_made_up_crowd_is_the_one_of_the_c_library():
    c = stats.synth_crowd(1000, 5, 4, 100, seed=7)
    assert (c.worker.sum(), c.label.sum(), c.truth.sum()) == (246635, 7468, 1486)
    assert c.task[:6].tolist() == [0, 0, 0, 0, 0, 1] and c.worker[:6].tolist() == [79, 99, 19, 39, 59, 58]
