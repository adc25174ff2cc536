"""Saved views: one's own and shared, in order, refused where they could not be asked.  Once for each ANNOTARY_DB."""
import json
import pytest

from support.lab import CHOICES, DB, Lab

assert DB in ('sqlite', 'pg')


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.boss = lab.person('boss@lab.example')
    lab.aud = lab.person('aud@lab.example')
    lab.serve()
    lab.me, lab.you, lab.auditor = lab.client(lab.key), lab.client(lab.boss), lab.client(lab.aud)
    lab.p = lab.me.post('/api/projects', {'title': 'V', 'label_config': CHOICES}).json()['id']
    lab.me.post(f'/api/projects/{lab.p}/import', [{'text': f't{n}', 'topic': 'ab'[n % 2]} for n in range(10)])
    for c, role in ((lab.you, 'manager'), (lab.auditor, 'auditor')):
        person = c.get('/api/current-user/whoami').json()['id']
        assert lab.me.post(f'/api/projects/{lab.p}/members', {'person': person, 'role': role}).status == 201
    yield lab
    lab.close()


def view(title, **more):
    return {'title': title, 'type': 'list', 'target': 'tasks', 'filters': {'conjunction': 'and', 'items': [
        {'filter': 'filter:tasks:data.topic', 'operator': 'equal', 'type': 'String', 'value': 'a'}]}, 'ordering': ['-tasks:id'],
        'hiddenColumns': {'explore': ['tasks:agreement'], 'labeling': []}, **more}


def titles(client, p):
    return [v['data']['title'] for v in client.get(f'/api/dm/views/?project={p}').json()]


def test_a_view_is_kept_as_it_was_sent_and_narrows_a_list(lab):
    made = lab.me.post('/api/dm/views/', {'project': lab.p, 'data': view('Only a'), 'shared': True})
    assert made.status == 201, made
    v = made.json()
    assert v['data'] == view('Only a') and v['project'] == lab.p and v['ordering'] == ['-tasks:id'] and v['shared'] and v['mine']
    assert v['selected_items'] == {'all': False, 'included': []}
    assert lab.me.get(f"/api/dm/views/{v['id']}/").json()['data'] == view('Only a')
    got = lab.me.get(f"/api/tasks/?project={lab.p}&view={v['id']}&fields=task_only").json()
    assert got['total'] == 5 and [t['data']['topic'] for t in got['tasks']] == ['a'] * 5
    assert got['tasks'][0]['id'] > got['tasks'][-1]['id']
    lab.me.delete(f"/api/dm/views/{v['id']}/")


def test_one_s_own_views_are_nobody_else_s_business(lab):
    mine = lab.me.post('/api/dm/views/', {'project': lab.p, 'data': view('Mine'), 'shared': False}).json()['id']
    ours = lab.me.post('/api/dm/views/', {'project': lab.p, 'data': view('Ours')}).json()['id']
    assert titles(lab.me, lab.p) == ['Mine', 'Ours'] and titles(lab.you, lab.p) == ['Ours'] and titles(lab.auditor, lab.p) == ['Ours']
    for method in (lab.you.get, lab.you.delete):
        assert method(f'/api/dm/views/{mine}/').status == 404
    assert lab.you.patch(f'/api/dm/views/{mine}/', {'data': view('Stolen')}).status == 404
    assert lab.you.get(f'/api/tasks/?project={lab.p}&view={mine}').status == 404
    assert lab.you.patch(f'/api/dm/views/{ours}/', {'shared': False}).status == 400, 'only its maker takes a view back'
    assert lab.you.patch(f'/api/dm/views/{ours}/', {'data': view('Ours too')}).json()['data']['title'] == 'Ours too'
    assert lab.auditor.post('/api/dm/views/', {'project': lab.p, 'data': view('x')}).status == 403
    assert lab.me.patch(f'/api/dm/views/{ours}/', {'shared': False}).json()['shared'] is False
    assert titles(lab.you, lab.p) == []
    assert lab.me.delete(f'/api/dm/views/reset/?project={lab.p}').status == 204
    assert titles(lab.me, lab.p) == []


def test_views_are_put_in_order_and_one_deleted_meanwhile_is_gone(lab):
    ids = [lab.me.post('/api/dm/views/', {'project': lab.p, 'data': view(t)}).json()['id'] for t in 'abc']
    assert lab.me.post('/api/dm/views/order/', {'project': lab.p, 'ids': [ids[2], 999999, ids[0]]}).status == 200
    assert titles(lab.me, lab.p) == ['c', 'a', 'b']
    assert lab.you.delete(f'/api/dm/views/{ids[0]}/').status == 204
    for method in (lab.me.get, lab.me.delete):
        assert method(f'/api/dm/views/{ids[0]}/').status == 404
    assert lab.me.patch(f'/api/dm/views/{ids[0]}/', {'data': view('z')}).status == 404
    lab.me.delete(f'/api/dm/views/reset/?project={lab.p}')


@pytest.mark.parametrize('data', [[], 'x', {'filters': {'items': [{'filter': 'filter:tasks:nope', 'operator': 'equal', 'value': 1}]}},
                                  {'ordering': ['tasks:nope']}, {'title': 'x' * 70000}])
def test_a_view_that_could_not_be_asked_is_refused(lab, data):
    got = lab.me.post('/api/dm/views/', {'project': lab.p, 'data': data})
    assert got.status in (400, 413) and got.json()['fields'], got
    assert titles(lab.me, lab.p) == []


def test_no_more_views_than_anybody_can_use(lab):
    for n in range(200):
        assert lab.me.post('/api/dm/views/', {'project': lab.p, 'data': {'title': str(n)}}).status == 201
    assert lab.me.post('/api/dm/views/', {'project': lab.p, 'data': {'title': 'one more'}}).status == 413
    lab.me.delete(f'/api/dm/views/reset/?project={lab.p}')
