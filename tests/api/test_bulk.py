"""Acts on many tasks: what each does to the queue, what can be put back, and that a job cut short ends well.
Once for each ANNOTARY_DB."""
import signal
import pytest

from support.lab import CHOICES, DB, Lab, choice

assert DB in ('sqlite', 'pg')


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.keys = [lab.person(f'a{i}@lab.example') for i in range(3)]
    lab.serve()
    lab.me = lab.client(lab.key)
    lab.crew = [lab.client(k) for k in lab.keys]
    lab.ids = [c.get('/api/current-user/whoami').json()['id'] for c in lab.crew]
    yield lab
    lab.close()


@pytest.fixture
def work(lab):
    return Work(lab)


class Work:
    """A project of thirty tasks, with the crew in it."""

    def __init__(self, lab, tasks=30, **more):
        self.lab = lab
        self.p = lab.me.post('/api/projects', {'title': 'B', 'label_config': CHOICES, **more}).json()['id']
        self.tasks = lab.me.post(f'/api/projects/{self.p}/import?return_task_ids=true',
                                 [{'text': f't{n}', 'topic': 'ab'[n % 2]} for n in range(tasks)]).json()['task_ids']
        for person in lab.ids:
            lab.me.post(f'/api/projects/{self.p}/members', {'person': person, 'role': 'annotator'})

    def rows(self):
        got = self.lab.me.post(f'/api/projects/{self.p}/tasks/page', {'limit': 500}).json()['results']
        return {self.tasks.index(t['id']): t for t in got if t['id'] in self.tasks}

    def begin(self, action, which=None, items=(), args=None, **more):
        selected = {'all': True, 'excluded': []} if which is None else {'all': False, 'included': [self.tasks[n] for n in which]}
        return self.lab.me.post(f'/api/projects/{self.p}/bulk', {'action': action, 'query': {'filters': {'conjunction': 'and', 'items': list(items)}},
                                                                 'selectedItems': selected, 'args': args or {}, **more})

    def end(self, begun):
        assert begun.status == 202, begun
        job = begun.json()['job']
        self.lab.until(lambda: self.lab.me.get(f'/api/jobs/{job}').json()['state'] in ('done', 'failed'))
        seen = self.lab.me.get(f'/api/jobs/{job}').json()
        assert seen['state'] == 'done', seen
        return job, seen['result']

    def do(self, *args, **more):
        return self.end(self.begin(*args, **more))

    def undo(self, job):
        return self.end(self.lab.me.post(f'/api/projects/{self.p}/bulk/{job}/undo'))

    def lend(self, client, n=3):
        got = client.post(f'/api/projects/{self.p}/leases', {'n': n})
        return [(self.tasks.index(x['task']['id']), x) for x in got.json()] if got.status == 200 else []

    def answer(self, client, lease):
        got = client.post(f"/api/leases/{lease['lease']}/submit", {'epoch': lease['epoch'], 'result': choice('good'), 'active_ms': 900})
        assert got.status == 200, got


A = {'filter': 'filter:tasks:data.topic', 'operator': 'equal', 'type': 'String', 'value': 'a'}


def test_tasks_of_a_higher_priority_are_lent_first_and_undoing_takes_it_back(lab, work):
    job, said = work.do('priority', [20, 7], args={'priority': 5})
    assert said == {'done': 2, 'left': 0, 'undo': True}
    assert {n: r['priority'] for n, r in work.rows().items() if r['priority']} == {7: 5, 20: 5}
    assert [n for n, _ in work.lend(lab.crew[0])] == [7, 20, 0]
    _, said = work.undo(job)
    assert said['done'] == 2 and not any(r['priority'] for r in work.rows().values())
    assert [n for n, _ in work.lend(lab.crew[1])] == [1, 2, 3], 'they wait behind the others again'
    assert lab.me.post(f'/api/projects/{work.p}/bulk/{job}/undo').status == 409, 'only once'


def test_the_audit_names_who_asked_for_every_step_of_it(lab, work):
    job, _ = work.do('priority', [1, 2], args={'priority': 2})
    said = lab.sql(f"SELECT act, person_id FROM audit WHERE object_id = {job} AND act LIKE 'bulk.%' ORDER BY id")
    assert [act for act, _ in said] == ['bulk.begin', 'bulk.slice']
    assert said[0][1] == said[1][1] != '0'


def test_a_filter_and_a_selection_narrow_each_other(lab, work):
    _, said = work.do('priority', items=[A], args={'priority': 1})
    assert said['done'] == 15 and {n for n, r in work.rows().items() if r['priority'] == 1} == set(range(0, 30, 2))
    _, said = work.do('priority', [0, 1, 2], items=[A], args={'priority': 2})
    assert said['done'] == 2
    got = lab.me.post(f'/api/projects/{work.p}/bulk', {'action': 'priority', 'args': {'priority': 3}, 'query': {},
                                                       'selectedItems': {'all': True, 'excluded': work.tasks[:25]}})
    assert got.json()['total'] == 5
    work.end(got)
    assert {n for n, r in work.rows().items() if r['priority'] == 3} == set(range(25, 30))


def test_assigned_tasks_go_to_these_people_alone_first_and_come_back_to_them(lab, work):
    a, b, c = lab.crew
    job, said = work.do('assign', [10, 11], args={'people': [lab.ids[1], lab.ids[0]]})
    assert said['done'] == 2
    (first, lease), (second, other), (third, _) = work.lend(a)
    assert {first, second} == {10, 11} and third == 0
    assert [n for n, _ in work.lend(c)] == [1, 2, 3], 'nobody else gets them'
    assert lab.me.get(f'/api/tasks/{work.tasks[10]}').status == 200
    assert a.post(f"/api/leases/{lease['lease']}/release", {'epoch': lease['epoch']}).status < 300
    assert a.post(f"/api/leases/{other['lease']}/skip", {'epoch': other['epoch'], 'reason': 'hard'}).status == 200
    assert {n for n, _ in work.lend(c)} == {1, 2, 3}
    assert [n for n, _ in work.lend(b)][:2] == [first, second] or {n for n, _ in work.lend(b)} >= {first, second}, 'what comes back stays with its people'
    _, said = work.do('assign', [20], args={'people': []})
    assert said['done'] == 1
    _, said = work.undo(job)
    assert said['done'] == 2
    assert work.begin('assign', [1], args={'people': [999999]}).status == 400
    assert work.begin('assign', [1], args={'people': 'all'}).status == 400


def test_assigned_to_nobody_is_open_to_everybody(lab, work):
    work.do('assign', [0, 1], args={'people': [lab.ids[0]]})
    assert [n for n, _ in work.lend(lab.crew[1])] == [2, 3, 4]
    work.do('assign', [0, 1], args={'people': []})
    assert {n for n, _ in work.lend(lab.crew[2])} == {5, 6, 7} or {0, 1} & {n for n, _ in work.lend(lab.crew[2])}
    for _ in range(12):
        for n, lease in work.lend(lab.crew[1]):
            work.answer(lab.crew[1], lease)
    done = {n for n, r in work.rows().items() if r['answered']}
    assert {0, 1} <= done


def test_more_answers_are_asked_of_others(lab, work):
    a, b, _ = lab.crew
    (n, lease), *_ = work.lend(a, 1)
    work.answer(a, lease)
    assert work.rows()[n]['state'] == 'settled'
    job, said = work.do('ask', [n], args={'more': 2})
    assert said['done'] == 1 and work.rows()[n]['overlap'] == 3 and work.rows()[n]['state'] == 'started'
    assert [k for k, _ in work.lend(b, 1)] == [n], 'what comes back comes first'
    assert n not in [k for k, _ in work.lend(a)]
    work.undo(job)
    row = work.rows()[n]
    assert row['overlap'] == 2, 'an answer being given is not taken away'


def test_predictions_become_answers_once(lab, work):
    for n in (0, 1, 2):
        lab.me.post('/api/predictions', {'task': work.tasks[n], 'result': choice('bad'), 'model_version': 'old'})
    lab.me.post('/api/predictions', {'task': work.tasks[0], 'result': choice('good'), 'model_version': 'new'})
    for want in (3, 0):
        _, said = work.do('predictions_to_annotations', [0, 1, 2, 3])
        assert said['done'] == want
    answers = [lab.me.get(f'/api/tasks/{work.tasks[n]}').json()['annotations'] for n in range(4)]
    assert [len(a) for a in answers] == [1, 1, 1, 0]
    assert answers[0][0]['result'] == choice('good') and answers[0][0]['parent_prediction'] and answers[0][0]['counted']
    assert answers[1][0]['result'] == choice('bad')
    _, said = work.do('delete_tasks_annotations', [0, 1])
    assert said['done'] == 2 and work.rows()[0]['answered'] == 0 and work.rows()[2]['answered'] == 1
    _, said = work.do('delete_tasks_predictions')
    assert said['done'] == 3 and lab.me.get(f'/api/projects/{work.p}').json()['total_predictions_number'] == 0


def test_deleted_tasks_are_gone_with_everything_and_counted_out(lab, work):
    (n, lease), *_ = work.lend(lab.crew[0], 1)
    work.answer(lab.crew[0], lease)
    _, said = work.do('delete_tasks', items=[A])
    assert said['done'] == 15
    p = lab.me.get(f'/api/projects/{work.p}').json()
    assert p['task_number'] == 15 and p['total_annotations_number'] == 0 and set(work.rows()) == set(range(1, 30, 2))
    assert lab.me.get(f'/api/tasks/{work.tasks[0]}').status == 404


def test_tasks_that_come_later_are_not_touched(lab, work):
    begun = work.begin('priority', args={'priority': 4})
    late = lab.me.post('/api/tasks', {'project': work.p, 'data': {'text': 'late'}}).json()['id']
    work.end(begun)
    assert lab.me.get(f'/api/tasks/{late}').json()['priority'] == 0
    assert {r['priority'] for r in work.rows().values()} == {4}


def test_a_job_cut_short_by_kill_goes_on_and_asks_nobody_twice(lab):
    work = Work(lab, tasks=900)
    begun = work.begin('ask', args={'more': 1})
    lab.until(lambda: lab.me.get(f"/api/jobs/{begun.json()['job']}").json()['done'] > 0 or lab.me.get(f"/api/jobs/{begun.json()['job']}").json()['state'] == 'done')
    lab.stop(signal.SIGKILL)
    lab.change("UPDATE job SET due_ms = 0 WHERE state = 'running'")     # as its claim runs out in a minute
    lab.serve()
    lab.me = lab.client(lab.key)
    lab.crew = [lab.client(k) for k in lab.keys]
    work.end(begun)
    assert lab.number(f'SELECT COUNT(*) FROM slot WHERE project_id = {work.p} AND required = 2') == 900
    assert lab.number(f'SELECT COUNT(*) FROM slot WHERE project_id = {work.p} AND required <> 2') == 0


@pytest.mark.parametrize('body', [{}, {'action': 'explode', 'selectedItems': {'all': True}}, {'action': 'priority'},
                                  {'action': 'priority', 'selectedItems': {'all': True}, 'args': {'priority': 1e9}},
                                  {'action': 'ask', 'selectedItems': {'all': True}, 'args': {'more': 0}},
                                  {'action': 'priority', 'selectedItems': {'all': True}, 'query': []},
                                  {'action': 'priority', 'selectedItems': {'all': True}, 'query': {'filters': {'items': [{'filter': 'x', 'operator': 'equal', 'value': 1}]}}}])
def test_what_cannot_be_done_is_refused_before_a_job_is_made(lab, work, body):
    got = lab.me.post(f'/api/projects/{work.p}/bulk', body)
    assert got.status == 400, got
    assert lab.me.get(f'/api/projects/{work.p}/jobs').json()['results'] in ([], [j for j in lab.me.get(f'/api/projects/{work.p}/jobs').json()['results'] if j['kind'] != 'bulk'])


def test_only_who_manages_may_act_and_only_here(lab, work):
    assert lab.crew[0].post(f'/api/projects/{work.p}/bulk', {'action': 'delete_tasks', 'selectedItems': {'all': True}}).status == 403
    other = Work(lab, tasks=3)
    job, _ = other.do('priority', args={'priority': 1})
    assert lab.me.post(f'/api/projects/{work.p}/bulk/{job}/undo').status == 404
    _, said = work.end(lab.me.post(f'/api/projects/{work.p}/bulk', {'action': 'delete_tasks', 'query': {}, 'selectedItems': {'all': False, 'included': other.tasks}})), None
    assert lab.me.get(f'/api/projects/{other.p}').json()['task_number'] == 3, "another project's tasks are not reached"


def test_everything_adds_up_afterwards(lab):
    lab.stop()
    said = lab.run('doctor')
    assert not [c for c in said if c.get('wrong')], said
    lab.serve()
