"""How a project stands, and what a reviewer decides where people differ.  Runs once for each ANNOTARY_DB."""
import re
import pytest

from support.lab import DB, Lab, choice, query

CONFIG = '''<View><Text name="text" value="$text"/>
<Choices name="mood" toName="text"><Choice value="good"/><Choice value="bad"/><Choice value="odd"/></Choices>
<Labels name="ner" toName="text"><Label value="PER"/><Label value="LOC"/></Labels></View>'''
PEOPLE = ('ann', 'ben', 'cem', 'dot')


def span(start, end, label):
    return {'id': f's{start}', 'from_name': 'ner', 'to_name': 'text', 'type': 'labels',
            'value': {'start': start, 'end': end, 'text': 'x' * (end - start), 'labels': [label]}}


@pytest.fixture(scope='module')
def lab():
    assert DB in ('sqlite', 'pg')
    lab = Lab()
    lab.keys = {'boss': lab.init()}
    for name in PEOPLE + ('rev', 'aud', 'stranger'):
        lab.keys[name] = lab.person(f'{name}@lab.example')
    lab.serve()
    lab.who = {n: lab.client(k) for n, k in lab.keys.items()}
    yield lab
    lab.close()


def made(lab, texts, overlap=3, people=PEOPLE):
    boss = lab.who['boss']
    p = boss.post('/api/projects', {'title': 'M', 'label_config': CONFIG, 'maximum_annotations': overlap}).json()['id']
    for name in people:
        lab.run('member', 'add', p, f'{name}@lab.example')
    lab.run('member', 'add', p, 'rev@lab.example', '--role', 'reviewer')
    lab.run('member', 'add', p, 'aud@lab.example', '--role', 'auditor')
    tasks = boss.post(f'/api/projects/{p}/import?return_task_ids=1', [{'text': t} for t in texts]).json()['task_ids']
    return p, tasks


def answer(lab, p, name, said, active_ms=4000):
    """`name` answers task after task; said(task) is a result, or None for a skip."""
    me = lab.who[name]
    while True:
        got = me.post(f'/api/projects/{p}/leases', {'n': 1})
        if got.status == 204:
            return
        l = got.json()[0]
        result = said(l['task']['id'])
        if result is None:
            sent = me.post(f"/api/leases/{l['lease']}/skip", {'epoch': l['epoch'], 'reason': 'unclear'})
        else:
            sent = me.post(f"/api/leases/{l['lease']}/submit",
                           {'epoch': l['epoch'], 'result': result, 'active_ms': active_ms})
        assert sent.status in (200, 204), sent


def settle(lab, p):
    lab.run('consensus', 'settle', '--project', str(p))


def sound(lab, p):
    got = lab.run('consensus', 'verify', '--project', str(p))
    assert got['differ'] == 0 and got['sums_differ'] == 0, got
    return got


@pytest.fixture(scope='module')
def crowd(lab):
    """Six tasks, three answers each: on the first two everybody differs or two are against one."""
    p, tasks = made(lab, [f'row {i}' for i in range(6)])
    words = {'ann': ['good', 'good'], 'ben': ['bad', 'bad'], 'cem': ['odd', 'good']}
    for name in ('ann', 'ben', 'cem'):
        answer(lab, p, name, lambda t: choice(words[name][tasks.index(t)] if tasks.index(t) < 2 else 'good') +
               [span(0, 3, 'PER' if name != 'cem' or tasks.index(t) else 'LOC')])
    settle(lab, p)
    return p, tasks


def overview(lab, p, who='boss'):
    got = lab.who[who].get(f'/api/projects/{p}/overview')
    assert got.status == 200, got
    return got.json()


def test_the_overview_adds_up(lab, crowd):
    p, tasks = crowd
    o = overview(lab, p)
    assert sum(row[1] for row in o['pace']) == 18 and sum(row[3] for row in o['pace']) == 18 * 4000
    assert o['count']['tasks'] == o['count']['finished'] == 6
    assert o['agreement']['n'] == 6 and o['agreement']['disputed'] == 2 and sum(o['agreement']['histogram']) == 6
    assert sum(row[1] for row in o['agreement_times']) == 6
    assert sum(row[2] for row in o['agreement_times']) == pytest.approx(o['agreement']['mean'] * 6)
    by = {(l['control'], l['label']): l for l in o['labels']}
    assert by['mood', 'good']['answers'] == 15 and by['mood', 'odd']['answers'] == 1 and by['mood', 'good']['tasks'] == 6
    assert by['ner', 'PER']['answers'] == 17 and by['ner', 'LOC']['tasks'] == 1
    assert by['mood', 'good']['both'] == 4 * 3 + 1 and by['mood', 'good']['one'] == 2 + 2
    pairs = lab.who['boss'].get(query(f'/api/projects/{p}/confusion', control='mood')).json()['results']
    assert {(x['a'], x['b']): x['n'] for x in pairs} == {('good', 'good'): 13, ('bad', 'good'): 3, ('bad', 'odd'): 1, ('good', 'odd'): 1}
    pairs = lab.who['boss'].get(query(f'/api/projects/{p}/confusion', control='ner')).json()['results']
    assert {(x['a'], x['b']): x['n'] for x in pairs} == {('PER', 'PER'): 16, ('LOC', 'PER'): 2}
    sound(lab, p)


def test_people_are_counted_with_their_time_and_agreement(lab, crowd):
    rows = lab.who['boss'].get(f'/api/projects/{crowd[0]}/contributions').json()['results']
    assert [(r['answers'], r['active_ms'], r['skips']) for r in rows] == [(6, 24000, 0)] * 3
    assert all(r['agreement']['tasks'] == 6 and 0.6 < r['agreement']['mean'] < 1 and r['name'] and r['last_at'] for r in rows)


def test_what_is_taken_back_or_deleted_is_counted_out_and_skips_stay(lab):
    p, tasks = made(lab, ['a', 'b', 'c'], overlap=1)
    answer(lab, p, 'ann', lambda t: choice('good') if t != tasks[2] else None)
    answer(lab, p, 'ben', lambda t: choice('bad'))
    o = overview(lab, p)
    assert sum(r[1] for r in o['pace']) == 3 and sum(r[2] for r in o['pace']) == 1 and o['skips'] == [{'reason': 'unclear', 'n': 1}]
    sound(lab, p)
    mine = lab.who['ann'].get(f'/api/tasks/{tasks[0]}').json()['annotations'][0]['id']
    assert lab.who['ann'].post(f'/api/annotations/{mine}/withdraw').status == 200
    assert sum(r[1] for r in overview(lab, p)['pace']) == 2
    sound(lab, p)
    edited = lab.who['boss'].patch(f"/api/annotations/{lab.who['boss'].get(f'/api/tasks/{tasks[1]}').json()['annotations'][0]['id']}",
                                   {'lead_time': 9.5})
    assert edited.status == 200, edited
    assert sum(r[3] for r in overview(lab, p)['pace']) == 4000 + 9500
    settle(lab, p)
    sound(lab, p)
    assert lab.who['boss'].delete(f'/api/tasks/{tasks[1]}').status == 204
    assert sum(r[1] for r in overview(lab, p)['pace']) == 1 and overview(lab, p)['skips'][0]['n'] == 1
    sound(lab, p)


def disputes(lab, p, who='rev', **more):
    got = lab.who[who].get(query(f'/api/projects/{p}/disputes', **more))
    assert got.status == 200, got
    return got.json()


def opened(lab, task, who='rev'):
    got = lab.who[who].post(f'/api/tasks/{task}/dispute')
    assert got.status == 200, got
    return got.json()


def test_disputes_come_with_the_least_agreement_first_and_by_cursor(lab, crowd):
    p, tasks = crowd
    first = disputes(lab, p)
    assert [d['task'] for d in first['results']] == tasks[:2] and first['disputed'] == 2 and first['next'] is None
    one = disputes(lab, p, limit=1)
    assert [d['task'] for d in one['results']] == tasks[:1]
    assert [d['task'] for d in disputes(lab, p, limit=1, after=one['next'])['results']] == tasks[1:2]
    assert disputes(lab, p, after=first['results'][1]['at'])['results'] == []
    assert lab.who['rev'].get(query(f'/api/projects/{p}/disputes', after='x')).status == 400


def test_a_judge_sees_answers_without_names_and_only_of_disputes(lab, crowd):
    p, tasks = crowd
    rev = lab.who['rev']
    assert rev.get(f'/api/tasks/{tasks[0]}').json()['data'] is None
    v = opened(lab, tasks[0])
    assert v['data'] == {'text': 'row 0'} and [a['n'] for a in v['answers']] == [1, 2, 3]
    assert not re.search(r'@|completed_by|person|vendor|lead|created|"id":\d', str(v['answers']))
    assert len(v['pairs']) == 3 and v['pairs'][0][0] is None and v['pairs'][0][1] == v['pairs'][1][0]
    assert {c['control'] for c in v['consensus']} == {'mood', 'ner'} and v['ruling'] is None and v['others'] == 2
    assert opened(lab, tasks[0])['answers'] == v['answers']             # the same order each time
    assert rev.get(f'/api/tasks/{tasks[0]}').json()['data'] == {'text': 'row 0'}
    assert rev.post(f'/api/tasks/{tasks[3]}/dispute').status == 404     # nobody differs there
    assert opened(lab, tasks[3], 'boss')['agreement'] == 1              # the core may look
    for who, status in (('ann', 403), ('aud', 403), ('stranger', 404)):
        assert lab.who[who].post(f'/api/tasks/{tasks[0]}/dispute').status == status
        assert lab.who[who].get(f'/api/projects/{p}/disputes').status == status


def consensus(lab, task, p):
    rows = lab.who['boss'].get(query(f'/api/projects/{p}/consensus', task=task)).json()['results']
    return {r['control']: r for r in rows}


def until_method(lab, p, task, method):
    return lab.until(lambda: (lambda c: c if {r['method'] for r in c.values()} == {method} else None)(consensus(lab, task, p)))


def rule(lab, task, who='rev', **body):
    return lab.who[who].post(f'/api/tasks/{task}/ruling', body)


def test_a_ruling_takes_the_place_of_consensus_until_it_is_taken_back(lab):
    p, tasks = made(lab, ['x', 'y'])
    for name, word in (('ann', 'good'), ('ben', 'bad'), ('cem', 'odd')):
        answer(lab, p, name, lambda t: choice(word))
    settle(lab, p)
    v = opened(lab, tasks[0])
    n = next(a['n'] for a in v['answers'] if a['result'][0]['value']['choices'] == ['bad'])
    assert rule(lab, tasks[0], verdict='answer', pick=n, seen='nonsense').status == 412
    assert rule(lab, tasks[0], verdict='answer', pick=9, seen=v['seen']).status == 400
    assert rule(lab, tasks[0], verdict='maybe', seen=v['seen']).status == 400
    assert rule(lab, tasks[0], verdict='answer', seen=v['seen']).status == 400
    assert rule(lab, tasks[0], verdict='answer', seen=v['seen'], result=choice('nowhere')).status == 400
    assert rule(lab, tasks[0], verdict='answer', pick=n, seen=v['seen'], reason='x' * 3000).status == 400
    assert rule(lab, tasks[0], who='ann', verdict='bad', seen=v['seen']).status == 403
    got = rule(lab, tasks[0], verdict='answer', pick=n, seen=v['seen'], reason='By the guidelines.')
    assert got.status == 200 and got.json()['state'] == 'settled', got
    c = until_method(lab, p, tasks[0], 'ruling')
    assert c['mood']['result'][0]['value']['choices'] == ['bad'] and c['mood']['confidence'] == 1
    assert [d['task'] for d in disputes(lab, p)['results']] == tasks[1:] and disputes(lab, p)['ruled'] == 1
    assert sum(r[1] for r in overview(lab, p)['pace']) == 6             # a judge's answer is no answer of the crowd
    sound(lab, p)
    again = opened(lab, tasks[0])
    assert again['ruling']['kind'] == 'pick' and again['ruling']['mine'] and again['ruling']['reason'] == 'By the guidelines.'
    assert rule(lab, tasks[0], verdict='bad', seen=v['seen']).status == 412         # somebody ruled since
    stored = [a for a in lab.who['boss'].get(f'/api/tasks/{tasks[0]}').json()['annotations'] if a['ground_truth']]
    assert len(stored) == 1 and not stored[0]['counted'] and stored[0]['origin'] == 'ruling'
    export = lab.who['boss'].get(query(f'/api/projects/{p}/export', format='JSON', answer='consensus')).json()
    assert {e['id']: e['annotations'][0]['result'][0]['value']['choices'] for e in export}[tasks[0]] == ['bad']
    assert rule(lab, tasks[0], verdict='answer', result=choice('odd'), seen=again['seen']).status == 200
    c = lab.until(lambda: (lambda c: c['mood']['result'][0]['value']['choices'] == ['odd'] and c)(consensus(lab, tasks[0], p)))
    assert lab.who['rev'].delete(f'/api/tasks/{tasks[0]}/ruling').status == 204
    assert lab.who['rev'].delete(f'/api/tasks/{tasks[0]}/ruling').status == 404
    until_method(lab, p, tasks[0], 'majority')
    assert disputes(lab, p)['disputed'] == 2
    sound(lab, p)


def test_nobody_is_right_leaves_the_task_out_of_an_export_of_consensus(lab):
    p, tasks = made(lab, ['x', 'y'], overlap=2)
    for name, word in (('ann', 'good'), ('ben', 'bad')):
        answer(lab, p, name, lambda t: choice(word))
    settle(lab, p)
    assert rule(lab, tasks[0], verdict='bad', seen=opened(lab, tasks[0])['seen'], reason='No text.').status == 200
    c = lab.until(lambda: (lambda c: c if list(c) == [None] else None)(consensus(lab, tasks[0], p)))
    assert c[None]['bad'] and c[None]['result'] == []
    export = lab.who['boss'].get(query(f'/api/projects/{p}/export', format='JSON', answer='consensus')).json()
    assert [e['id'] for e in export] == tasks[1:]
    sound(lab, p)
    assert lab.who['boss'].delete(f'/api/tasks/{tasks[0]}').status == 204
    sound(lab, p)


def test_one_more_person_is_asked_and_the_task_comes_back_with_their_answer(lab):
    p, tasks = made(lab, ['x'], overlap=2)
    answer(lab, p, 'ann', lambda t: choice('good'))
    answer(lab, p, 'ben', lambda t: choice('bad'))
    settle(lab, p)
    v = opened(lab, tasks[0])
    assert rule(lab, tasks[0], verdict='more', seen=v['seen']).json()['state'] == 'open'
    assert disputes(lab, p)['disputed'] == 0 and lab.who['rev'].post(f'/api/tasks/{tasks[0]}/dispute').status in (404, 409, 412)
    sound(lab, p)
    answer(lab, p, 'cem', lambda t: choice('bad'))
    settle(lab, p)
    assert len(opened(lab, tasks[0])['answers']) == 3
    answer(lab, p, 'dot', lambda t: choice('odd'))
    v = opened(lab, tasks[0])
    assert v['others'] == 2                                             # dot, and the owner; not the judge
    sound(lab, p)


def test_a_judge_is_none_of_those_who_answered(lab):
    p, tasks = made(lab, ['x'], overlap=2, people=('ann',))
    answer(lab, p, 'ann', lambda t: choice('good'))
    answer(lab, p, 'rev', lambda t: choice('bad'))
    settle(lab, p)
    assert disputes(lab, p)['results'] == [] and disputes(lab, p)['disputed'] == 1
    got = lab.who['rev'].post(f'/api/tasks/{tasks[0]}/dispute')
    assert got.status == 403 and 'somebody else' in got.json()['detail']
    assert [d['task'] for d in disputes(lab, p, 'boss')['results']] == tasks


def test_an_answer_that_changes_meanwhile_stops_a_ruling(lab):
    p, tasks = made(lab, ['x'], overlap=2)
    answer(lab, p, 'ann', lambda t: choice('good'))
    answer(lab, p, 'ben', lambda t: choice('bad'))
    settle(lab, p)
    v = opened(lab, tasks[0])
    mine = lab.who['ann'].get(f'/api/tasks/{tasks[0]}').json()['annotations'][0]
    assert lab.who['ann'].patch(f"/api/annotations/{mine['id']}", {'result': choice('odd')}, headers={'If-Match': '1'}).status == 200
    assert rule(lab, tasks[0], verdict='answer', pick=1, seen=v['seen']).status == 412
    assert rule(lab, tasks[0], verdict='answer', pick=1, seen=opened(lab, tasks[0])['seen']).status == 200
    stored = [a for a in lab.who['boss'].get(f'/api/tasks/{tasks[0]}').json()['annotations'] if a['ground_truth']]
    assert lab.who['boss'].delete(f"/api/annotations/{stored[0]['id']}").status == 204      # its answer goes: so does the ruling
    assert opened(lab, tasks[0])['ruling'] is None
    settle(lab, p)
    sound(lab, p)


def test_the_doctor_finds_the_sums_sound(lab, crowd):
    assert {'answers by half-hours and by people add up', 'what labels add up to is what the tasks say'} <= {
        r['check'] for r in lab.run('doctor') if r['state'] == 'ok'}
