"""R2: the power goes, with all the writes the disk had not been told to keep; nothing acknowledged is lost.

powercut.c stands between the real server and the C library.  At the n-th write,
sync, rename or removal in the data folder it ends the process and lets the disk
keep, drop, tear or zero what was not synced.  n is swept, so that the power also
goes during the recovery from the cut before.

The same run with synchronous=NORMAL must lose something, or the test is blind.
"""
import os, random, threading, time
import pytest

from support.house import House, seed
from support.ledger import Ledger, Worker
from support.shim import build

SOAK = float(os.environ.get('ANNOTARY_SOAK', 1))
CUTS = int(300 * SOAK)
PEOPLE = 8
pytestmark = pytest.mark.skipif(os.environ.get('ANNOTARY_DB') == 'pg', reason='about the file of SQLite')
BLIND = {'ANNOTARY_TEST_SYNC': 'normal'}


@pytest.fixture(scope='module')
def shim(tmp_path_factory):
    return build('powercut.c', tmp_path_factory.mktemp('shim'))


@pytest.fixture(scope='module')
def ready(tmp_path_factory):
    """A house with people, keys and tasks, to be copied."""
    house = House(tmp_path_factory.mktemp('ready')).found()
    project = house.project('Cut', 2)
    keys = house.people(PEOPLE, project)
    house.tasks(project, 20_000)
    return house, project, keys


def cuts(ready, shim, where, rng, n, env=None):
    """n power cuts one after the other; yields what is wrong after each, and how many acts the server did."""
    base, project, keys = ready
    house = base.copy(where)
    workers = [Worker(i, key, project, random.Random(rng.random())) for i, key in enumerate(keys)]
    ledger = Ledger(house)
    ledger.audit = house.sql('SELECT MAX(id) FROM audit')[0][0]
    looked = True
    for k in range(n):
        at = rng.randrange(1, 12) if not looked else k + 1 if k < n // 2 else rng.randrange(1, 1500)
        # the log goes into the database every 60 pages instead of every 16,000: cuts must hit that too
        server = house.serve(dict(env or {}, LD_PRELOAD=shim, POWERCUT_DIR=f'{house.where}/data', POWERCUT_AT=str(at),
                                  POWERCUT_SEED=str(rng.randrange(1 << 31)), ANNOTARY_TEST_LOG_PAGES='60'), dead=True)
        stop = threading.Event()
        if server.greeting:
            crew = [threading.Thread(target=w.life, args=(server.client(w.key), stop)) for w in workers]
            for t in crew:
                t.start()
            for t in crew:
                t.join()
        assert server.wait() == 99, house.tail()
        looked = k + 1 == n or rng.random() < .7
        if not looked:
            continue                                # and the next cut comes during the recovery from this one
        server = house.serve({'ANNOTARY_TEST_LOG_PAGES': '60'}, dead=True)
        bad = [('does not start', house.tail(300))] if not server.greeting else \
            ledger.look(workers) + (ledger.whole() if k % 20 == 0 else []) + \
            [('refused', w.n, x) for w in workers for x in w.wrong]
        server.kill()
        for w in workers:
            w.submits, w.skips, w.drafts = [], [], []
        yield k, at, bad, workers
    assert not ledger.whole()
    house.ok('doctor')


def test_three_hundred_power_cuts_lose_nothing_that_was_acknowledged(ready, shim, tmp_path):
    began = time.monotonic()
    for k, at, bad, workers in cuts(ready, shim, tmp_path, random.Random(seed()), CUTS):
        assert not bad, (k, at, bad[:5], len(bad))
    n = sum(len(w.acked) for w in workers)
    print(f'{CUTS} power cuts, {n} answers acknowledged, 0 lost, {time.monotonic() - began:.1f} s')
    assert n > CUTS, 'the clients got nothing done'


def test_the_control_with_less_syncing_loses_something(ready, shim, tmp_path):
    for k, at, bad, _ in cuts(ready, shim, tmp_path, random.Random(seed()), 100, BLIND):
        if bad:
            print(f'lost after {k + 1} power cuts: {bad[0]}')
            return
    pytest.fail('100 power cuts without fsync lost nothing: this test sees nothing')
