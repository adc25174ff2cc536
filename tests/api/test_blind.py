"""What an annotator cannot see, what is written down before anything is shown, and what a GET may change.

Runs once for each ANNOTARY_DB.
"""
import json, re
import pytest

from support.lab import Lab, choice, query
from test_matrix import picture, routes

SECRET = 'zebrafish'            # stands in content that the annotator is never lent
GUESS = 'narwhal'               # stands in a prediction for it


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    boss = lab.init()
    vendor = lab.run('org', 'vendor-add', 'Acme')['id']
    lab.keys = {'boss': boss}
    lab.project_id = p = lab.project(overlap=2)
    for name, role, more in (('ann', 'annotator', []), ('ben', 'annotator', []), ('rev', 'reviewer', []),
                             ('aud', 'auditor', []), ('acme', 'annotator', ['--vendor', vendor])):
        lab.keys[name] = lab.person(f'{name}@lab.example')
        lab.run('member', 'add', p, f'{name}@lab.example', '--role', role, *more)
    lab.serve()
    lab.who = {n: lab.client(k) for n, k in lab.keys.items()}
    boss = lab.who['boss']
    rows = [{'text': f'row {i}'} for i in range(10)] + [{'text': f'the last {SECRET}'}]
    made = boss.post(f'/api/projects/{p}/import?return_task_ids=1', rows).json()
    lab.tasks = made['task_ids']
    guess = [dict(choice('good')[0], meta={'text': [GUESS]})]
    lab.guess = boss.post('/api/predictions', {'task': lab.tasks[-1], 'result': guess, 'score': 0.5}).json()['id']
    zipped = boss.post(f'/api/projects/{p}/import', picture(), kind='application/zip')
    assert zipped.status == 201, zipped
    lab.media = boss.get(f'/api/projects/{p}/media').json()[0]['url']
    kept = boss.post(f'/api/projects/{p}/import?commit_to_project=false', [{'text': SECRET}])
    assert kept.status == 201, kept
    lab.upload = boss.get(f'/api/projects/{p}/file-uploads').json()[0]['file']
    gold = boss.post(f'/api/tasks/{lab.tasks[0]}/annotations', {'result': choice('bad'), 'ground_truth': True})
    assert gold.status == 201, gold
    lab.gold = gold.json()['id']
    lab.leases = {}
    for name in ('ann', 'ben', 'acme'):
        lent = lab.who[name].post(f'/api/projects/{p}/leases', {'n': 2}).json()
        lab.leases[name] = lent
    sent = lab.who['ben'].post(f"/api/leases/{lab.leases['ben'][0]['lease']}/submit",
                               {'epoch': 1, 'result': choice('good'), 'active_ms': 1})
    assert sent.status == 200, sent
    lab.bens = sent.json()['annotation']
    yield lab
    lab.close()


def lent(lab, name):
    return [l['task']['id'] for l in lab.leases[name]]


def test_an_annotator_sees_no_answer_of_another(lab):
    ann, task = lab.who['ann'], lab.leases['ben'][0]['task']['id']
    assert ann.get(f'/api/annotations/{lab.bens}').status == 404
    assert ann.get(f'/api/annotations/{lab.bens}/revisions').status == 404
    assert ann.patch(f'/api/annotations/{lab.bens}', {'result': choice('bad')}, headers={'If-Match': '1'}).status in (403, 404)
    assert ann.post(f'/api/annotations/{lab.bens}/withdraw').status in (403, 404)
    assert ann.get(f'/api/tasks/{task}/annotations').json() == []
    assert ann.get(f'/api/tasks/{task}').json()['annotations'] == []
    for t in ann.get(query('/api/tasks', project=lab.project_id)).json()['tasks']:
        assert t['annotations'] == [] and t['annotators'] == [], t
    assert lab.who['ben'].get(f'/api/annotations/{lab.bens}').json()['result'] == choice('good')
    assert lab.who['rev'].get(f'/api/annotations/{lab.bens}').status == 200


def test_an_annotator_learns_no_gold(lab):
    ann = lab.who['ann']
    assert ann.get(f'/api/annotations/{lab.gold}').status == 404
    shown = ann.get(f'/api/tasks/{lab.tasks[0]}').text + ann.get(query('/api/tasks', project=lab.project_id)).text
    assert '"ground_truth":true' not in shown
    asked = {'filters': {'conjunction': 'and', 'items': [
        {'filter': 'filter:tasks:ground_truth', 'operator': 'equal', 'type': 'Boolean', 'value': True}]}}
    assert ann.get(query('/api/tasks', project=lab.project_id, query=json.dumps(asked))).status == 403


def test_an_annotator_sees_no_agreement_consensus_export_job_or_import(lab):
    p = lab.project_id
    for path in ('consensus', 'consensus-methods', 'agreement', 'skills', 'export', 'jobs', 'imports', 'file-uploads', 'media', 'invitations'):
        assert lab.who['ann'].get(f'/api/projects/{p}/{path}').status == 403, path
    for t in lab.who['ann'].get(query('/api/tasks', project=p)).json()['tasks']:
        assert t['agreement'] is None


def test_content_never_lent_never_leaves(lab):
    """Every GET there is, as annotator, vendor's annotator and reviewer: the words do not appear."""
    p, unlent = lab.project_id, lab.tasks[-1]
    ids = {'/api/projects': p, '/api/tasks': unlent, '/api/predictions': lab.guess, '/api/annotations': lab.gold}
    for name in ('ann', 'acme', 'rev'):
        assert unlent not in (lent(lab, name) if name in lab.leases else [])
        for method, path, on, level, kind in routes():
            if method != 'GET' or kind == 'WRITE' or path.startswith('/media'):
                continue
            at = next((v for k, v in ids.items() if path.startswith(k + '/')), 1)
            url = re.sub(r'\{id\}', str(at), re.sub(r'\{\w+(?<!\{id)\}', '1', path))
            for more in ('', f'?project={p}', f'?task={unlent}', f'?project={p}&task={unlent}', '?page=1', '?limit=500',
                         f'?project={p}&fields=all&include=data,predictions'):
                got = lab.who[name].get(url + more)
                assert SECRET not in got.text, f'{name} {url + more}: {got}'
                assert GUESS not in got.text, f'{name} {url + more}: {got}'
    assert SECRET in lab.who['boss'].get(f'/api/tasks/{unlent}').text


def test_an_uploaded_file_is_read_by_the_core_team_alone_and_that_is_written_down(lab):
    for name in ('ann', 'acme', 'rev'):
        assert lab.who[name].get(f'/data/{lab.upload}').status == 403, name
    for name in ('boss', 'aud'):
        before = lab.number("SELECT COUNT(*) FROM audit WHERE act LIKE '%read%' OR act LIKE '%look%'")
        got = lab.who[name].get(f'/data/{lab.upload}')
        assert got.status == 200 and SECRET in got.text and 'attachment' in got.headers['Content-Disposition']
        assert lab.number("SELECT COUNT(*) FROM audit WHERE act LIKE '%read%' OR act LIKE '%look%'") == before + 1


def test_filters_are_no_oracle_for_those_who_do_not_see_everything(lab):
    for item in ({'filter': 'filter:tasks:data.text', 'operator': 'contains', 'type': 'String', 'value': SECRET},
                 {'filter': 'filter:tasks:annotators', 'operator': 'contains', 'type': 'List', 'value': 1},
                 {'filter': 'filter:tasks:agreement', 'operator': 'greater', 'type': 'Number', 'value': 1}):
        asked = json.dumps({'filters': {'conjunction': 'and', 'items': [item]}})
        for name in ('ann', 'acme', 'rev'):
            assert lab.who[name].get(query('/api/tasks', project=lab.project_id, query=asked)).status == 403
        assert lab.who['boss'].get(query('/api/tasks', project=lab.project_id, query=asked)).status == 200
    asked = json.dumps({'ordering': ['-tasks:agreement']})
    assert lab.who['ann'].get(query('/api/tasks', project=lab.project_id, query=asked)).status == 403


def test_a_picture_of_a_task_that_was_not_lent_is_not_shown(lab):
    for name in ('ann', 'acme', 'rev'):
        assert lab.who[name].get(lab.media).status == 404, name
    got = lab.who['boss'].get(lab.media)
    assert got.status == 200 and got.headers['Content-Type'] == 'image/png'
    assert got.headers['X-Content-Type-Options'] == 'nosniff' and "sandbox" in got.headers['Content-Security-Policy']
    assert lab.client().get(lab.media).status == 401


def test_a_vendors_people_see_nobody_but_themselves(lab):
    p = lab.project_id
    for name in ('ann', 'acme'):
        seen = lab.who[name].get(f'/api/projects/{p}/members').json()['results']
        assert [m['email'] for m in seen] == [f'{name}@lab.example']
        for path in ('/api/people', '/api/users', '/api/vendors', '/api/invitations'):
            assert lab.who[name].get(path).status == 403, path
    other = next(m['person'] for m in lab.who['boss'].get(f'/api/projects/{p}/members').json()['results']
                 if m['email'] == 'ben@lab.example')
    assert lab.who['acme'].get(f'/api/users/{other}').status in (403, 404)
    shown = lab.who['acme'].get(f'/api/projects/{p}').text + lab.who['acme'].get('/api/projects').text
    assert '@lab.example' not in shown.replace('acme@lab.example', '')


def test_a_party_is_not_told_why_there_is_nothing(lab):
    p = lab.project()
    lab.run('member', 'add', p, 'ann@lab.example')
    lab.who['boss'].post(f'/api/projects/{p}/import', [{'text': 'a'}])
    assert lab.who['boss'].patch(f'/api/projects/{p}', {'paused': True}).status == 200
    a, b = (lab.who[n].post(f'/api/projects/{p}/leases', {'n': 1}) for n in ('ann', 'boss'))
    assert (a.status, a.headers['X-Annotary-Reason']) == (204, 'none')
    assert (b.status, b.headers['X-Annotary-Reason']) == (204, 'paused')


# --- what is written down -----------------------------------------------------------------------------

def test_who_was_shown_what_is_written_before_it_is_served(lab):
    p = lab.project()
    lab.run('member', 'add', p, 'acme@lab.example', '--vendor', lab.number("SELECT id FROM vendor WHERE name = 'Acme'"))
    lab.who['boss'].post(f'/api/projects/{p}/import', [{'text': 'a'}, {'text': 'b'}])
    assert lab.number(f'SELECT COUNT(*) FROM look WHERE project_id = {p}') == 0
    got = lab.who['acme'].post(f'/api/projects/{p}/leases', {'n': 1}).json()
    looks = lab.sql(f'SELECT task_id, lease_id, party_id FROM look WHERE project_id = {p}')
    vendor = lab.sql("SELECT id FROM vendor WHERE name = 'Acme'")[0][0]
    assert looks == [(str(got[0]['task']['id']), str(got[0]['lease']), vendor)]
    assert lab.number(f'SELECT COUNT(*) FROM exposure WHERE project_id = {p} AND party_id = {vendor}') == 1
    for _ in range(3):                                      # looking again costs and writes nothing
        assert lab.who['acme'].get(f"/api/tasks/{got[0]['task']['id']}").json()['data']
        lab.who['acme'].post(f'/api/projects/{p}/leases', {'n': 1})
    assert lab.number(f'SELECT COUNT(*) FROM look WHERE project_id = {p}') == 1
    assert lab.number(f'SELECT COUNT(*) FROM exposure WHERE project_id = {p}') == 1


def test_a_core_reader_leaves_one_audit_row_an_act(lab):
    p = lab.project_id

    def rows():
        return lab.number('SELECT COUNT(*) FROM audit')

    for path in (f'/api/tasks/{lab.tasks[0]}', query('/api/tasks', project=p), f'/api/projects/{p}/export?format=JSON'):
        for name in ('boss', 'aud'):
            before = rows()
            assert lab.who[name].get(path).status == 200
            lab.until(lambda: rows() > before, 5)
            acts = 2 if 'export' in path else 1             # an export says when it begins and when it ends
            lab.until(lambda: rows() >= before + acts, 5)
            assert rows() == before + acts, (name, path, lab.sql('SELECT act, detail FROM audit ORDER BY id DESC LIMIT 3'))
    last = lab.sql("SELECT person_id, project_id, detail FROM audit WHERE act = 'content.read' ORDER BY id DESC LIMIT 1")[0]
    assert last[1] == str(p) and json.loads(last[2])['items'] > 0


def test_get_and_head_change_nothing_but_what_says_who_looked(lab):
    """The crawler: every GET, as owner and as annotator, with and without a slash at the end."""
    quiet = ('audit', 'look', 'exposure', 'session', 'token')
    before, p = lab.state(without=quiet), lab.project_id
    ids = {'/api/projects': p, '/api/tasks': lab.tasks[0], '/api/predictions': lab.guess, '/api/annotations': lab.gold}
    asked = 0
    for method, path, on, level, kind in routes():
        if method != 'GET' or path == '/api/projects/{id}/next':    # Label Studio's, which lends
            continue
        at = next((v for k, v in ids.items() if path.startswith(k + '/')), 1)
        url = lab.media if path.startswith('/media') else re.sub(r'\{\w+\}', '1', path.replace('{id}', str(at)))
        for name in ('boss', 'ann'):
            for how in ('GET', 'HEAD'):
                for tail in ('', '/', f'?project={p}'):
                    got = lab.who[name].request(how, url + tail)
                    assert got.status < 500, (how, url + tail, got)
                    asked += 1
    assert asked > 400
    after = lab.state(without=quiet)
    assert before == after, [t for t in before if before[t] != after[t]]
