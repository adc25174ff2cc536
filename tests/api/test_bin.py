"""Deleted tasks can be had back, exactly, for a while; until then nobody sees them; then they are gone for good.
And jobs that run can be stopped.  Once for each ANNOTARY_DB."""
import json, os, signal, time
import pytest

from support.lab import CHOICES, DB, Lab, choice

assert DB in ('sqlite', 'pg')

PICTURES = ('<View><Image name="image" value="$image"/>'
            '<Choices name="mood" toName="image"><Choice value="good"/><Choice value="bad"/></Choices></View>')
DOT = bytes.fromhex('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc0000003010100c9fe92ef'
                    '0000000049454e44ae426082')


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.keys = [lab.person(f'a{i}@lab.example') for i in range(3)]
    lab.serve()
    renew(lab)
    lab.ids = [c.get('/api/current-user/whoami').json()['id'] for c in lab.crew]
    yield lab
    lab.close()


def renew(lab):
    lab.me = lab.client(lab.key)
    lab.crew = [lab.client(k) for k in lab.keys]


def killed(lab):
    """The server is gone in the middle; what ran is taken up again as when its claim runs out in a minute."""
    lab.stop(signal.SIGKILL)
    lab.change("UPDATE job SET due_ms = 0 WHERE state = 'running'")
    lab.serve()
    renew(lab)


class Work:
    """A project of tasks, with the crew in it."""

    def __init__(self, lab, tasks=30, **more):
        self.lab = lab
        self.p = lab.me.post('/api/projects', {'title': 'B', 'label_config': CHOICES, **more}).json()['id']
        self.tasks = lab.me.post(f'/api/projects/{self.p}/import?return_task_ids=true',
                                 [{'text': f't{n}', 'topic': 'ab'[n % 2]} for n in range(tasks)]).json()['task_ids'] if tasks else []
        for person in lab.ids:
            lab.me.post(f'/api/projects/{self.p}/members', {'person': person, 'role': 'annotator'})

    def lend(self, who, n=3):
        got = who.post(f'/api/projects/{self.p}/leases', {'n': n})
        return got.json() if got.status == 200 else []

    def answer(self, who, lease, word='good'):
        return who.post(f"/api/leases/{lease['lease']}/submit", {'epoch': lease['epoch'], 'result': choice(word), 'active_ms': 5000})

    def begin(self, which=None, **args):
        selected = {'all': True, 'excluded': []} if which is None else {'all': False, 'included': [self.tasks[n] for n in which]}
        return self.lab.me.post(f'/api/projects/{self.p}/bulk', {'action': 'delete_tasks', 'selectedItems': selected, 'args': args})

    def end(self, begun, state='done', seconds=60):
        assert begun.status == 202, begun
        job = begun.json()['job']
        self.lab.until(lambda: self.lab.me.get(f'/api/jobs/{job}').json()['state'] in ('done', 'failed', 'cancelled'), seconds)
        seen = self.lab.me.get(f'/api/jobs/{job}').json()
        assert seen['state'] == state, seen
        return job, seen['result']

    def undo(self, job):
        return self.lab.me.post(f'/api/projects/{self.p}/bulk/{job}/undo')

    def deletions(self):
        return self.lab.me.get(f'/api/projects/{self.p}/deletions').json()['results']

    def project(self):
        return self.lab.me.get(f'/api/projects/{self.p}').json()

    def ids(self):
        got = self.lab.me.post(f'/api/projects/{self.p}/tasks/page', {'limit': 500}).json()['results']
        return [t['id'] for t in got]

    def settle(self):
        self.lab.until(lambda: self.lab.number(f'SELECT COUNT(*) FROM slot WHERE project_id = {self.p} AND settle_ms > 0') == 0)

    def everything(self):
        """What a person could see of the project, and what is kept in sums."""
        me, out = self.lab.me, {}
        out['export'] = me.get(f'/api/projects/{self.p}/export?exportType=JSON').json()
        for name in ('overview', 'agreement', 'contributions', 'consensus', 'confusion?control=mood', 'fields/spread?name=data.topic', 'disputes'):
            out[name] = me.get(f'/api/projects/{self.p}/{name}').json()
        for n in ('total_annotations_number', 'total_predictions_number', 'task_number', 'finished_task_number', 'num_tasks_with_annotations'):
            out[n] = self.project().get(n)
        out['tasks'] = me.get(f'/api/tasks?project={self.p}&page_size=100').json()
        out['comments'] = [me.get(f'/api/tasks/{t}/comments').json() for t in out_ids(out)]
        return scrub(out)


def out_ids(out):
    return [t['id'] for t in out['tasks']['tasks']]


def names_of(lab):
    return [t[0] if isinstance(t, tuple) else t for t in lab.tables()]


def scrub(v):
    """Without what tells when something was worked out."""
    if isinstance(v, dict):
        return {k: scrub(x) for k, x in v.items() if k not in ('computed_at', 'updated_at', 'since', 'now')}
    return [scrub(x) for x in v] if isinstance(v, list) else v


def full(lab):
    """Answers, skips, predictions, comments, a ruling, a draft and agreed answers."""
    w = Work(lab, tasks=12, maximum_annotations=2)
    a, b, c = lab.crew
    for who, word in ((a, 'good'), (b, 'bad')):
        for lease in w.lend(who, 3):
            assert w.answer(who, lease, word).status in (200, 201)
    lease, = w.lend(c, 1)
    assert c.post(f"/api/leases/{lease['lease']}/skip", {'epoch': lease['epoch'], 'reason': 'hard'}).status == 200
    lab.me.post('/api/predictions', {'task': w.tasks[1], 'result': choice('bad'), 'model_version': 'm', 'score': 0.5})
    lab.me.post(f'/api/tasks/{w.tasks[2]}/comments', {'text': 'look at this'})
    w.settle()
    return w


def test_what_was_deleted_is_seen_by_nobody_and_comes_back_as_it_was(lab):
    w = full(lab)
    before, audits = w.everything(), lab.number('SELECT COUNT(*) FROM audit')
    job, said = w.end(w.begin())
    assert said == {'done': 12, 'left': 0, 'undo': True}
    nothing = w.everything()
    assert nothing['export'] == [] and nothing['tasks']['total'] == 0 and nothing['task_number'] == 0 and nothing['total_annotations_number'] == 0
    assert nothing['agreement'] != before['agreement'] and not nothing['consensus']['results']
    for c in (lab.me, *lab.crew):
        for path in (f'/api/tasks/{w.tasks[0]}', f'/api/tasks/{w.tasks[0]}/annotations', f'/api/tasks/{w.tasks[2]}/comments'):
            assert c.get(path).status == 404
        assert [c.get(f"/api/annotations/{x['id']}").status for t in before['export'] for x in t['annotations']] == [404] * 6
    assert lab.me.get(f"/api/predictions?project={w.p}").json() in ([], {'results': []}) or not lab.me.get(f'/api/predictions?project={w.p}').json()
    assert w.lend(lab.crew[2]) == []
    (d,) = w.deletions()
    assert (d['tasks'], d['total'], d['job']) == (12, 12, job) and d['ends_at'] > d['created_at']
    undone, said = w.end(w.undo(job))
    assert said == {'done': 12, 'left': 0} and w.deletions() == []
    w.settle()
    assert w.everything() == before
    acts = [r[0] for r in lab.sql(f"SELECT act FROM audit WHERE project_id = {w.p} ORDER BY id")]
    assert [x for x in acts if x in ('bulk.begin', 'task.delete_some', 'bin.restore', 'task.restore_some')] == ['bulk.begin', 'task.delete_some', 'bin.restore', 'task.restore_some']
    assert w.undo(job).status == 409, 'once'
    held = {x['task']['id'] for who in lab.crew for x in w.lend(who, 3)}
    assert held <= set(w.tasks) and len(held) >= 3, 'they are lent again'


def test_every_table_that_tells_of_a_task_moves(lab):
    w = full(lab)
    columns = lab.sql("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'") if DB == 'pg' else \
        [(t, c) for t in names_of(lab) for (c,) in lab.sql(f"SELECT name FROM pragma_table_info('{t}')")]
    has = {}
    for t, c in columns:
        has.setdefault(t, set()).add(c)
    about = {t for t, cs in has.items() if {'project_id', 'task_id'} <= cs}
    assert {'slot', 'lease', 'annotation', 'prediction', 'draft', 'comment', 'consensus', 'agreement', 'media_use', 'ruling'} <= about
    w.end(w.begin())
    for t in sorted(about - {'look', 'undo', 'deleted'}):
        assert lab.number(f'SELECT COUNT(*) FROM {t} WHERE project_id = {w.p}') == 0, t
    assert lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = {w.p}') == 0
    assert lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = -{w.p}') == 12
    for t in ('pace', 'worker_count', 'label_sum', 'agreement_sum', 'agreement_time_sum'):
        column = {'pace': 'answers', 'worker_count': 'answers'}.get(t, 'tasks')
        assert lab.number(f'SELECT SUM({column}) FROM {t} WHERE project_id = {w.p}') == 0, t


def test_who_is_at_work_is_told_and_finds_the_draft_again(lab):
    w = Work(lab, tasks=3)
    a = lab.crew[0]
    lease, = w.lend(a, 1)
    assert a.put(f"/api/leases/{lease['lease']}/draft", {'epoch': lease['epoch'], 'counter': 1, 'result': choice('bad'), 'active_ms': 10}).status < 300
    (n,) = [k for k, t in enumerate(w.tasks) if t == lease['task']['id']]
    job, _ = w.end(w.begin([n]))
    got = w.answer(a, lease)
    assert got.status == 404 and 'deleted' in got.json()['detail'] and 'draft' in got.json()['detail']
    assert a.put(f"/api/leases/{lease['lease']}/draft", {'epoch': lease['epoch'], 'counter': 2, 'result': choice('good'), 'active_ms': 10}).status == 404
    assert lab.crew[1].post(f"/api/leases/{lease['lease']}/submit", {'epoch': 1, 'result': choice('good'), 'active_ms': 1}).json()['detail'] == f"There is no lease {lease['lease']}."
    w.end(w.undo(job))
    (again,) = [x for x in w.lend(a, 3) if x['task']['id'] == lease['task']['id']]
    assert again['lease'] == lease['lease'] and again['epoch'] == lease['epoch'] and again['draft']['result'] == choice('bad')
    assert w.answer(a, lease).status in (200, 201)


def test_a_single_task_goes_and_comes_back(lab):
    w = Work(lab, tasks=2)
    assert lab.me.delete(f'/api/tasks/{w.tasks[0]}').status == 204
    assert w.ids() == [w.tasks[1]] and w.project()['task_number'] == 1
    (d,) = w.deletions()
    assert lab.crew[0].get(f'/api/projects/{w.p}/deletions').status == 403
    assert lab.crew[0].post(f"/api/projects/{w.p}/deletions/{d['id']}/undo").status == 403
    assert lab.crew[0].delete(f"/api/projects/{w.p}/deletions/{d['id']}").status == 403
    other = Work(lab, tasks=1)
    assert lab.me.post(f"/api/projects/{other.p}/deletions/{d['id']}/undo").status == 404, 'of another project'
    _, said = w.end(lab.me.post(f"/api/projects/{w.p}/deletions/{d['id']}/undo"))
    assert said['done'] == 1 and sorted(w.ids()) == w.tasks and w.project()['task_number'] == 2
    assert lab.me.post(f"/api/projects/{w.p}/deletions/{d['id']}/undo").status == 404


def test_for_good_is_for_good(lab):
    w = full(lab)
    assert lab.me.delete(f'/api/tasks/{w.tasks[11]}?for_good=true').status == 204
    assert w.deletions() == [] and lab.number(f'SELECT COUNT(*) FROM task WHERE id = {w.tasks[11]}') == 0
    job, said = w.end(w.begin(for_good=True))
    assert said == {'done': 11, 'left': 0, 'undo': False}
    lab.until(lambda: lab.number(f'SELECT COUNT(*) FROM task WHERE project_id IN ({w.p}, -{w.p})') == 0)
    lab.until(lambda: w.deletions() == [])
    for t in ('slot', 'lease', 'annotation', 'prediction', 'comment', 'consensus', 'agreement', 'task_field', 'deleted'):
        assert lab.number(f'SELECT COUNT(*) FROM {t} WHERE project_id IN ({w.p}, -{w.p})') == 0, t
    assert lab.number('SELECT COUNT(*) FROM revision r LEFT JOIN annotation a ON a.id = r.annotation_id WHERE a.id IS NULL') == 0
    assert w.undo(job).status == 409


def test_all_tasks_of_a_project_and_a_purge_that_is_asked_for(lab):
    w = Work(lab, tasks=5)
    assert lab.me.delete(f'/api/projects/{w.p}/tasks').status == 204 and w.ids() == []
    (d,) = w.deletions()
    _, said = w.end(lab.me.delete(f"/api/projects/{w.p}/deletions/{d['id']}"))
    assert said['done'] == 5 and w.deletions() == [] and lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = -{w.p}') == 0
    acts = [r[0] for r in lab.sql(f"SELECT act FROM audit WHERE project_id = {w.p} ORDER BY id")]
    assert acts[-2:] == ['bin.purge', 'task.purge_some']


def test_a_task_whose_id_was_given_away_stays_and_says_so(lab):
    w = Work(lab, tasks=0)
    for u in ('u1', 'u2'):
        lab.me.post('/api/tasks', {'project': w.p, 'data': {'text': u}, 'unique_id': u})
    w.tasks = w.ids()
    job, _ = w.end(w.begin())
    new = lab.me.post('/api/tasks', {'project': w.p, 'data': {'text': 'another'}, 'unique_id': 'u1'}).json()['id']
    _, said = w.end(w.undo(job))
    assert said == {'done': 1, 'left': 1} and w.deletions()[0]['tasks'] == 1
    assert lab.me.delete(f'/api/tasks/{new}?for_good=true').status == 204
    _, said = w.end(w.undo(job))
    assert said == {'done': 1, 'left': 0} and sorted(w.ids()) == sorted(w.tasks)
    for _ in range(3):
        assert lab.me.delete(f'/api/tasks/{w.ids()[0]}').status == 204
        assert lab.me.post('/api/tasks', {'project': w.p, 'data': {'text': 'again'}, 'unique_id': 'u1'}).status in (201, 400)


def test_a_picture_of_a_deleted_task_is_shown_to_nobody_and_goes_with_it(lab):
    p = lab.me.post('/api/projects', {'title': 'P', 'label_config': PICTURES}).json()['id']
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="dot.png"\r\nContent-Type: image/png\r\n\r\n' + DOT + b'\r\n--x--\r\n'
    begun = lab.me.post(f'/api/projects/{p}/imports', form, kind='multipart/form-data; boundary=x')
    lab.until(lambda: lab.me.get(f"/api/jobs/{begun.json()['job']}").json()['state'] == 'done')
    (task,) = lab.me.get(f'/api/tasks?project={p}').json()['tasks']
    url = task['data']['image']
    assert lab.me.get(url).status == 200
    lab.me.delete(f"/api/tasks/{task['id']}")
    assert lab.me.get(url).status == 404
    assert lab.me.get(f'/api/projects/{p}/media').json() == []
    (d,) = lab.me.get(f'/api/projects/{p}/deletions').json()['results']
    begun = lab.me.post(f"/api/projects/{p}/deletions/{d['id']}/undo").json()['job']
    lab.until(lambda: lab.me.get(f'/api/jobs/{begun}').json()['state'] == 'done')
    assert lab.me.get(url).status == 200
    lab.me.delete(f"/api/tasks/{task['id']}?for_good=1")
    assert lab.me.get(url).status == 404
    assert lab.number(f'SELECT COUNT(*) FROM media WHERE project_id = {p}') == 0 and lab.number('SELECT COUNT(*) FROM leftover') > 0


def test_an_empty_project_is_emptied_and_deleted_as_well(lab):
    w = Work(lab, tasks=0)
    for more in ('', '?for_good=true'):
        assert lab.me.delete(f'/api/projects/{w.p}/tasks{more}').status == 204 and w.deletions() == []
    _, said = w.end(w.begin())
    assert said == {'done': 0, 'left': 0, 'undo': False}
    assert lab.me.delete(f'/api/projects/{w.p}').status == 204
    lab.until(lambda: lab.number(f"SELECT COUNT(*) FROM job WHERE project_id = {w.p} AND state <> 'done'") == 0)


def test_two_at_once_do_it_once(lab):
    w = Work(lab, tasks=600)
    one, two = w.begin(), w.begin()
    (_, a), (_, b) = w.end(one), w.end(two)
    assert a['done'] + b['done'] == 600 and w.project()['task_number'] == 0
    for d in w.deletions():
        got = [lab.me.post(f"/api/projects/{w.p}/deletions/{d['id']}/undo") for _ in range(3)]
        assert got[0].status == 202 and {g.status for g in got[1:]} <= {412, 404}, got
        w.end(got[0])
    assert w.project()['task_number'] == 600 and w.deletions() == []


@pytest.mark.parametrize('moment', [0, 1, 2])
def test_kill_in_the_middle_of_deleting_and_of_undoing(lab, moment):
    w = Work(lab, tasks=1500)
    lease, = w.lend(lab.crew[0], 1)
    assert w.answer(lab.crew[0], lease).status in (200, 201)
    w.settle()
    before = w.project()
    begun = w.begin()
    lab.until(lambda: w.project()['task_number'] <= 1500 - 300 * moment)
    killed(lab)
    job, said = w.end(begun)
    assert said == {'done': 1500, 'left': 0, 'undo': True} and w.project()['task_number'] == 0 and w.ids() == []
    begun = w.undo(job)
    lab.until(lambda: w.project()['task_number'] >= 300 * moment)
    killed(lab)
    w.end(begun)
    assert w.deletions() == []
    for n in ('task_number', 'total_annotations_number', 'finished_task_number'):
        assert w.project()[n] == before[n], n
    assert lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = -{w.p}') == 0


def test_deleted_tasks_go_by_themselves_when_their_time_is_over(lab):
    w = Work(lab, tasks=4)
    w.end(w.begin([0, 1]))
    lab.me.delete(f'/api/tasks/{w.tasks[2]}')
    lab.stop()
    lab.change(f'UPDATE deletion SET ends_ms = 1 WHERE project_id = {w.p}')
    lab.serve()
    renew(lab)
    lab.until(lambda: w.deletions() == [])
    assert lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = -{w.p}') == 0 and w.ids() == [w.tasks[3]]


def test_without_time_to_keep_them_they_go_at_once(lab):
    lab.stop()
    lab.env['ANNOTARY_KEEP_DELETED'] = '0'
    lab.serve()
    renew(lab)
    try:
        w = Work(lab, tasks=4)
        lab.me.delete(f'/api/tasks/{w.tasks[0]}')
        assert w.deletions() == []
        _, said = w.end(w.begin())
        assert said['undo'] is False
        lab.until(lambda: lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = -{w.p}') == 0)
    finally:
        lab.stop()
        del lab.env['ANNOTARY_KEEP_DELETED']
        lab.serve()
        renew(lab)


def test_a_deleted_project_takes_its_bin_along(lab):
    w = full(lab)
    w.end(w.begin([0, 1, 2]))
    assert lab.me.delete(f'/api/projects/{w.p}').status == 204
    lab.until(lambda: lab.number(f'SELECT COUNT(*) FROM task WHERE project_id IN ({w.p}, -{w.p})') == 0)
    lab.until(lambda: lab.number(f'SELECT COUNT(*) FROM deletion WHERE project_id = {w.p}') == 0)


# ---- stopping ----

def test_a_bulk_act_stops_between_slices_and_what_it_did_can_be_undone(lab):
    w = Work(lab, tasks=0)
    file = '\n'.join(json.dumps({'text': f't{n}'}) for n in range(20000))
    w.end(lab.me.post(f'/api/projects/{w.p}/imports?format=jsonl', file.encode(), kind='application/x-ndjson'))
    begun = w.begin()
    job = begun.json()['job']
    lab.until(lambda: lab.me.get(f'/api/jobs/{job}').json()['done'] > 0)
    seen = lab.me.get(f'/api/jobs/{job}').json()
    assert seen['stoppable'] and seen['state'] == 'running'
    assert w.undo(job).status == 412, 'not while it runs'
    assert lab.crew[0].delete(f'/api/jobs/{job}').status == 403
    assert lab.me.delete(f'/api/jobs/{job}').status == 204
    assert lab.me.delete(f'/api/jobs/{job}').status in (204, 412)
    _, said = w.end(begun, 'cancelled')
    left = w.project()['task_number']
    assert 0 < said['done'] < 20000 and left == 20000 - said['done'] and said['undo'] is True
    undo = w.undo(job)
    lab.until(lambda: lab.me.get(f"/api/jobs/{undo.json()['job']}").json()['done'] > 0)
    lab.me.delete(f"/api/jobs/{undo.json()['job']}")
    _, half = w.end(undo, 'cancelled')
    assert w.project()['task_number'] == left + half['done']
    if half['done'] < said['done']:
        w.end(w.undo(job))
    assert w.project()['task_number'] == 20000


def test_an_import_that_is_stopped_leaves_nothing(lab):
    w = Work(lab, tasks=0)
    file = '\n'.join(json.dumps({'text': f't{n} ' + 'x' * 300}) for n in range(60000)).encode()
    for wait in (0, 1):
        begun = lab.me.post(f'/api/projects/{w.p}/imports?format=jsonl', file, kind='application/x-ndjson')
        job = begun.json()['job']
        if wait:
            lab.until(lambda: lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = {w.p}') > 0)
        else:
            lab.until(lambda: lab.me.get(f'/api/jobs/{job}').json()['state'] == 'running')
        assert lab.me.delete(f'/api/jobs/{job}').status == 204
        w.end(begun, 'cancelled')
        seen = lab.me.get(f'/api/jobs/{job}').json()
        assert seen['import']['state'] == 'failed' and 'stopped' in seen['errors'][0]['why']
        assert w.project()['task_number'] == 0 and lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = {w.p}') == 0
        assert lab.number(f'SELECT COUNT(*) FROM lane WHERE project_id = {w.p} AND import_id > 0') == 0


def test_a_stop_outlives_the_server(lab):
    w = Work(lab, tasks=1200)
    begun = w.begin()
    job = begun.json()['job']
    lab.until(lambda: w.project()['task_number'] < 1200)
    lab.stop(signal.SIGKILL)
    lab.change(f"UPDATE job SET due_ms = 0, stop_ms = 1 WHERE id = {job} AND state = 'running'")
    lab.serve()
    renew(lab)
    _, said = w.end(begun, 'cancelled')
    assert said['done'] == 1200 - w.project()['task_number'] > 0 and said['undo']


def test_many_in_reasonable_time(lab):
    w = Work(lab, tasks=0)
    n = int(os.environ.get('ANNOTARY_MANY', '20000'))
    file = '\n'.join(json.dumps({'text': f't{k}', 'number': k % 100}) for k in range(n)).encode()
    w.end(lab.me.post(f'/api/projects/{w.p}/imports?format=jsonl', file, kind='application/x-ndjson'), seconds=180)
    began = time.monotonic()            # ANNOTARY_MANY=100000 by hand
    job, said = w.end(w.begin(), seconds=300)
    middle = time.monotonic()
    assert said['done'] == n and w.project()['task_number'] == 0
    w.end(w.undo(job), seconds=300)
    print(f'{n} tasks: deleted in {middle - began:.1f} s, back in {time.monotonic() - middle:.1f} s')
    assert w.project()['task_number'] == n


def test_everything_adds_up_afterwards(lab):
    lab.stop()
    said = lab.run('doctor')
    assert not [c for c in said if c.get('wrong')], said
    lab.serve()
