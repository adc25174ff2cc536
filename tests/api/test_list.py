"""The task list: every operator of the filters, every order, pages by key, the map.  Once for each ANNOTARY_DB."""
import pytest

from support.lab import CHOICES, DB, Lab, choice

assert DB in ('sqlite', 'pg')

WORDS = ['harbour', 'market', 'ferry', 'tide']
LONG = 'A text of more than sixty-four bytes, of which only the beginning is kept for filters: '


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.ann = lab.person('ann@lab.example')
    lab.serve()
    lab.me = lab.client(lab.key)
    lab.p = lab.me.post('/api/projects', {'title': 'L', 'label_config': CHOICES, 'maximum_annotations': 2}).json()['id']
    rows = [{'text': LONG + f'number {n}' if n % 5 == 0 else f't{n}', 'topic': WORDS[n % 4], 'length': n * 7 % 40,
             **({'lot': f'lot-{n}'} if n % 3 == 0 else {}), 'good': n % 2 == 0} for n in range(40)]
    lab.ids = lab.me.post(f'/api/projects/{lab.p}/import?return_task_ids=true', rows).json()['task_ids']
    ann = lab.client(lab.ann)
    person = ann.get('/api/current-user/whoami').json()['id']
    lab.me.post(f'/api/projects/{lab.p}/members', {'person': person, 'role': 'annotator'})
    lab.person_id = person
    for n, who in ((0, None), (0, person), (1, None), (2, person)):
        got = lab.me.post(f'/api/tasks/{lab.ids[n]}/annotations', {'result': choice('good' if who else 'bad'), 'lead_time': 10 + n,
                                                                   **({'completed_by': who} if who else {})})
        assert got.status == 201, got
    lab.me.post('/api/predictions', {'task': lab.ids[3], 'result': choice('good'), 'score': 0.75, 'model_version': 'm1'})
    lab.me.post(f'/api/tasks/{lab.ids[4]}/comments', {'text': 'Is this one right?'})
    lab.until(lambda: lab.number('SELECT COUNT(*) FROM agreement') == 1)
    yield lab
    lab.close()


def item(name, operator, value, kind='String'):
    return {'filter': f'filter:tasks:{name}', 'operator': operator, 'type': kind, 'value': value}


def ask(lab, *items, conjunction='and', also=(), client=None, **more):
    body = {'query': {'filters': {'conjunction': conjunction, 'items': list(items), 'also': list(also)},
                      'ordering': more.pop('ordering', [])}, 'limit': 500, **more}
    return (client or lab.me).post(f'/api/projects/{lab.p}/tasks/page', body)


def found(lab, *items, **more):
    got = ask(lab, *items, **more)
    assert got.status == 200, got
    return [lab.ids.index(t['id']) for t in got.json()['results']]


N = 'Number'
EVERY = set(range(40))
LENGTH = {n: n * 7 % 40 for n in range(40)}
CASES = [
    (item('data.topic', 'equal', 'ferry'), {n for n in EVERY if n % 4 == 2}),
    (item('data.topic', 'not_equal', 'ferry'), {n for n in EVERY if n % 4 != 2}),
    (item('data.topic', 'in_list', ['ferry', 'tide']), {n for n in EVERY if n % 4 >= 2}),
    (item('data.topic', 'not_in_list', ['ferry', 'tide']), {n for n in EVERY if n % 4 < 2}),
    (item('data.topic', 'contains', 'ARK'), {n for n in EVERY if n % 4 == 1}),
    (item('data.topic', 'not_contains', 'r'), {n for n in EVERY if n % 4 == 3}),
    (item('data.topic', 'regex', '^(ferry|ti.*e)$'), {n for n in EVERY if n % 4 >= 2}),
    (item('data.text', 'regex', r't\d$'), {n for n in range(10) if n % 5}),
    (item('data.text', 'contains', 'more than sixty'), {n for n in EVERY if n % 5 == 0}),
    (item('data.lot', 'empty', True), {n for n in EVERY if n % 3}),
    (item('data.lot', 'empty', False), {n for n in EVERY if n % 3 == 0}),
    (item('data.lot', 'not_equal', 'lot-3'), EVERY - {3}),
    (item('data.good', 'equal', True, 'Boolean'), {n for n in EVERY if n % 2 == 0}),
    (item('data.length', 'equal', 7, N), {1}),
    (item('data.length', 'not_equal', 7, N), EVERY - {1}),
    (item('data.length', 'less', 5, N), {n for n in EVERY if LENGTH[n] < 5}),
    (item('data.length', 'greater', 35, N), {n for n in EVERY if LENGTH[n] > 35}),
    (item('data.length', 'less_or_equal', '5', N), {n for n in EVERY if LENGTH[n] <= 5}),
    (item('data.length', 'greater_or_equal', 35, N), {n for n in EVERY if LENGTH[n] >= 35}),
    (item('data.length', 'in', {'min': 10, 'max': 12}, N), {n for n in EVERY if 10 <= LENGTH[n] <= 12}),
    (item('data.length', 'not_in', {'min': 3, 'max': 39}, N), {n for n in EVERY if LENGTH[n] < 3}),
    (item('data.length', 'in_list', [0, 7, 14], N), {0, 1, 2}),
    (item('data.length', 'not_in_list', list(range(3, 40)), N), {n for n in EVERY if LENGTH[n] < 3}),
    (item('total_annotations', 'greater', 0, N), {0, 1, 2}),
    (item('total_annotations', 'equal', 2, N), {0}),
    (item('cancelled_annotations', 'greater', 0, N), set()),
    (item('total_predictions', 'equal', 1, N), {3}),
    (item('predictions_score', 'less', 0.8, N), {3}),
    (item('predictions_score', 'empty', True, N), EVERY - {3}),
    (item('predictions_model_versions', 'contains', 'm1', 'List'), {3}),
    (item('comment_count', 'greater', 0, N), {4}),
    (item('agreement', 'less', 50, N), {0}),
    (item('agreement', 'empty', False, N), {0}),
    (item('is_labeled', 'equal', True, 'Boolean'), {0}),
    (item('state', 'equal', 'settled'), {0}),
    (item('state', 'not_equal', 'waiting'), {0, 1, 2}),
    (item('avg_lead_time', 'greater', 10.5, N), {1, 2}),
    (item('completed_at', 'empty', False, 'Datetime'), {0}),
    (item('created_at', 'greater', '2020-01-01T00:00:00Z', 'Datetime'), EVERY),
    (item('updated_at', 'less', '2020-01-01T00:00:00Z', 'Datetime'), set()),
    (item('inner_id', 'less', 4, N), {0, 1, 2}),
    (item('overlap', 'equal', 2, N), EVERY),
    (item('priority', 'greater', 0, N), set()),
    (item('ground_truth', 'equal', True, 'Boolean'), set()),
    (item('file_upload', 'empty', True), EVERY),
    (item('search', 'contains', 'ferr'), {n for n in EVERY if n % 4 == 2}),
]


@pytest.mark.parametrize('condition,want', CASES, ids=lambda c: f"{c['filter'][13:]} {c['operator']}" if isinstance(c, dict) else '')
def test_a_condition_finds_what_it_says(lab, condition, want):
    if condition['filter'].endswith('file_upload'):
        want = want if not found(lab, item('file_upload', 'empty', False)) else set()
    assert set(found(lab, condition)) == want


def test_people_are_found_by_id_and_a_number_is_searched_as_the_number_of_a_task(lab):
    assert set(found(lab, item('annotators', 'contains', lab.person_id, 'List'))) == {0, 2}
    assert set(found(lab, item('annotators', 'not_contains', [lab.person_id], 'List'))) == EVERY - {0, 2}
    assert set(found(lab, item('annotators', 'empty', True, 'List'))) == EVERY - {0, 1, 2}
    assert 6 in found(lab, item('search', 'contains', '7'))


def test_any_of_several_and_what_must_hold_beside_them(lab):
    ferry, tide, small = item('data.topic', 'equal', 'ferry'), item('data.topic', 'equal', 'tide'), item('data.length', 'less', 10, N)
    assert set(found(lab, ferry, tide, conjunction='or')) == {n for n in EVERY if n % 4 >= 2}
    assert set(found(lab, ferry, tide, conjunction='or', also=[small])) == {n for n in EVERY if n % 4 >= 2 and LENGTH[n] < 10}
    assert found(lab, ferry, tide) == []


def test_every_order_and_its_reverse_with_pages_by_key(lab):
    for order, key in (('tasks:id', lambda n: n), ('tasks:data.length', lambda n: (LENGTH[n], n)),
                       ('tasks:data.topic', lambda n: (WORDS[n % 4], n)), ('tasks:total_annotations', lambda n: ({0: 2, 1: 1, 2: 1}.get(n, 0), n)),
                       ('tasks:inner_id', lambda n: n)):
        for sign, reverse in (('', False), ('-', True)):
            want = sorted(EVERY, key=key, reverse=reverse)
            assert found(lab, ordering=[sign + order]) == want, (sign, order)
            seen, after = [], None
            while True:
                got = ask(lab, ordering=[sign + order], **{'limit': 7, 'after': after}).json()
                seen += [lab.ids.index(t['id']) for t in got['results']]
                after = got['next']
                if after is None:
                    break
            assert seen == want, (sign, order)
    assert found(lab, ordering=['-tasks:agreement']) == [0], 'an order by agreement leaves out tasks that have none'
    assert set(found(lab, ordering=['tasks:data.lot'])) == {n for n in EVERY if n % 3 == 0}


def test_the_map_names_every_place_of_a_result(lab):
    for ordering in ([], ['-tasks:data.length'], ['tasks:data.topic'], ['tasks:total_annotations']):
        query = {'ordering': ordering, 'filters': {'items': [item('data.length', 'less', 30, N)]}}
        m = lab.me.post(f'/api/projects/{lab.p}/tasks/map', {'query': query, 'step': 4}).json()
        whole = [t['id'] for t in lab.me.post(f'/api/projects/{lab.p}/tasks/page', {'query': query, 'limit': 500}).json()['results']]
        assert m['total'] == len(whole) == 30 and m['step'] == 4 and len(m['marks']) == 7
        for i, mark in enumerate(m['marks']):
            body = {'query': query, 'after': mark, 'limit': 4, **({'upto': m['marks'][i + 1]} if i < 6 else {})}
            part = [t['id'] for t in lab.me.post(f'/api/projects/{lab.p}/tasks/page', body).json()['results']]
            assert part == whole[4 * (i + 1):4 * (i + 2)]
            skipped = lab.me.post(f'/api/projects/{lab.p}/tasks/page', {'query': query, 'after': mark, 'skip': 2, 'limit': 1}).json()['results']
            assert [t['id'] for t in skipped] == whole[4 * (i + 1) + 2:4 * (i + 1) + 3]


def test_a_row_shows_what_a_list_needs_and_no_long_text(lab):
    row = ask(lab).json()
    first = row['results'][0]
    assert first['state'] == 'settled' and first['answered'] == 2 and len(first['annotators']) == 2 and first['completed_at']
    assert first['avg_lead_time'] == 10 and set(row['people']) >= {str(p) for p in first['annotators']}
    assert row['results'][3]['predictions_score'] == 0.75 and row['results'][4]['comment_count'] == 1
    p = lab.me.post('/api/projects', {'title': 'Wide', 'label_config': CHOICES}).json()['id']
    lab.me.post(f'/api/projects/{p}/import', [{'text': 'é\\"\u0001' * 9000, 'image': '/media/' + 'a' * 300, 'deep': {'a': list(range(500))}}])
    data = lab.me.post(f'/api/projects/{p}/tasks/page', {}).json()['results'][0]['data']
    assert data['text'].startswith('é\\"\u0001') and data['text'].endswith('…') and len(data['text']) < 210
    assert data['image'] == '/media/' + 'a' * 300 and data['deep'] == '{…}'


@pytest.mark.parametrize('condition,at', [
    (item('annotations_results', 'contains', 'x'), 'filters.items[0]'), (item('reviewers', 'contains', 1, 'List'), 'filters.items[0]'),
    (item('nothing', 'equal', 'x'), 'filters.items[0]'), (item('data.topic', 'sounds_like', 'x'), 'filters.items[0]'),
    (item('data.length', 'less', 'many', N), 'filters.items[0]'), (item('data.length', 'in', 3, N), 'filters.items[0]'),
    (item('data.topic', 'regex', '(a'), 'filters.items[0]'), (item('data.topic', 'regex', r'(a)\1'), 'filters.items[0]'),
    (item('data.topic', 'regex', 'a' * 300), 'filters.items[0]'), (item('data.topic', 'equal', 'x' * 65), 'filters.items[0]'),
    (item('created_at', 'less', 'yesterday', 'Datetime'), 'filters.items[0]'), (item('data.topic', 'in_list', []), 'filters.items[0]'),
    (item('annotators', 'contains', [], 'List'), 'filters.items[0]')])
def test_a_wrong_condition_is_refused_at_its_place(lab, condition, at):
    got = ask(lab, condition)
    assert got.status == 400 and at in got.json()['fields'], got


def test_hostile_values_stay_values(lab):
    for word in ("x') OR 1=1 --", '%', '_', '\\', '{pg:1}', '?', '\u0000' if False else '\t'):
        assert found(lab, item('data.topic', 'equal', word)) == []
        assert found(lab, item('data.topic', 'contains', word)) == []
    assert ask(lab, item("data.x' OR '1'='1", 'equal', 'x')).json()['results'] == []
    assert ask(lab, ordering=["tasks:id; DROP TABLE task"]).status == 400
    assert ask(lab, *[item('data.topic', 'equal', 'x')] * 51).status == 413
    for body in ({'query': []}, {'after': 'x'}, {'after': [1]}, {'limit': 0}, {'limit': 501}, {'query': {'selectedItems': {'all': False, 'included': list(range(10001))}}}):
        assert lab.me.post(f'/api/projects/{lab.p}/tasks/page', body).status in (400, 413), body


def test_who_may_not_see_everything_may_not_filter(lab):
    rev = lab.client(lab.person('rev@lab.example'))
    person = rev.get('/api/current-user/whoami').json()['id']
    lab.me.post(f'/api/projects/{lab.p}/members', {'person': person, 'role': 'reviewer'})
    rows = rev.post(f'/api/projects/{lab.p}/tasks/page', {}).json()['results']
    assert len(rows) == 40 and all(r['data'] is None for r in rows), 'content only of what one was lent'
    assert ask(lab, item('data.topic', 'equal', 'ferry'), client=rev).status == 403
    assert lab.client(lab.ann).post(f'/api/projects/{lab.p}/tasks/page', {}).status == 403
    assert rev.get(f'/api/projects/{lab.p}/fields').status == 403


def test_fields_and_how_tasks_are_spread_over_them(lab):
    fields = {f['name']: f for f in lab.me.get(f'/api/projects/{lab.p}/fields').json()['fields']}
    assert set(fields) == {'text', 'topic', 'length', 'lot', 'good'} and fields['length']['number'] and fields['topic']['word']
    s = lab.me.get(f'/api/projects/{lab.p}/fields/spread?name=data.length').json()
    assert (s['low'], s['high'], sum(s['bins'])) == (0, 39, 40)
    assert lab.me.get(f'/api/projects/{lab.p}/fields/spread?name=data.topic').json()['words'] == [{'word': w, 'n': 10} for w in sorted(WORDS)]
    assert sum(lab.me.get(f'/api/projects/{lab.p}/fields/spread?name=agreement').json()['bins']) == 1
    assert lab.me.get(f'/api/projects/{lab.p}/fields/spread?name=id').status == 400
