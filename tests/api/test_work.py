"""The life of a task over HTTP, and of the people who work on it.  Runs once for each ANNOTARY_DB."""
import csv, io, json
import pytest

from support.lab import CHOICES, PASSWORD, Lab, choice, query


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.keys = [lab.person(f'a{i}@lab.example') for i in range(3)]
    lab.serve()
    lab.me = lab.client(lab.key)
    lab.crew = [lab.client(k) for k in lab.keys]
    yield lab
    lab.close()


def project(lab, tasks=3, **more):
    """A project with tasks and the crew in it."""
    p = lab.me.post('/api/projects', dict({'title': 'W', 'label_config': CHOICES}, **more)).json()['id']
    if tasks:
        got = lab.me.post(f'/api/projects/{p}/import', [{'text': f't{i}'} for i in range(tasks)])
        assert got.status == 201, got
    for c in lab.crew:
        person = c.get('/api/current-user/whoami').json()['id']
        assert lab.me.post(f'/api/projects/{p}/members', {'person': person, 'role': 'annotator'}).status == 201
    return p


def lease(client, p, n=1):
    got = client.post(f'/api/projects/{p}/leases', {'n': n})
    assert got.status == 200, got
    return got.json()[0] if n == 1 else got.json()


def submit(client, l, word='good', **kw):
    return client.post(f"/api/leases/{l['lease']}/submit", {'epoch': l['epoch'], 'result': choice(word), 'active_ms': 1500}, **kw)


# --- leases -------------------------------------------------------------------------------------------

def test_a_task_is_lent_kept_alive_drafted_and_submitted(lab):
    p, a = project(lab), lab.crew[0]
    l = lease(a, p)
    assert set(l) >= {'lease', 'epoch', 'expires_at', 'task', 'draft', 'config_version', 'instruction_version'}
    assert l['task']['data'] == {'text': 't0'} and l['epoch'] == 1 and l['draft'] is None
    beat = a.post(f"/api/leases/{l['lease']}/heartbeat", {'epoch': 1})
    assert beat.status == 200 and beat.json()['expires_at'] >= l['expires_at']
    draft = f"/api/leases/{l['lease']}/draft"
    assert a.put(draft, {'epoch': 1, 'counter': 1, 'result': choice('bad')}).json() == {'counter': 1}
    assert a.put(draft, {'epoch': 1, 'counter': 3, 'result': choice('good')}).json() == {'counter': 3}
    old = a.put(draft, {'epoch': 1, 'counter': 2, 'result': choice('bad')})
    assert old.status == 409 and old.json()['draft']['counter'] == 3 and old.json()['draft']['result'] == choice('good')
    again = lease(a, p)
    assert again['lease'] == l['lease'] and again['draft']['result'] == choice('good'), 'a reload takes no other task'
    done = submit(a, l)
    assert done.status == 200 and done.json()['counted'] is True and done.json()['revision'] == 1
    got = lab.me.get(f"/api/annotations/{done.json()['annotation']}").json()
    assert got['result'] == choice('good') and got['lead_time'] == 1.5 and got['was_cancelled'] is False
    assert lease(a, p)['task']['id'] != l['task']['id']


def test_a_repeat_with_the_same_key_is_answered_the_same_and_stored_once(lab):
    p, a = project(lab), lab.crew[0]
    l, key = lease(a, p), {'Idempotency-Key': 'k-1'}
    one, two = submit(a, l, headers=key), submit(a, l, headers=key)
    assert one.status == two.status == 200 and one.json() == two.json()
    assert two.headers['Idempotent-Replayed'] == 'true'
    other = submit(a, l, 'bad', headers=key)
    assert other.status == 422 and other.json()['code'] == 'E_KEYREUSE'
    assert lab.number(f'SELECT COUNT(*) FROM annotation WHERE project_id = {p}') == 1
    assert lab.crew[1].post(f'/api/projects/{p}/leases', {'n': 1}, headers=key).status == 200, 'a key is one caller\'s'


def test_an_old_epoch_writes_nothing_over(lab):
    p, a = project(lab), lab.crew[0]
    l = lease(a, p)
    assert a.post(f"/api/leases/{l['lease']}/release", {'epoch': 99}).status == 200    # not held by that: no error …
    assert a.post(f"/api/leases/{l['lease']}/heartbeat", {'epoch': 1}).status == 200   # … and nothing given back
    for verb in ('heartbeat', 'skip'):
        got = a.post(f"/api/leases/{l['lease']}/{verb}", {'epoch': 99, 'reason': 'unclear'})
        assert got.status == 409 and got.json()['code'] == 'E_STALE', (verb, got)
        assert lab.crew[1].post(f"/api/leases/{l['lease']}/{verb}", {'epoch': 1}).status == 404
    for _ in range(2):                                      # giving back twice is giving back
        assert a.post(f"/api/leases/{l['lease']}/release", {'epoch': 1}).json() == {'released': True}
    assert a.post(f"/api/leases/{l['lease']}/heartbeat", {'epoch': 1}).status == 409


def test_a_draft_outlives_the_lease_that_was_given_back(lab):
    p = project(lab, tasks=1)
    a, b = lab.crew[:2]
    l = lease(a, p)
    put = lambda c, counter, word, epoch: c.put(f"/api/leases/{l['lease']}/draft", {
        'epoch': epoch, 'counter': counter, 'result': choice(word)})
    assert put(a, 1, 'bad', 1).status == 200
    assert a.post(f"/api/leases/{l['lease']}/release", {'epoch': 1}).json() == {'released': True}
    assert lab.sql(f"SELECT state FROM lease WHERE id = {l['lease']}") == [('released',)]
    assert a.post(f"/api/leases/{l['lease']}/heartbeat", {'epoch': 1}).status == 409
    other = lease(b, p)
    assert other['task']['id'] == l['task']['id'] and other['draft'] is None, 'the task is free, the draft is not theirs'
    assert a.post(f'/api/projects/{p}/leases', {'n': 1}).status == 204, 'and not lent to two for one opinion'
    # What is saved behind the release is kept as late; it takes nothing from the other.
    assert put(a, 2, 'good', 1).status == 200
    assert lab.sql(f"SELECT counter, late FROM draft WHERE task_id = {l['task']['id']}") == [('2', '1')]
    b.post(f"/api/leases/{other['lease']}/release", {'epoch': 1})
    back = lease(a, p)
    assert (back['lease'], back['epoch']) == (l['lease'], 2)
    assert back['draft'] == {'counter': 2, 'late': True, 'result': choice('good')}, 'the newest of their work, late or not'
    assert put(a, 3, 'bad', 1).status == 409, 'a page from before the release writes nothing over'
    assert submit(a, back).json()['counted'] is True
    assert lab.number(f"SELECT COUNT(*) FROM draft WHERE task_id = {l['task']['id']}") == 0


def test_who_claims_again_at_once_gets_the_same_task_and_draft_as_another_lease(lab):
    """Which looks as if giving back had done nothing; the epoch says that it had."""
    p, a = project(lab), lab.crew[0]
    l = lease(a, p)
    a.put(f"/api/leases/{l['lease']}/draft", {'epoch': 1, 'counter': 1, 'result': choice('bad')})
    a.post(f"/api/leases/{l['lease']}/release", {'epoch': 1})
    again = lease(a, p)
    assert (again['task']['id'], again['lease'], again['epoch']) == (l['task']['id'], l['lease'], 2), 'what comes back goes out first'
    assert again['draft'] == {'counter': 1, 'late': False, 'result': choice('bad')}
    a.post(f"/api/leases/{l['lease']}/release", {'epoch': 2})
    assert lease(lab.crew[1], p)['task']['id'] == l['task']['id'], 'to whoever asks first'
    assert lease(a, p)['task']['id'] != l['task']['id']


def test_a_skipped_task_goes_to_others_and_counts_for_nothing(lab):
    p = project(lab, tasks=1)
    l = lease(lab.crew[0], p)
    got = lab.crew[0].post(f"/api/leases/{l['lease']}/skip", {'epoch': 1, 'reason': 'unclear', 'note': 'too short'})
    assert got.json() == {'skipped': True}
    assert lab.crew[0].post(f'/api/projects/{p}/leases', {'n': 1}).status == 204
    assert lease(lab.crew[1], p)['task']['id'] == l['task']['id']
    assert lab.me.get(f'/api/projects/{p}').json()['total_annotations_number'] == 0
    assert lab.sql(f"SELECT reason, note FROM lease WHERE id = {l['lease']}") == [('unclear', 'too short')]


def test_only_three_at_once_and_never_the_same_to_two_for_one_opinion(lab):
    p = project(lab, tasks=10)
    assert lab.crew[0].post(f'/api/projects/{p}/leases', {'n': 4}).status == 400
    mine, yours = lease(lab.crew[0], p, 3), lease(lab.crew[1], p, 3)
    assert not {l['task']['id'] for l in mine} & {l['task']['id'] for l in yours}
    assert [l['lease'] for l in lease(lab.crew[0], p, 3)] == [l['lease'] for l in mine]


def test_a_paused_project_lends_nothing_and_a_late_answer_is_kept(lab):
    p, a = project(lab), lab.crew[0]
    l = lease(a, p)
    assert lab.me.patch(f'/api/projects/{p}', {'paused': True}).json()['paused'] is True
    none = lab.crew[1].post(f'/api/projects/{p}/leases', {'n': 1})
    assert (none.status, none.headers['X-Annotary-Reason'], none.body) == (204, 'none', b'')
    assert lab.me.post(f'/api/projects/{p}/leases', {'n': 1}).headers['X-Annotary-Reason'] == 'paused'
    assert submit(a, l).status == 200, 'what was begun may be finished'


def test_an_answer_too_many_is_kept_and_not_counted(lab):
    p = project(lab, tasks=1)
    l = lease(lab.crew[0], p)
    assert lab.me.post(f"/api/tasks/{l['task']['id']}/annotations", {'result': choice('bad')}).status == 201
    lab.crew[0].post(f"/api/leases/{l['lease']}/release", {'epoch': 1})
    m = lease(lab.crew[1], p)
    assert submit(lab.crew[1], m).json()['counted'] is True
    late = submit(lab.crew[0], l, 'bad')
    assert late.status in (200, 409)
    if late.status == 200:
        assert late.json()['counted'] is False
    assert len(lab.me.get(f"/api/tasks/{l['task']['id']}/annotations").json()) == 2 + (late.status == 200)


def test_a_wrong_answer_is_refused_with_its_place_and_the_lease_lives_on(lab):
    p, a = project(lab), lab.crew[0]
    l = lease(a, p)
    for bad, place in (([{'from_name': 'nope', 'to_name': 'text', 'type': 'choices', 'value': {'choices': ['good']}}], 'result[0]'),
                       (choice('good') + choice('good') + [{'x': 1}], 'result[2]'), (choice('ugly'), 'result[0].value')):
        got = a.post(f"/api/leases/{l['lease']}/submit", {'epoch': 1, 'result': bad})
        assert got.status == 400 and any(k.startswith(place) for k in got.json()['fields']), got
    assert submit(a, l).status == 200


# --- revisions ----------------------------------------------------------------------------------------

def test_every_revision_is_kept_and_nothing_is_overwritten_in_silence(lab):
    p, a = project(lab, maximum_annotations=2), lab.crew[0]
    id = submit(a, lease(a, p)).json()['annotation']
    seen = a.get(f'/api/annotations/{id}').headers['ETag']
    two = a.patch(f'/api/annotations/{id}', {'result': choice('bad'), 'reason': 'looked again'}, headers={'If-Match': seen})
    assert two.status == 200 and two.json()['revision'] == 2 and two.headers['ETag'] != seen
    stale = a.patch(f'/api/annotations/{id}', {'result': choice('good')}, headers={'If-Match': seen})
    assert stale.status == 412 and stale.json()['code'] == 'E_CHANGED'
    assert a.patch(f'/api/annotations/{id}', {'result': choice('good')}, headers={'If-Match': 'x'}).status == 400
    history = a.get(f'/api/annotations/{id}/revisions').json()['results']
    assert sorted(h['result'][0]['value']['choices'][0] for h in history) == ['bad', 'good'] and len(history) == 2
    assert a.get(f'/api/annotations/{id}').json()['result'] == choice('bad')


def test_the_author_may_take_an_answer_back_at_once(lab):
    p, a = project(lab, maximum_annotations=2), lab.crew[0]
    id = submit(a, lease(a, p)).json()['annotation']
    back = a.post(f'/api/annotations/{id}/withdraw')
    assert back.status == 200 and back.json()['epoch'] == 2, back
    assert a.get(f'/api/annotations/{id}').status == 404
    l = lease(a, p)
    assert l['lease'] == back.json()['lease'] and l['draft']['result'] == choice('good')
    assert submit(a, l, 'bad').json()['counted'] is True


# --- what they say together ---------------------------------------------------------------------------

def test_consensus_agreement_and_export_by_consensus(lab):
    p = project(lab, tasks=2, maximum_annotations=3)
    for c, words in zip(lab.crew, (('good', 'bad'), ('good', 'bad'), ('bad', 'bad'))):
        for word in words:
            assert submit(c, lease(c, p), word).status == 200
    rows = lab.until(lambda: (lambda r: len(r) == 2 and r)(lab.me.get(f'/api/projects/{p}/consensus').json()['results']), 40)
    assert [r['result'][0]['value']['choices'] for r in rows] == [['good'], ['bad']], rows
    agreed = lab.me.get(f'/api/projects/{p}/agreement').json()
    assert '1' in json.dumps(agreed)
    tasks = lab.me.get(query('/api/tasks', project=p)).json()['tasks']
    assert [round(t['agreement'], 3) for t in tasks] == [0.333, 1.0]
    got = lab.me.get(f'/api/projects/{p}/export?format=JSON&answer=consensus')
    assert [t['annotations'][0]['result'][0]['value']['choices'] for t in got.json()] == [['good'], ['bad']]


def test_every_format_is_exported_as_a_download(lab):
    p, a = project(lab), lab.crew[0]
    assert submit(a, lease(a, p)).status == 200
    for f in lab.me.get(f'/api/projects/{p}/export/formats').json():
        got = lab.me.get(f"/api/projects/{p}/export?format={f['name']}")
        if f['name'] in ('COCO', 'YOLO', 'VOC', 'CONLL2003'):
            assert got.status in (200, 400), (f, got)
            continue
        assert got.status == 200 and got.headers['Content-Disposition'].startswith('attachment; filename='), (f, got)
        assert 't0' in got.text and 'good' in got.text
    assert lab.me.get(f'/api/projects/{p}/export?format=NOPE').status == 400
    rows = list(csv.DictReader(io.StringIO(lab.me.get(f'/api/projects/{p}/export?format=CSV').text)))
    assert rows[0]['mood'] == 'good'


# --- import -------------------------------------------------------------------------------------------

def imported(lab, p, body, tail='', kind='application/json'):
    got = lab.me.post(f'/api/projects/{p}/imports{tail}', body, kind=kind)
    assert got.status == 202, got
    return lab.until(lambda: (lambda j: j['state'] in ('done', 'failed') and j)(lab.me.get(f"/api/jobs/{got.json()['job']}").json()))


def test_an_import_is_a_job_with_progress(lab):
    p = project(lab, tasks=0)
    job = imported(lab, p, '\n'.join(json.dumps({'text': str(i)}) for i in range(2000)), '?format=jsonl')
    assert (job['state'], job['done'], job['total'], job['errors']) == ('done', 2000, 2000, [])
    assert lab.me.get(f'/api/projects/{p}').json()['task_number'] == 2000
    assert [j['id'] for j in lab.me.get(f'/api/projects/{p}/jobs').json()['results']] == [job['id']]


def test_bad_rows_are_named_by_line_and_nothing_comes_in(lab):
    p = project(lab, tasks=0)
    lines = [json.dumps({'text': 'a'}), '{oops', json.dumps({'data': {'text': 'b'}, 'annotations': [{'result': choice('nope')}]})]
    job = imported(lab, p, '\n'.join(lines), '?format=jsonl')
    assert job['state'] == 'failed' and {e['line'] for e in job['errors']} == {2, 3}, job
    assert all(e['why'] for e in job['errors'])
    assert lab.me.get(f'/api/projects/{p}').json()['task_number'] == 0


def test_a_dry_run_stores_no_task(lab):
    p = project(lab, tasks=0)
    job = imported(lab, p, json.dumps([{'text': 'a'}]), '?dry_run=1')
    assert job['state'] == 'done' and lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = {p}') == 0


# --- people -------------------------------------------------------------------------------------------

def test_an_invited_person_joins_logs_in_and_labels(lab):
    p = project(lab, tasks=2)
    made = lab.me.post(f'/api/projects/{p}/invitations', {'role': 'annotator', 'email': 'new@lab.example'})
    assert made.status == 201
    token, new = made.json()['token'], lab.client()
    assert new.get(f'/api/invitations/{token}').json()['role'] == 'annotator'
    short = new.post(f'/api/invitations/{token}/accept', {'name': 'New', 'password': 'short'})
    assert short.status == 400 and 'password' in short.json()['fields']
    assert new.post(f'/api/invitations/{token}/accept', {'name': 'New', 'password': PASSWORD}).status == 201
    assert lab.client().post(f'/api/invitations/{token}/accept', {'name': 'X', 'password': PASSWORD}).status in (400, 404)
    cookie = new.log_in('new@lab.example')
    assert cookie.status == 201, cookie
    flags = cookie.headers['Set-Cookie']
    assert 'HttpOnly' in flags and 'SameSite=Lax' in flags and 'Path=/' in flags and 'Secure' not in flags
    assert submit(new, lease(new, p)).status == 200
    # CSRF: no token, a wrong one, no origin, a foreign one
    l, csrf = lease(new, p), new.csrf
    path, body = f"/api/leases/{l['lease']}/heartbeat", {'epoch': 1}
    origin = f'http://127.0.0.1:{lab.port}'
    for head in ({'X-CSRF-Token': None}, {'X-CSRF-Token': 'x' * len(csrf)}, {'Origin': None}, {'Origin': 'http://evil.example'},
                 {'Origin': 'null'}, {'Origin': origin + '.evil.example'}, {'Origin': 'https://127.0.0.1'},
                 {'Sec-Fetch-Site': 'cross-site'}, {'Sec-Fetch-Site': 'same-site'}):
        assert new.post(path, body, headers=head).status == 403, head
    assert new.post(path, body).status == 200
    kept = new.cookie
    assert new.delete('/api/session').status == 204
    new.cookie = kept
    assert new.get('/api/session').status == 401, 'a session that was ended is over'
    lab.run('member', 'list', p)
    assert lab.client().post('/api/session', {'email': 'new@lab.example', 'password': PASSWORD},
                             headers={'Origin': 'http://evil.example'}).status == 403


def test_keys_are_scoped_shown_once_and_revoked(lab):
    p = project(lab)
    for scope, read, work, manage in (('read', 200, 403, 403), ('write', 200, 200, 403), ('all', 200, 200, 200)):
        made = lab.me.post('/api/tokens', {'name': scope, 'scope': scope, 'days': 1}).json()
        c = lab.client(made['token'])
        assert c.get(f'/api/projects/{p}').status == read
        assert c.post(f'/api/projects/{p}/leases', {'n': 1}).status == work
        assert c.patch(f'/api/projects/{p}', {'title': scope}).status == manage
        listed = next(t for t in lab.me.get('/api/tokens').json()['results'] if t['id'] == made['id'])
        assert 'token' not in listed and made['token'] not in json.dumps(listed)
        assert lab.me.delete(f"/api/tokens/{made['id']}").status == 204
        assert c.get(f'/api/projects/{p}').status == 401
    assert lab.crew[0].delete('/api/tokens/1').status == 404, 'somebody else\'s key'
    stored = json.dumps(lab.sql('SELECT * FROM token'))
    assert lab.key not in stored and lab.key.split('_')[2] not in stored


def test_wrong_passwords_are_slowed_down_and_say_nothing(lab):
    lab.person('slow@lab.example', password=True)
    c = lab.client()
    said = [c.post('/api/session', {'email': 'slow@lab.example', 'password': f'wrong wrong {i}'}) for i in range(6)]
    assert said[0].status in (400, 401, 403) and said[-1].status == 429 and int(said[-1].headers['Retry-After']) >= 1, said
    assert c.log_in('slow@lab.example').status == 429, 'the right one waits too'
    nobody = c.post('/api/session', {'email': 'nobody@lab.example', 'password': 'wrong wrong 1'})
    assert nobody.status == said[0].status and nobody.json()['detail'] == said[0].json()['detail']


def test_the_set_up_link_works_once():
    lab = Lab()
    try:
        lab.run('init')
        lab.serve()
        token, c = lab.setup.split('=')[1], lab.client()
        assert c.get('/api/setup').json() == {'open': True}
        good = {'token': token, 'org': 'Lab', 'name': 'Ada', 'email': 'ada@lab.example', 'password': PASSWORD}
        assert c.post('/api/setup', dict(good, token='x' * len(token))).status in (400, 403, 404)
        assert c.post('/api/setup', dict(good, password='password1234')).status == 400
        assert c.post('/api/setup', good).status == 201
        assert c.post('/api/setup', dict(good, email='eve@lab.example')).status in (400, 403, 404)
        assert c.get('/api/setup').json() == {'open': False}
        assert c.log_in('ada@lab.example').status == 201
        assert c.get('/api/session').json()['person']['email'] == 'ada@lab.example'
    finally:
        lab.close()


def test_every_error_has_the_same_shape(lab):
    for got in (lab.me.get('/api/nothing'), lab.client().get('/api/projects'), lab.me.post('/api/projects', b'{'),
                lab.me.patch('/api/projects/987654', {}), lab.me.request('PUT', '/api/projects')):
        body = got.json()
        assert body['detail'].endswith('.') and body['code'].startswith('E_') and len(body['request_id']) == 16, got
    got = lab.me.post('/api/tokens', {'days': 'x', 'name': 3})
    assert got.status == 400 and set(got.json()['fields']) == {'days', 'name'}
