"""R1: the server is killed with kill -9 at any moment; nothing acknowledged is lost, nothing half is kept.

Eight clients claim, save drafts, submit and skip, each with its own log of what
it sent and what was acknowledged.  After each kill the server starts again and
the tables are compared with those logs.  What was under way when the server
died is sent once more with the same Idempotency-Key and must then be there once.
"""
import json, os, random, threading, time
import pytest

from support.house import House, seed
from support.ledger import Ledger, Worker

SOAK = float(os.environ.get('ANNOTARY_SOAK', 1))
KILLS = int(200 * SOAK)
PEOPLE = 8
TASKS = 100_000
pytestmark = pytest.mark.skipif(os.environ.get('ANNOTARY_DB') == 'pg', reason='kills the process that owns the file')


def test_two_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path):
    rng = random.Random(seed())
    house = House(tmp_path).found()
    project = house.project('Kill', 2)
    workers = [Worker(i, key, project, random.Random(rng.random()))
               for i, key in enumerate(house.people(PEOPLE, project))]
    house.tasks(project, TASKS)
    ledger, starts, began = Ledger(house), [], time.monotonic()
    ledger.audit = house.sql('SELECT MAX(id) FROM audit')[0][0]
    for k in range(KILLS + 1):
        server = house.serve()
        starts.append(server.first_answer())
        bad = ledger.look(workers)
        if k % 20 == 0 or k == KILLS:
            bad += ledger.whole()
        bad += [('refused', w.n, x) for w in workers for x in w.wrong]
        assert not bad, (k, bad[:5], len(bad))
        for w in workers:
            w.submits, w.skips, w.drafts = [], [], []
        if k == KILLS:
            for w in workers:               # what the last kill left open, and then a read through HTTP
                w.life(server.client(w.key), stop)          # it is set
                for tag in rng.sample(sorted(w.acked), min(10, len(w.acked))):
                    a = server.client(w.key).get(f'/api/annotations/{w.acked[tag]}')
                    assert a.status == 200 and a.json['result'] == json.loads(w.sent[tag][1]), (tag, a)
            assert server.stop() == 0
            break
        stop = threading.Event()
        crew = [threading.Thread(target=w.life, args=(server.client(w.key), stop)) for w in workers]
        for t in crew:
            t.start()
        time.sleep(rng.uniform(.002, .2))
        server.kill()
        stop.set()
        for t in crew:
            t.join()
    assert not ledger.look(workers) and not ledger.whole()
    took, starts = time.monotonic() - began, sorted(starts)
    n = sum(len(w.acked) for w in workers)
    print(f'{KILLS} kills, {n} answers acknowledged, {took:.1f} s; start to first answer with {TASKS} tasks:'
          f' median {starts[len(starts) // 2] * 1000:.0f} ms, slowest {starts[-1] * 1000:.0f} ms')
    assert n > KILLS, 'the clients got nothing done'
    slow = sum(s > .5 for s in starts)
    print(f'restart bar of 500 ms: median and {len(starts) - slow} of {len(starts)} starts within it; '
          f'the slowest {"meets" if not slow else "misses"} it ({starts[-1] * 1000:.0f} ms)')
    assert starts[len(starts) // 2] <= .5, starts[-10:]
    assert took < 240 * SOAK
    house.ok('doctor')
