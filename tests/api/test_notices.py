"""What a person is told of: imports, finished projects, comments; and the list of jobs.

Runs once for each ANNOTARY_DB.
"""
import time
import pytest

from support.lab import Lab, choice


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    keys = {'boss': lab.init()}
    lab.p = lab.project(overlap=1)
    for name, role in (('ann', 'annotator'), ('ben', 'annotator'), ('rev', 'reviewer'), ('man', 'manager')):
        keys[name] = lab.person(f'{name}@lab.example')
        lab.run('member', 'add', lab.p, f'{name}@lab.example', '--role', role)
    lab.serve()
    lab.who = {n: lab.client(k) for n, k in keys.items()}
    yield lab
    lab.close()


def told(lab, who):
    got = lab.who[who].get('/api/notices')
    assert got.status == 200, got
    return got.json()


def import_file(lab, who, name, body, **query):
    more = ''.join(f'&{k}={v}' for k, v in query.items())
    job = lab.who[who].post(f'/api/projects/{lab.p}/imports?name={name}{more}', body, kind='application/octet-stream').json()['job']
    for _ in range(200):
        j = lab.who[who].get(f'/api/jobs/{job}').json()
        if j['state'] in ('done', 'failed'):
            return job
        time.sleep(0.02)
    raise AssertionError(j)


def test_who_began_an_import_is_told_how_it_ended_and_nobody_else(lab):
    import_file(lab, 'man', 'good.jsonl', '{"text":"a"}\n{"text":"b"}\n')
    bad = import_file(lab, 'man', 'bad.jsonl', '{"text":\n')
    import_file(lab, 'man', 'trial.jsonl', '{"text":"c"}\n', dry_run=1)
    v = told(lab, 'man')
    assert v['unread'] == 2 and [n['kind'] for n in v['results']] == ['import.failed', 'import.done']
    assert v['results'][0]['about'] | {'import': 0} == {'import': 0, 'job': bad, 'name': 'bad.jsonl', 'tasks': 1, 'errors': 1}
    assert v['results'][1]['about']['tasks'] == 2 and v['results'][1]['project']['id'] == lab.p
    assert told(lab, 'ann')['results'] == [] and told(lab, 'boss')['results'] == []


def test_what_was_seen_is_no_longer_new(lab):
    newest = told(lab, 'man')['results'][0]['id']
    assert lab.who['man'].post('/api/notices/read', {}).status == 400
    assert lab.who['ann'].post('/api/notices/read', {'upto': newest}).status == 204, 'only their own'
    assert told(lab, 'man')['unread'] == 2
    assert lab.who['man'].post('/api/notices/read', {'upto': newest}).status == 204
    v = told(lab, 'man')
    assert v['unread'] == 0 and all(n['read'] for n in v['results'])
    page = lab.who['man'].get('/api/notices?limit=1').json()
    assert len(page['results']) == 1 and page['next'] == newest
    assert [n['kind'] for n in lab.who['man'].get(f'/api/notices?before={newest}').json()['results']] == ['import.done']


def test_a_question_is_told_to_those_who_can_answer_and_an_answer_to_who_asked(lab):
    task = lab.who['ann'].post(f'/api/projects/{lab.p}/leases', {'n': 1}).json()[0]
    lab.lease = task
    url = f"/api/tasks/{task['task']['id']}/comments"
    first = lab.who['ann'].post(url, {'text': 'Is this good?'}).json()['id']
    assert told(lab, 'rev')['results'][0]['kind'] == 'comment.new'
    assert told(lab, 'man')['unread'] == 1 and told(lab, 'ben')['results'] == [] and told(lab, 'ann')['results'] == []
    about = told(lab, 'rev')['results'][0]['about']
    assert about == {'task': task['task']['id'], 'comment': first}, 'ids, not words'
    lab.who['rev'].post(url, {'text': 'Yes.', 'parent': first})
    assert [n['kind'] for n in told(lab, 'ann')['results']] == ['comment.reply']
    assert told(lab, 'rev')['unread'] == 1, 'not of one\'s own words'


def test_the_answer_that_finishes_a_project_tells_its_managers(lab):
    leases = [lab.lease] + lab.who['ben'].post(f'/api/projects/{lab.p}/leases', {'n': 1}).json()
    before = told(lab, 'man')['unread']
    for who, lease in zip(('ann', 'ben'), leases):
        got = lab.who[who].post(f"/api/leases/{lease['lease']}/submit", {'epoch': lease['epoch'], 'result': choice('good'), 'active_ms': 900})
        assert got.status == 200, got
    v = told(lab, 'man')
    assert v['unread'] == before + 1 and v['results'][0]['kind'] == 'project.finished' and v['results'][0]['about'] == {'tasks': 2}
    assert all(n['kind'] != 'project.finished' for who in ('ann', 'ben', 'rev') for n in told(lab, who)['results'])


def test_notices_of_a_project_one_has_left_are_not_shown(lab):
    me = lab.who['boss'].get(f'/api/projects/{lab.p}/members').json()
    rows = me['results'] if isinstance(me, dict) else me
    ann = next(m['person'] for m in rows if m['email'] == 'ann@lab.example')
    assert lab.who['boss'].delete(f'/api/projects/{lab.p}/members/{ann}').status in (200, 204)
    assert told(lab, 'ann') == {'unread': 0, 'next': None, 'results': []}


def test_jobs_stand_newest_first_and_one_that_has_ended_cannot_be_stopped(lab):
    v = lab.who['man'].get(f'/api/projects/{lab.p}/jobs?newest=true').json()['results']
    assert [j['id'] for j in v] == sorted((j['id'] for j in v), reverse=True)
    assert [j['kind'] for j in v if j['kind'] == 'import'] == ['import'] * 3
    assert lab.who['man'].delete(f"/api/jobs/{v[0]['id']}").status == 412
    assert lab.who['rev'].delete(f"/api/jobs/{v[0]['id']}").status == 403
