"""R22: the same five thousand calls on SQLite and on PostgreSQL, at the same times, leave the same behind.

Both servers get their time from a file that this test moves on by a millisecond
before each call.  Afterwards the exports are the same byte for byte once ids are
renumbered in the order in which they appear, and so is the root of the audit log.
"""
import json, mmap, os, random, struct, time
import pytest

from support.house import House, pg_schema, seed
from support.world import PEOPLE, World, steps_of

SOAK = float(os.environ.get('ANNOTARY_SOAK', 1))
CALLS = int(5_000 * SOAK)
NOON = 1_790_000_000_000
pytestmark = pytest.mark.skipif(os.environ.get('ANNOTARY_DB') != 'pg', reason='runs once, beside PostgreSQL')


class Clock:
    def __init__(self, path):
        with open(path, 'wb') as f:
            f.write(bytes(8))
        self.file = open(path, 'r+b')
        self.map = mmap.mmap(self.file.fileno(), 8)
        self.add(NOON)

    def add(self, ms):
        self.map[:] = struct.pack('q', struct.unpack('q', self.map[:])[0] + ms)


def renumber(v, kind='task', seen=None):
    """Ids become their place in the order of first sight; the name of the member says what an id is of."""
    seen = {} if seen is None else seen
    names = {'annotations': 'annotation', 'predictions': 'prediction', 'drafts': 'draft', 'task': 'task',
             'completed_by': 'person', 'annotator': 'person', 'updated_by': 'person', 'project': 'project',
             'annotation_id': 'annotation', 'parent_annotation': 'annotation', 'last_created_by': 'person',
             'import_id': 'import', 'comment_authors': 'person'}
    if isinstance(v, list):
        return [renumber(x, kind, seen) for x in v]
    if isinstance(v, dict):
        out = {}
        for k, x in v.items():
            of = kind if k == 'id' else names.get(k)
            if of and type(x) is int:
                x = seen.setdefault(of, {}).setdefault(x, len(seen[of]) + 1)
            elif k != 'data' and k != 'result':
                x = renumber(x, names.get(k, kind), seen)
            out[k] = x
        return out
    return v


def live(where, database, clock, n):
    """One whole trace; what is left of it."""
    house = House(where, database)
    house.env['ANNOTARY_TEST_CLOCK'] = clock.file.name
    house.found()
    project = house.project('Same', 2)
    keys, owner = house.people(PEOPLE, project), house.key()
    rng = random.Random(n)
    with house.serve() as server:
        w = World(house, project, server, keys, owner, rng)
        w.bring(60)
        steps = steps_of(w)
        for _ in range(CALLS):
            clock.add(1)
            rng.choice(steps)(rng.randrange(PEOPLE))
        full = sum(len(t.counted) >= t.overlap for t in w.tasks.values())
        clock.add(60_000)                   # now the answers settle
        until = time.monotonic() + 30       # nothing is asked meanwhile: a look is an audit row too
        while time.monotonic() < until:
            settled = int(house.sql('SELECT COUNT(DISTINCT task_id) FROM consensus')[0][0])
            if settled >= full:
                break
            time.sleep(.05)
        assert settled == full, (settled, full)
        out = {}
        for query in ('format=JSON', 'format=JSON_MIN', 'format=JSON&consensus=true'):
            v = w.ada.must('GET', f'/api/projects/{project}/export?{query}')
            out[query] = json.dumps(renumber(v), indent=1)
    doctor = {r['check']: r['detail'] for r in house.json('doctor')}
    return out, doctor['audit root'], doctor['audit rows']


def test_both_databases_come_to_the_same(tmp_path):
    n, began = seed(), time.monotonic()
    left = live(tmp_path / 'lite', None, Clock(tmp_path / 'clock-lite'), n)
    right = live(tmp_path / 'pg', pg_schema(), Clock(tmp_path / 'clock-pg'), n)
    for query in left[0]:
        assert left[0][query] == right[0][query], query
    assert left[1:] == right[1:], (left[1:], right[1:])
    print(f'{CALLS} calls on each, {left[2]} audit rows, root {left[1][:16]}…, {time.monotonic() - began:.1f} s')
