"""Before something is kept: what another config would mean, the first rows of a file, which column becomes which field.

Runs once for each ANNOTARY_DB.
"""
import json
import pytest

from support.lab import CHOICES, Lab, choice

NARROW = CHOICES.replace('<Choice value="bad"/>', '')
WIDE = CHOICES.replace('<Choice value="bad"/>', '<Choice value="bad"/><Choice value="neither"/>')


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    keys = {'boss': lab.init()}
    lab.p = lab.project(overlap=1)
    lab.q = lab.project(overlap=1)
    for name, role in (('ann', 'annotator'), ('rev', 'reviewer')):
        keys[name] = lab.person(f'{name}@lab.example')
        lab.run('member', 'add', lab.p, f'{name}@lab.example', '--role', role)
    lab.serve()
    lab.who = {n: lab.client(k) for n, k in keys.items()}
    boss = lab.who['boss']
    rows = [{'data': {'text': f'row {i}'}, 'annotations': [{'result': choice('good' if i < 7 else 'bad'), 'completed_by': 'ann@lab.example'}]}
            for i in range(10)]
    assert boss.post(f'/api/projects/{lab.p}/import', rows).status == 201
    yield lab
    lab.close()


def impact(lab, xml, who='boss', p=None):
    return lab.who[who].post(f'/api/projects/{p or lab.p}/config/impact', xml, kind='application/xml')


# ---- what a config would mean ----

def test_a_config_that_adds_breaks_nothing_and_says_what_is_new(lab):
    v = impact(lab, WIDE).json()
    assert (v['total'], v['seen'], v['broken'], v['lost']) == (10, 10, 0, [])
    assert v['added'] == [{'name': 'mood', 'tag': 'Choices', 'labels': ['neither']}]


def test_a_label_taken_away_counts_the_answers_that_said_it(lab):
    v = impact(lab, NARROW).json()
    assert v['broken'] == 3 and len(v['examples']) == 3
    assert v['lost'] == [{'name': 'mood', 'tag': 'Choices', 'what': 'labels', 'answers': 3, 'labels': [{'label': 'bad', 'answers': 3}]}]
    assert all(e['why'] and e['task'] and e['annotation'] for e in v['examples'])


@pytest.mark.parametrize('xml, what, answers', [
    (CHOICES.replace('name="mood"', 'name="tone"'), 'gone', 10),
    (CHOICES.replace('Choices', 'Taxonomy'), 'kind', 10),
    (CHOICES.replace('toName="text"', 'toName="other"').replace('<View>', '<View><Text name="other" value="$b"/>'), 'object', 10),
])
def test_a_control_that_goes_or_turns_into_another_loses_its_answers(lab, xml, what, answers):
    v = impact(lab, xml).json()
    assert [(x['what'], x['answers']) for x in v['lost']] == [(what, answers)]
    assert v['broken'] == 10


def test_looking_changes_nothing_and_is_for_those_who_may_change_the_config(lab):
    before = lab.who['boss'].get(f'/api/projects/{lab.p}').json()
    impact(lab, NARROW)
    assert lab.who['boss'].get(f'/api/projects/{lab.p}').json() == before
    assert impact(lab, NARROW, 'rev').status == 403
    bad = impact(lab, '<View>')
    assert bad.status == 400 and bad.json()['errors'][0]['fix'] == {'was': '', 'text': '</View>'}


# ---- the first rows ----

def preview(lab, body, **query):
    path = f'/api/projects/{lab.q}/imports/preview?' + '&'.join(f'{k}={v}' for k, v in query.items())
    return lab.who['boss'].post(path, body, kind='application/octet-stream')


def test_the_first_rows_of_a_table_and_its_columns_are_shown_and_nothing_is_stored(lab):
    v = preview(lab, 'id,body\n1,hello\n2,there\n', name='a.csv').json()
    assert v['format'] == 'csv' and v['looked'] == 2 and v['bad'] == 0 and not v['more']
    assert [(c['name'], c['filled'], c['example']) for c in v['columns']] == [('id', 2, '1'), ('body', 2, 'hello')]
    assert v['needs'] == [{'field': 'text', 'tag': 'Text', 'missing': 2}]
    assert v['rows'][0] == {'line': 2, 'data': {'id': '1', 'body': 'hello'}}
    assert lab.who['boss'].get(f'/api/projects/{lab.q}').json()['task_number'] == 0


def test_under_a_map_the_rows_are_shown_as_tasks_would_have_them(lab):
    v = preview(lab, 'id,body\n1,hello\n', name='a.csv', map='%7B%22body%22:%22text%22,%22id%22:null%7D').json()
    assert v['rows'] == [{'line': 2, 'data': {'text': 'hello'}}]
    assert v['needs'][0]['missing'] == 0 and [c['name'] for c in v['columns']] == ['id', 'body']


def test_bad_rows_say_line_and_reason(lab):
    v = preview(lab, '{"text":"a"}\n{"text":\n{"data":{"text":"b"},"annotations":[{"result":[{"type":"choices","from_name":"no","to_name":"text","value":{}}]}]}\n', name='a.jsonl').json()
    assert v['bad'] == 2 and [r['line'] for r in v['rows'] if 'why' in r] == [2, 3]


def test_a_beginning_that_is_cut_off_is_no_error_of_its_last_row(lab):
    v = preview(lab, '[{"text":"a"},{"text":"b"},{"te', name='a.json', cut='true').json()
    assert v['bad'] == 0 and len(v['rows']) == 2 and v['more'] and 'problem' not in v


def test_long_texts_are_cut_between_characters_and_odd_files_are_refused_or_told(lab):
    v = preview(lab, json.dumps({'text': '字' * 5000, 'list': list(range(2000))}), name='a.json').json()
    assert v['rows'][0]['data']['text'] == '字' * 300 + '…' and v['rows'][0]['data']['list'].endswith('…')
    assert preview(lab, '', name='a.csv').status == 400
    assert preview(lab, 'x', name='a.csv', format='tea').status == 400
    assert preview(lab, b'\xff\xfea\x00', name='a.csv').status == 400


# ---- which column becomes which field ----

def import_now(lab, body, **query):
    path = f'/api/projects/{lab.q}/import?return_task_ids=1&' + '&'.join(f'{k}={v}' for k, v in query.items())
    return lab.who['boss'].post(path, body, kind='application/octet-stream')


def test_an_import_takes_columns_under_the_names_of_the_fields(lab):
    done = import_now(lab, 'id,body,note\n1,hello,x\n2,there,y\n', name='a.csv', map='%7B%22body%22:%22text%22,%22id%22:null%7D')
    assert done.status == 201, done
    data = [lab.who['boss'].get(f'/api/tasks/{i}').json()['data'] for i in done.json()['task_ids']]
    assert data == [{'text': 'hello', 'note': 'x'}, {'text': 'there', 'note': 'y'}]


def test_a_column_that_is_mapped_wins_over_one_of_that_name(lab):
    done = import_now(lab, '{"text":"old","body":"new"}', name='a.jsonl', map='%7B%22body%22:%22text%22%7D')
    assert lab.who['boss'].get(f"/api/tasks/{done.json()['task_ids'][0]}").json()['data'] == {'text': 'new'}


@pytest.mark.parametrize('wrong', ['[]', '{', '{"a":1}', '{"a":"x","b":"x"}', '{"a":""}'])
def test_a_map_that_makes_no_sense_is_refused_by_its_place(lab, wrong):
    from urllib.parse import quote
    got = import_now(lab, 'a,b\n1,2\n', name='a.csv', map=quote(wrong))
    assert got.status == 400 and any(k.startswith('map') for k in got.json()['fields']), got


def test_annotations_in_a_mapped_row_are_checked_against_its_data(lab):
    row = {'data': {'body': 'hello'}, 'annotations': [{'result': choice('good')}]}
    done = import_now(lab, json.dumps([row]), name='a.json', map='%7B%22body%22:%22text%22%7D')
    task = lab.who['boss'].get(f"/api/tasks/{done.json()['task_ids'][0]}").json()
    assert task['data'] == {'text': 'hello'} and len(task['annotations']) == 1


# ---- what an export keeps ----

PICTURES = ('<View><Image name="img" value="$image"/><RectangleLabels name="box" toName="img"><Label value="Car"/></RectangleLabels>'
            '<EllipseLabels name="round" toName="img"><Label value="Wheel"/></EllipseLabels>'
            '<BrushLabels name="mask" toName="img"><Label value="Sky"/></BrushLabels>'
            '<Choices name="usable" toName="img"><Choice value="yes"/></Choices></View>')


def formats(lab, xml):
    p = lab.who['boss'].post('/api/projects', {'title': 'x', 'label_config': xml}).json()['id']
    return {f['name']: f for f in lab.who['boss'].get(f'/api/projects/{p}/export/formats').json()}


def test_each_format_says_what_it_keeps_of_these_questions(lab):
    got = formats(lab, PICTURES)
    assert all(c['keeps'] == 'all' for c in got['JSON']['controls']) and got['JSON']['loses'] == []
    assert [(c['name'], c['keeps'], c.get('loses')) for c in got['COCO']['controls']] == [
        ('box', 'part', 'hull'), ('round', 'part', 'outline'), ('mask', 'none', None), ('usable', 'none', None)]
    assert [c['keeps'] for c in got['VOC']['controls']] == ['part', 'none', 'none', 'none']
    assert got['CONLL2003']['disabled'] and got['CONLL2003']['why'] and not got['COCO']['disabled']
    text = formats(lab, CHOICES)
    assert {n for n, f in text.items() if f['disabled']} == {'COCO', 'YOLO', 'VOC', 'CONLL2003'}
    assert 'others' in text['YOLO']['loses'] and 'authors' not in text['CSV']['loses']


def test_a_format_that_is_disabled_is_the_one_the_export_refuses(lab):
    p = lab.who['boss'].post('/api/projects', {'title': 'x', 'label_config': CHOICES}).json()['id']
    lab.who['boss'].post(f'/api/projects/{p}/import', [{'data': {'text': 'a'}, 'annotations': [{'result': choice('good')}]}])
    for f in lab.who['boss'].get(f'/api/projects/{p}/export/formats').json():
        got = lab.who['boss'].get(f"/api/projects/{p}/export?format={f['name']}")
        assert (got.status == 200) == (not f['disabled']), (f['name'], got)
