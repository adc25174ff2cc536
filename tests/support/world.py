"""The server and a model of it in memory, side by side: each step asks one and says what must come."""

from support.house import choice

PEOPLE = 16


class Task:
    def __init__(self, overlap):
        self.overlap, self.counted, self.leased, self.known = overlap, set(), set(), set()

    def open(self):
        return max(0, self.overlap - len(self.counted) - len(self.leased))


class World:
    """The server and the model, side by side."""

    def __init__(self, house, project, server, keys, owner, rng):
        self.house, self.project, self.rng = house, project, rng
        self.c = [server.client(k) for k in keys]
        self.ada = server.client(owner)
        self.tasks = {}                         # id -> Task
        self.held = [{} for _ in keys]          # lease -> (task, epoch)
        self.ended = [[] for _ in keys]         # leases that are over: what uses them must fail
        self.mine = [{} for _ in keys]          # annotation -> (task, lease), newest answers
        self.counter = [1] * len(keys)
        self.epochs, self.serial, self.paused = {}, 0, False
        self.golds = {}                         # annotation of the owner -> task
        self.shape = None                       # the members of what is lent, the same for every task
        self.audits = {}                        # act -> how many
        self.overlap = 2

    def note(self, act, n=1):
        self.audits[act] = self.audits.get(act, 0) + n

    # --- steps: each asks the server and says what must come

    def bring(self, n):
        r = self.ada.must('POST', f'/api/projects/{self.project}/import',
                          [{'data': {'text': f'text {self.serial}-{i}'}} for i in range(n)])
        for i in r['task_ids']:
            self.tasks[i] = Task(self.overlap)
        self.note('import.begin'), self.note('import.publish')

    def claim(self, p):
        want, held = self.rng.choice((1, 1, 2, 3)), self.held[p]
        a = self.c[p].post(f'/api/projects/{self.project}/leases', {'n': want})
        free = [t for t, task in self.tasks.items() if task.open() and p not in task.known]
        if self.paused:
            free = []
        if a.status == 204:
            assert not held and not free, ('204, but there is work', p, free[:5])
            return
        assert a.status == 200, a
        for l in a.json:                        # I7: nothing tells a gold task from another
            self.shape = self.shape or (sorted(l), sorted(l['task']))
            assert (sorted(l), sorted(l['task'])) == self.shape and 'truth' not in a.body.decode(), ('I7', l)
        got = {l['lease']: (l['task']['id'], l['epoch']) for l in a.json}
        # leases in hand come first; one taken back makes four of them
        assert sum(k in held for k in got) == min(want, len(held)), ('leases in hand come first', held, got)
        assert all(held.get(k, v) == v for k, v in got.items()), ('as they were lent', held, got)
        fresh = {k: v for k, v in got.items() if k not in held}
        assert len(got) <= max(want, 1) and len(fresh) <= max(0, want - len(held)), (want, held, got)
        assert len(fresh) == min(max(0, want - len(held)), len(free)), ('as many as there are', want, held, got, len(free))
        for k, (t, e) in fresh.items():
            task = self.tasks[t]
            assert task.open() > 0 and p not in task.known, ('not open for them', t)
            assert e == self.epochs.get(k, 0) + 1, ('epoch', k, e)
            self.epochs[k] = e
            task.leased.add(p)
            task.known.add(p)
            held[k] = (t, e)
        if fresh:
            self.note('lease.claim')

    def use(self, p):
        """A lease in hand, or (seldom) one that is over."""
        if self.held[p] and self.rng.random() < .95:
            k = self.rng.choice(sorted(self.held[p]))
            return k, *self.held[p][k], True
        if self.ended[p]:
            return *self.rng.choice(self.ended[p]), False
        return None

    def beat(self, p):
        if (u := self.use(p)):
            k, t, e, live = u
            a = self.c[p].post(f'/api/leases/{k}/heartbeat', {'epoch': e})
            assert a.status == (200 if live else 409) or (not live and a.status == 404), (u, a)
            if live:
                self.note('lease.beat')

    def draft(self, p):
        if (u := self.use(p)) and u[3]:
            k, t, e, live = u
            self.counter[p] += 1
            n = self.counter[p]
            self.c[p].must('PUT', f'/api/leases/{k}/draft', {'epoch': e, 'counter': n, 'result': choice('no')})
            self.note('draft.save')
            if self.rng.random() < .1 and n > 1:
                a = self.c[p].ask('PUT', f'/api/leases/{k}/draft', {'epoch': e, 'counter': n - 1, 'result': []})
                assert a.status == 409, a

    def submit(self, p):
        if (u := self.use(p)):
            k, t, e, live = u
            self.serial += 1
            a = self.c[p].post(f'/api/leases/{k}/submit',
                               {'epoch': e, 'unique_id': f'u{self.serial}', 'result': choice(self.rng.choice(('yes', 'no')))})
            if not live:
                assert a.status in (200, 404, 409), (u, a)
                if a.status == 200:
                    self.late(p, k, t, a.json)
                return
            assert a.status == 200 and a.json['counted'] and not a.json['late'], (u, a)
            self.over(p, k)
            self.tasks[t].counted.add(p)
            self.mine[p][a.json['annotation']] = (t, k)
            self.note('annotation.submit')

    def late(self, p, k, t, j):
        """An answer through a lease given back: counted while the slot is free, else kept as surplus."""
        task = self.tasks[t]
        assert j['counted'] == (task.open() > 0), ('late', k, t, j, task.__dict__)
        self.note('annotation.submit')
        if j['counted']:
            task.counted.add(p)
            self.mine[p][j['annotation']] = (t, k)
        task.known.add(p)
        self.ended[p] = [x for x in self.ended[p] if x[0] != k]

    def over(self, p, k):
        t, e = self.held[p].pop(k)
        self.tasks[t].leased.discard(p)
        self.ended[p].append((k, t, e))
        del self.ended[p][:-5]

    def skip(self, p):
        if (u := self.use(p)) and u[3]:
            k, t, e, live = u
            self.c[p].must('POST', f'/api/leases/{k}/skip', {'epoch': e, 'reason': 'unclear'})
            self.over(p, k)
            self.ended[p].pop()
            self.note('lease.skip')

    def release(self, p):
        if (u := self.use(p)) and u[3]:
            k, t, e, live = u
            self.c[p].must('POST', f'/api/leases/{k}/release', {'epoch': e})
            self.over(p, k)
            self.ended[p].pop()                     # it may come again, with the next epoch
            self.tasks[t].known.discard(p)
            self.note('lease.release')

    def withdraw(self, p):
        if self.mine[p]:
            i = self.rng.choice(sorted(self.mine[p]))
            t, k = self.mine[p].pop(i)
            a = self.c[p].post(f'/api/annotations/{i}/withdraw')
            assert a.status in (200, 409), a
            if a.status == 409:
                return
            self.note('annotation.withdraw')
            self.counter[p] += 1                    # the answer is a draft again, one newer
            self.tasks[t].counted.discard(p)
            self.tasks[t].leased.add(p)
            e = a.json['epoch']
            self.epochs[k] = e
            self.held[p][k] = (t, e)
            self.ended[p] = [x for x in self.ended[p] if x[0] != k]

    def gold(self, p):
        """The owner says what is right: not counted, and nobody who works may know."""
        t = self.rng.choice(sorted(self.tasks))
        a = self.ada.post(f'/api/tasks/{t}/annotations', {'result': choice('yes'), 'ground_truth': True})
        assert a.status == 201 and a.json['ground_truth'], a
        self.golds[a.json['id']] = t
        self.note('annotation.add')

    def peek(self, p):
        """What somebody can look up about a task of theirs, or about a gold one."""
        mine = [t for t, _ in self.held[p].values()]
        t = self.rng.choice(mine or sorted(self.tasks))
        own = {i for i, (of, _) in self.mine[p].items() if of == t}
        a = self.c[p].get(f'/api/tasks/{t}/annotations')
        assert a.status in (200, 404), a
        for one in a.json if a.status == 200 else []:
            assert one['id'] not in self.golds and not one['ground_truth'], ('I7', one)
            assert own <= {x['id'] for x in a.json}, ('one sees one\'s own', own, a)
        if self.golds:
            i = self.rng.choice(sorted(self.golds))
            assert self.c[p].get(f'/api/annotations/{i}').status == 404, ('I7', i)
            assert self.c[p].get(f'/api/annotations/{i}/revisions').status == 404, ('I7', i)

    def manage(self, p):
        what = self.rng.randrange(5)
        if what == 0 and not self.paused:
            t = self.rng.choice(sorted(self.tasks))
            want = self.rng.randrange(1, 5)
            task = self.tasks[t]
            a = self.ada.ask('PATCH', f'/api/tasks/{t}', {'overlap': want})
            assert a.status == 200, a
            task.overlap = max(want, len(task.counted) + len(task.leased))
            self.note('task.set')
        elif what == 1 or self.paused:
            self.paused = not self.paused
            self.ada.must('PATCH', f'/api/projects/{self.project}', {'paused': self.paused})
            self.note('project.set')
        elif what == 2:
            q = self.rng.randrange(PEOPLE)
            if self.mine[q]:
                i = self.rng.choice(sorted(self.mine[q]))
                t, k = self.mine[q].pop(i)
                self.ada.must('DELETE', f'/api/annotations/{i}')
                self.tasks[t].counted.discard(q)
                self.ended[q] = [x for x in self.ended[q] if x[0] != k]
                self.note('annotation.delete')
        elif what == 3 and sum(t.open() for t in self.tasks.values()) < 100:
            self.bring(self.rng.randrange(1, 30))

    # --- the tables

    def told(self):
        """Rows of the audit log by act; a claim that only moved somebody's place in the queue is told too."""
        return {a: int(n) for a, n in self.house.sql(
            "SELECT act, COUNT(*) FROM audit WHERE detail NOT LIKE '%\"granted\":0%' GROUP BY act")}

    def check(self):
        sql, p = self.house.sql, self.project
        slots = {int(t): tuple(map(int, r)) for t, *r in
                 sql(f'SELECT task_id, required, answered, leased, open FROM slot WHERE project_id = {p}')}
        assert slots.keys() == self.tasks.keys(), 'I10: a task is missing, or one too many'
        for t, (required, answered, leased, open_) in slots.items():
            task = self.tasks[t]
            want = (task.overlap, len(task.counted), len(task.leased), task.open())
            assert answered <= required and answered + leased <= required, ('I1 I3', t)
            assert (required, answered, leased, open_) == want, ('slot', t, (required, answered, leased, open_), want)
        counted = [tuple(map(int, r)) for r in sql(
            'SELECT task_id, person_id, COUNT(*) FROM annotation WHERE counted = 1 AND withdrawn_ms IS NULL'
            f' AND project_id = {p} GROUP BY task_id, person_id')]
        assert all(n == 1 for *_, n in counted), 'I2'
        assert len(counted) == sum(len(t.counted) for t in self.tasks.values()), 'I1'
        active = int(sql(f"SELECT COUNT(*) FROM lease WHERE state = 'active' AND project_id = {p}")[0][0])
        assert active == sum(map(len, self.held)), 'I3'
        unseen = int(sql('SELECT COUNT(*) FROM lease l JOIN task t ON t.id = l.task_id WHERE NOT EXISTS (SELECT 1 FROM'
                         ' exposure e WHERE e.project_id = l.project_id AND e.item_key = t.item_key'
                         ' AND e.party_id = l.vendor_id)')[0][0])
        assert unseen == 0, 'I5'
        seen, looks = (dict(sql(f'SELECT {what} GROUP BY party_id')) for what in (
            f'party_id, COUNT(*) FROM exposure WHERE project_id = {p}',
            'party_id, COUNT(DISTINCT item_key) FROM look l JOIN task t ON t.id = l.task_id'
            f' WHERE l.project_id = {p}'))
        assert seen == looks, ('I4', seen, looks)
        assert not self.golds or int(sql('SELECT COUNT(*) FROM annotation WHERE counted = 1 AND ground_truth = 1')[0][0]) == 0
        rows = self.told()
        for act, n in self.audits.items():
            assert rows.get(act, 0) - self.before.get(act, 0) == n, ('I9', act, n, rows.get(act))


def steps_of(w):
    """What somebody may do next, as often as it is likely."""
    return [w.claim] * 35 + [w.submit] * 30 + [w.draft] * 8 + [w.beat] * 6 + [w.skip] * 4 + [w.release] * 7 + \
        [w.withdraw] * 4 + [w.manage] * 6 + [w.peek] * 3 + [w.gold]
