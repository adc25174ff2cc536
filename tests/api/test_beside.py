"""What stands beside the work: comments, versions of the guidelines, one's own last answers, guesses, preferences.

Runs once for each ANNOTARY_DB.
"""
import pytest

from support.lab import Lab, choice


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    keys = {'boss': lab.init()}
    lab.p = lab.project(overlap=2)
    lab.q = lab.project(overlap=2)
    for name, role in (('ann', 'annotator'), ('ben', 'annotator'), ('rev', 'reviewer'), ('aud', 'auditor')):
        keys[name] = lab.person(f'{name}@lab.example')
        lab.run('member', 'add', lab.p, f'{name}@lab.example', '--role', role)
    lab.serve()
    lab.who = {n: lab.client(k) for n, k in keys.items()}
    lab.tasks = lab.who['boss'].post(f'/api/projects/{lab.p}/import?return_task_ids=1',
                                     [{'text': f'row {i}'} for i in range(30)]).json()['task_ids']
    lab.lent = {n: lab.who[n].post(f'/api/projects/{lab.p}/leases', {'n': 1}).json()[0] for n in ('ann', 'ben')}
    yield lab
    lab.close()


def task_of(lab, name):
    return lab.lent[name]['task']['id']


def texts(answer):
    assert answer.status == 200, answer
    return [c['text'] for c in answer.json()]


def submit(lab, name, lease, word='good', **more):
    got = lab.who[name].post(f"/api/leases/{lease['lease']}/submit",
                             {'epoch': lease['epoch'], 'result': choice(word), 'active_ms': 1200, **more})
    assert got.status == 200, got
    return got.json()


# ---- comments ----

def test_a_thread_is_seen_by_its_owner_and_those_who_see_answers_and_by_no_other_annotator(lab):
    task = task_of(lab, 'ann')
    assert task == task_of(lab, 'ben'), 'both were lent the same task'
    url = f'/api/tasks/{task}/comments'
    first = lab.who['ann'].post(url, {'text': 'Is a dry tone good?', 'region': 'abcdefghij'})
    assert first.status == 201 and first.json()['mine'] and first.json()['region_ref'] == {'regionId': 'abcdefghij'}, first
    lab.who['ben'].post(url, {'text': 'The row is empty.'})
    back = lab.who['rev'].post(url, {'text': 'Yes, it is.', 'parent': first.json()['id']})
    assert back.status == 201 and back.json()['parent'] == first.json()['id']
    own = lab.who['rev'].post(url, {'text': 'Two people ask the same.'}).json()
    assert texts(lab.who['ann'].get(url)) == ['Is a dry tone good?', 'Yes, it is.']
    assert texts(lab.who['ben'].get(url)) == ['The row is empty.']
    for who in ('rev', 'aud', 'boss'):
        assert len(texts(lab.who[who].get(url))) == 4
    seen = lab.who['ann'].get(url)
    assert seen.json()[1]['author'] is None and seen.json()[1]['created_by'] is None and 'rev@' not in seen.text
    for who in ('ann', 'ben'):                  # what one may not see cannot be touched either
        assert lab.who[who].patch(f"/api/comments/{own['id']}", {'is_resolved': True}).status == 404
        assert lab.who[who].delete(f"/api/comments/{own['id']}").status == 404
        assert lab.who[who].post(url, {'text': 'x', 'parent': own['id']}).status == 400
    assert lab.who['ben'].patch(f"/api/comments/{first.json()['id']}", {'text': 'x'}).status == 404


def test_an_annotator_speaks_only_about_tasks_they_were_lent(lab):
    url = f'/api/tasks/{lab.tasks[-1]}/comments'
    assert lab.who['ann'].post(url, {'text': 'hm'}).status == 404
    assert lab.who['aud'].post(url, {'text': 'hm'}).status == 403
    assert lab.who['rev'].post(url, {'text': 'hm'}).status == 201
    assert texts(lab.who['ann'].get(url)) == []


def test_words_are_changed_by_their_author_and_a_thread_is_closed_by_who_sees_it(lab):
    url = f"/api/tasks/{task_of(lab, 'ann')}/comments"
    c = lab.who['ann'].post(url, {'text': 'teh row'}).json()
    assert lab.who['ann'].patch(f"/api/comments/{c['id']}", {'text': 'the row'}).json()['text'] == 'the row'
    assert lab.who['rev'].patch(f"/api/comments/{c['id']}", {'text': 'mine'}).status == 403
    assert lab.who['rev'].patch(f"/api/comments/{c['id']}", {'is_resolved': True}).json()['is_resolved'] is True
    assert lab.who['ann'].patch(f"/api/comments/{c['id']}", {'is_resolved': False}).json()['resolved_at'] is None
    reply = lab.who['rev'].post(url, {'text': 'ok', 'parent': c['id']}).json()
    assert lab.who['rev'].delete(f"/api/comments/{c['id']}").status == 403
    assert lab.who['ann'].delete(f"/api/comments/{c['id']}").status == 204
    assert reply['id'] not in [x['id'] for x in lab.who['rev'].get(url).json()], 'answers go with their thread'
    acts = lab.sql("SELECT act FROM audit WHERE substr(act, 1, 8) = 'comment.' AND object_id = %d ORDER BY id" % c['id'])
    assert [a[0] for a in acts] == ['comment.add', 'comment.set', 'comment.set', 'comment.set', 'comment.delete']


def test_bad_comments_are_refused_with_their_field(lab):
    url = f"/api/tasks/{task_of(lab, 'ann')}/comments"
    before = len(lab.who['rev'].get(url).json())
    for body, field in (({}, 'text'), ({'text': '  \n'}, 'text'), ({'text': 7}, 'text'), ({'text': 'x', 'parent': 999999}, 'parent'),
                        ({'text': 'x', 'region': 'r' * 65}, 'region'), ({'text': 'x', 'annotation': 999999}, 'annotation')):
        got = lab.who['ann'].post(url, body)
        assert got.status == 400 and field in got.json()['fields'], (body, got)
    assert lab.who['ann'].post(url, {'text': 'x' * 8193}).status == 413
    assert lab.who['ann'].post(url, {'text': 'x' * 8192}).status == 201
    assert len(lab.who['rev'].get(url).json()) == before + 1


def test_a_task_takes_two_hundred_comments_and_no_more(lab):
    url = f'/api/tasks/{lab.tasks[20]}/comments'
    for i in range(200):
        assert lab.who['boss'].post(url, {'text': str(i)}).status == 201
    assert lab.who['boss'].post(url, {'text': 'one more'}).status == 429
    assert len(lab.who['boss'].get(url).json()) == 200


def test_label_studios_comments_go_by_the_answer(lab):
    lease = lab.who['ben'].post(f'/api/projects/{lab.p}/leases', {'n': 2}).json()[1]
    answer = submit(lab, 'ben', lease)['annotation']
    made = lab.who['ben'].post('/api/comments/', {'annotation': answer, 'text': 'I was not sure.'})
    assert made.status == 201 and made.json()['annotation'] == answer, made
    assert texts(lab.who['ben'].get(f'/api/comments/?annotation={answer}')) == ['I was not sure.']
    assert texts(lab.who['rev'].get(f'/api/comments/?annotation={answer}')) == ['I was not sure.']
    assert lab.who['ann'].get(f'/api/comments/?annotation={answer}').status == 404
    assert lab.who['ann'].post('/api/comments/', {'annotation': answer, 'text': 'x'}).status == 404
    assert lab.who['ben'].post('/api/comments/', {'text': 'x'}).status == 404


def test_comments_go_with_their_task(lab):
    task = lab.who['boss'].post('/api/tasks', {'project': lab.q, 'data': {'text': 'x'}}).json()['id']
    lab.who['boss'].post(f'/api/tasks/{task}/comments', {'text': 'to be deleted'})
    assert lab.number(f'SELECT COUNT(*) FROM comment WHERE task_id = {task}') == 1
    assert lab.who['boss'].delete(f'/api/tasks/{task}').status == 204
    assert lab.who['boss'].get(f'/api/tasks/{task}/comments').status == 404, 'nobody reads them in the bin'
    assert lab.number(f'SELECT COUNT(*) FROM comment WHERE task_id = {task} AND project_id = {lab.q}') == 0
    gone = lab.who['boss'].post('/api/tasks', {'project': lab.q, 'data': {'text': 'y'}}).json()['id']
    lab.who['boss'].post(f'/api/tasks/{gone}/comments', {'text': 'to be deleted for good'})
    assert lab.who['boss'].delete(f'/api/tasks/{gone}?for_good=true').status == 204
    assert lab.number(f'SELECT COUNT(*) FROM comment WHERE task_id = {gone}') == 0


# ---- guidelines ----

def test_every_wording_of_the_guidelines_is_kept(lab):
    boss, url = lab.who['boss'], f'/api/projects/{lab.p}/guidelines'
    for text in ('Be kind.', 'Be kind.\n\nBe short.', 'Be kind.\n\nBe short.'):     # the same again is no version
        assert boss.patch(f'/api/projects/{lab.p}/', {'expert_instruction': text}).status == 200
    now = lab.who['ann'].get(url).json()
    assert (now['version'], now['text']) == (3, 'Be kind.\n\nBe short.')
    assert [v['version'] for v in now['versions']] == [3, 2, 1]
    assert lab.who['ann'].get(url + '?version=2').json()['text'] == 'Be kind.'
    assert lab.who['ann'].get(url + '?version=1').json()['text'] == ''
    assert lab.who['ann'].get(url + '?version=4').status == 404
    assert lab.who['ann'].get(f'/api/projects/{lab.q}/guidelines').status == 404


# ---- one's own last answers ----

def test_the_history_holds_ones_own_answers_newest_first_and_nobody_elses(lab):
    mine = []
    for i in range(12):
        lease = lab.who['ann'].post(f'/api/projects/{lab.p}/leases', {'n': 1}).json()[0]
        mine.append(submit(lab, 'ann', lease, 'bad' if i % 2 else 'good')['annotation'])
    got = lab.who['ann'].get(f'/api/projects/{lab.p}/history').json()
    assert [x['annotation'] for x in got] == mine[:1:-1] and got[0]['active_ms'] == 1200
    assert got[0]['result'] == choice('bad') and got[0]['revision'] == 1
    others = {x['annotation'] for x in lab.who['ben'].get(f'/api/projects/{lab.p}/history').json()}
    assert not others & set(mine)
    assert lab.who['rev'].get(f'/api/projects/{lab.p}/history').json() == []
    assert lab.who['aud'].get(f'/api/projects/{lab.p}/history').status == 403
    edited = lab.who['ann'].patch(f'/api/annotations/{mine[-1]}', {'result': choice('good')}, headers={'If-Match': '1'})
    assert edited.status == 200
    assert lab.who['ann'].get(f'/api/projects/{lab.p}/history').json()[0]['revision'] == 2
    late = lab.who['ann'].patch(f'/api/annotations/{mine[-1]}', {'result': choice('bad')}, headers={'If-Match': '1'})
    assert late.status in (409, 412), late


# ---- guesses ----

def test_a_lease_brings_the_models_guess_unless_the_project_hides_it(lab):
    boss, p = lab.who['boss'], lab.q
    tasks = boss.post(f'/api/projects/{p}/import?return_task_ids=1', [{'text': str(i)} for i in range(4)]).json()['task_ids']
    for t in tasks:
        for version, word in (('one', 'good'), ('two', 'bad')):
            boss.post('/api/predictions', {'task': t, 'result': choice(word), 'model_version': version, 'score': 0.5})
    lease = boss.post(f'/api/projects/{p}/leases', {'n': 1}).json()[0]
    assert lease['prediction']['model_version'] == 'two' and lease['prediction']['result'] == choice('bad')
    boss.patch(f'/api/projects/{p}/', {'model_version': 'one'})
    assert boss.post(f'/api/projects/{p}/leases', {'n': 1}).json()[0]['prediction']['model_version'] == 'one'
    boss.patch(f'/api/projects/{p}/', {'show_collab_predictions': False})
    assert 'prediction' not in boss.post(f'/api/projects/{p}/leases', {'n': 1}).json()[0]
    guess = lease['prediction']['id']
    answer = submit(lab, 'boss', lease, parent_prediction=guess)['annotation']
    assert boss.get(f'/api/annotations/{answer}').json()['parent_prediction'] == guess


# ---- preferences ----

def test_preferences_are_kept_for_the_person(lab):
    prefs = {'work': {'keys': {'submit': 'a'}, 'auto': True}}
    assert lab.who['ann'].patch('/api/account', {'prefs': prefs}).status == 200
    assert lab.who['ann'].get('/api/account').json()['prefs'] == prefs
    assert lab.who['ben'].get('/api/account').json()['prefs'] == {}
    assert lab.who['ann'].patch('/api/account', {'prefs': {'x': 'y' * 65536}}).status in (400, 413)
    assert lab.who['ann'].get('/api/account').json()['prefs'] == prefs
