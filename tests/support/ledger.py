"""Clients with a log of their own, and the comparison of those logs with the tables.

Used by the tests that end the server without warning: a Worker claims, saves
drafts, submits and skips until the server is gone; a Ledger then says what of
the acknowledged is missing, what is there that nobody sent, and what is half.
"""
import json, sqlite3

from support.house import choice
from support.wire import Gone


class Worker:
    """One annotator: what they sent, what was acknowledged, what nobody knows."""

    def __init__(self, n, key, project, rng):
        self.n, self.key, self.project, self.rng = n, key, project, rng
        self.held = []                  # leases in hand
        self.sent = {}                  # unique_id -> result as sent, of this life and before
        self.acked = {}                 # unique_id -> annotation id
        self.submits, self.skips, self.drafts, self.claims = [], [], [], 0     # acknowledged in this life
        self.open = None                # (path, body, idempotency key, unique_id) without an answer
        self.counter = 0
        self.wrong = []

    def step(self, c):
        if not self.held:
            a = c.post(f'/api/projects/{self.project}/leases', {'n': self.rng.choice((1, 2, 3))})
            if a.status != 200:
                self.wrong.append(('claim', a))
                return
            self.held = [(l['lease'], l['epoch'], l['task']['id']) for l in a.json]
            self.claims += 1
            return
        lease, epoch, task = self.held[0]
        what = self.rng.random()
        if what < .25:
            self.counter += 1
            body = {'epoch': epoch, 'counter': self.counter, 'result': choice('no')}
            a = c.ask('PUT', f'/api/leases/{lease}/draft', body)
            if a.status != 200:
                self.wrong.append(('draft', a))
            else:
                self.drafts.append((lease, self.counter))
            return
        self.counter += 1
        tag = f'w{self.n}-{self.counter}'
        if what < .9:
            body = {'epoch': epoch, 'unique_id': tag, 'active_ms': self.counter, 'result': choice('yes')}
            self.sent[tag] = (task, json.dumps(body['result']))
            path = f'/api/leases/{lease}/submit'
        else:
            body, path = {'epoch': epoch, 'reason': tag}, f'/api/leases/{lease}/skip'
        self.open = (path, body, tag, lease, task)
        self.finish(c, c.post(path, body, head={'Idempotency-Key': tag}))

    def finish(self, c, a):
        path, body, tag, lease, task = self.open
        self.open = None
        self.held = [h for h in self.held if h[0] != lease]
        if a.status != 200:
            self.wrong.append((path, a))
        elif 'unique_id' in body:
            self.acked[tag] = a.json['annotation']
            self.submits.append((tag, a.json['annotation'], lease, task))
        else:
            self.skips.append((tag, lease))

    def life(self, port_client, stop):
        """Until the server dies.  First, what nobody knows is asked again."""
        try:
            if self.open:
                path, body, tag, *_ = self.open
                self.finish(port_client, port_client.post(path, body, head={'Idempotency-Key': tag}))
            while not stop.is_set():
                self.step(port_client)
        except Gone:
            pass
        finally:
            port_client.close()


class Ledger:
    """Reads the tables between two lives, only what is new, and compares."""

    def __init__(self, house):
        self.house, self.audit, self.annotation = house, 0, 0

    def look(self, workers):
        db = sqlite3.connect(f'file:{self.house.db_path}?mode=ro', uri=True)
        try:
            bad = self.compare(db, workers)
        finally:
            db.close()
        return bad

    def compare(self, db, workers):
        bad, seen = [], {}
        rows = db.execute('SELECT id, act, object_id FROM audit WHERE id > ? ORDER BY id', (self.audit,)).fetchall()
        for i, act, obj in rows:
            seen[act, obj] = seen.get((act, obj), 0) + 1
            self.audit = i
        found, fresh = {}, 0
        for i, uid, person, task, lease, n, counted in db.execute(
                'SELECT id, unique_id, person_id, task_id, lease_id, n, counted FROM annotation WHERE id > ?'
                ' ORDER BY id', (self.annotation,)).fetchall():
            self.annotation = i
            found[uid] = (i, task, lease)
            w = workers[int(uid[1:].split('-')[0])]
            rev = db.execute('SELECT n, result FROM revision WHERE annotation_id = ?', (i,)).fetchall()
            if uid not in w.sent:
                bad.append(('never sent', uid))
            elif w.sent[uid][0] != task or [(n, w.sent[uid][1])] != [(r[0], r[1][1:].decode()) for r in rev]:
                bad.append(('not whole', uid, rev))
            if seen.pop(('annotation.submit', i), 0) != 1:
                bad.append(('not one audit row', uid, i))
            state = db.execute('SELECT state FROM lease WHERE id = ?', (lease,)).fetchone()
            if state != ('submitted',):
                bad.append(('its lease', uid, state))
            fresh += 1
        bad += [('audit without an answer', k) for k in seen if k[0] == 'annotation.submit']
        for w in workers:
            for tag, i, lease, task in w.submits:
                have = found.get(tag) or db.execute(
                    'SELECT id, task_id, lease_id FROM annotation WHERE unique_id = ?', (tag,)).fetchone()
                if have != (i, task, lease):
                    bad.append(('acknowledged answer', tag, i, have))
            for tag, lease in w.skips:
                row = db.execute('SELECT state, reason FROM lease WHERE id = ?', (lease,)).fetchone()
                if row != ('skipped', tag):
                    bad.append(('acknowledged skip', tag, row))
            drafts = {}
            for lease, counter in w.drafts:
                drafts.setdefault(lease, []).append(counter)
            for lease, counters in drafts.items():
                row = db.execute('SELECT d.counter FROM draft d JOIN lease l ON l.task_id = d.task_id'
                                 ' AND l.person_id = d.person_id WHERE l.id = ?', (lease,)).fetchone()
                state = db.execute('SELECT state FROM lease WHERE id = ?', (lease,)).fetchone()[0]
                if state == 'active' and (not row or row[0] < counters[-1]):
                    bad.append(('acknowledged draft', lease, counters[-1], row))
                if seen.get(('draft.save', lease), 0) < len(counters):
                    bad.append(('draft without audit', lease, len(counters), seen.get(('draft.save', lease), 0)))
        return bad

    def whole(self):
        """Every sum in the tables, and the file itself."""
        db = sqlite3.connect(f'file:{self.house.db_path}?mode=ro', uri=True)
        try:
            return self.sums(db)
        finally:
            db.close()

    def sums(self, db):
        bad = []
        for (word,) in db.execute('PRAGMA integrity_check').fetchall():
            if word != 'ok':
                bad.append(('integrity_check', word))
        bad += [('slot', r) for r in db.execute(
            'SELECT s.task_id, s.required, s.answered, s.leased, s.open, a.n, l.n FROM slot s'
            ' LEFT JOIN (SELECT task_id, COUNT(*) n FROM annotation WHERE counted = 1 AND withdrawn_ms IS NULL'
            ' GROUP BY task_id) a ON a.task_id = s.task_id'
            " LEFT JOIN (SELECT task_id, COUNT(*) n FROM lease WHERE state = 'active' GROUP BY task_id) l"
            ' ON l.task_id = s.task_id WHERE s.answered <> COALESCE(a.n, 0) OR s.leased <> COALESCE(l.n, 0)'
            ' OR s.answered + s.leased > s.required').fetchall()]
        bad += [('twice', r) for r in db.execute(
            'SELECT unique_id, COUNT(*) FROM annotation GROUP BY unique_id HAVING COUNT(*) > 1').fetchall()]
        # one lease, one skip in this trace: nobody gets a skipped task again
        bad += [('skips and audit rows differ', r) for r in db.execute(
            "SELECT l.id, COUNT(a.id) FROM lease l LEFT JOIN audit a ON a.act = 'lease.skip' AND a.object_id = l.id"
            " WHERE l.state = 'skipped' GROUP BY l.id HAVING COUNT(a.id) <> 1").fetchall()]
        bad += [('answers and audit rows differ', r) for r in db.execute(
            "SELECT n.id, COUNT(a.id) FROM annotation n LEFT JOIN audit a ON a.act = 'annotation.submit'"
            ' AND a.object_id = n.id GROUP BY n.id HAVING COUNT(a.id) <> 1').fetchall()]
        lent = db.execute('SELECT COALESCE(SUM(epoch), 0) FROM lease').fetchone()[0]
        told = sum(json.loads(d).get('granted', 0) for (d,) in
                   db.execute("SELECT detail FROM audit WHERE act = 'lease.claim'"))
        if lent != told:
            bad.append(('leases and audit rows differ', lent, told))
        return bad
