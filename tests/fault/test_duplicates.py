"""R11: twenty thousand duplicates.  One Idempotency-Key is one act, however often and from wherever it comes.

Each act goes out 2 to 50 times at once.  There is one row for it, and every
answer has the same status and the same bytes; a different body under the key is
422; the same key of another person is another act; after kill -9 all of it holds.
"""
import os, queue, random, threading, time

from support.house import House, choice, database, seed

SOAK = float(os.environ.get('ANNOTARY_SOAK', 1))
SENDS = int(20_000 * SOAK)
PEOPLE, THREADS = 16, 40         # one address may have 64 connections


class Act:
    def __init__(self, key, who, path, body, times):
        self.key, self.who, self.path, self.body, self.times = key, who, path, body, times
        self.answers, self.lock = set(), threading.Lock()


def send(c, act):
    """Until the server has room for it."""
    while True:
        a = c.post(act.path, act.body, head={'Idempotency-Key': act.key})
        if a.status not in (429, 503):
            break
        assert 'retry-after' in a.head
        time.sleep(.002)
    with act.lock:
        act.answers.add((a.status, a.body))


def storm(server, keys, acts):
    """All acts, each as often as it wants, from forty connections."""
    jobs, wrong = queue.Queue(), []
    for act in acts:
        for _ in range(act.times):
            jobs.put(act)

    def run():
        c = server.client()
        try:
            while True:
                act = jobs.get_nowait()
                c.auth = f'Authorization: Token {keys[act.who]}\r\n'        # one connection, many people
                send(c, act)
        except queue.Empty:
            pass
        except Exception as e:
            wrong.append(e)
        finally:
            c.close()

    crew = [threading.Thread(target=run) for _ in range(THREADS)]
    for t in crew:
        t.start()
    for t in crew:
        t.join()
    assert not wrong, wrong[0]


def test_twenty_thousand_duplicates_make_one_row_each(tmp_path):
    rng = random.Random(seed())
    house = House(tmp_path, database()).found()
    project = house.project('Twice', 4)
    keys = house.people(PEOPLE, project)
    house.tasks(project, 2000)
    keys.append(house.key())
    began, sent, done, server = time.monotonic(), 0, [], house.serve()
    clients = [server.client(k) for k in keys]
    serial = 0
    while sent < SENDS:
        acts = []
        for who in rng.sample(range(PEOPLE), PEOPLE):
            for lease in clients[who].must('POST', f'/api/projects/{project}/leases', {'n': 2}):
                # two people in a row use the same key: it is theirs, each their own
                acts.append(Act(f'key-{serial // 2}', who, f'/api/leases/{lease["lease"]}/submit',
                                {'epoch': lease['epoch'], 'unique_id': f'u{serial}', 'result': choice('yes')},
                                rng.randrange(2, 51)))
                serial += 1
        # the same key twice for one person would be the other body: keep those apart
        mine = set()
        for a in acts:
            if (a.key, a.who) in mine:
                a.key += 'x'
            mine.add((a.key, a.who))
        acts.append(Act(f'task-{serial}', PEOPLE, '/api/tasks',
                        {'project': project, 'data': {'text': f'task {serial}'}}, rng.randrange(2, 51)))
        storm(server, keys, acts)
        sent += sum(a.times for a in acts)
        for a in acts:
            assert len(a.answers) == 1 and next(iter(a.answers))[0] in (200, 201), (a.key, a.answers)
        for a in rng.sample(acts, 4):
            other = clients[a.who].post(a.path, dict(a.body, active_ms=5, extra=1), head={'Idempotency-Key': a.key})
            assert other.status == 422, (a.key, other)
            sent += 1
        done += acts
    for c in clients:
        c.close()
    server.kill()
    server = house.serve()
    for a in done:
        a.times = 1
    storm(server, keys, done)
    for a in done:
        assert len(a.answers) == 1, (a.key, a.answers)
    assert server.stop() == 0
    rows = dict(house.sql('SELECT unique_id, COUNT(*) FROM annotation GROUP BY unique_id'))
    assert {k: int(n) for k, n in rows.items()} == {a.body['unique_id']: 1 for a in done if 'unique_id' in a.body}
    tasks = int(house.sql('SELECT COUNT(*) FROM task')[0][0])
    assert tasks == 2000 + sum(a.path == '/api/tasks' for a in done)
    sent += len(done)
    took = time.monotonic() - began
    print(f'{sent} requests for {len(done)} acts, {took:.1f} s')
    house.ok('doctor')
