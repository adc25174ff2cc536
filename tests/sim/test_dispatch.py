"""R12: random work of sixteen people against the real server, with a model in memory.

One thread decides, from a seed, who does what next; each step is one request
over HTTP and one step of the model, which says what the answer must be.  After
every two hundred steps, and at the end, the tables are read and the invariants of
the design hold:

  I1  counted answers of a task <= its overlap
  I2  nobody has two answers on a task
  I3  live leases + counted answers <= overlap, and the slots say the same
  I4  what a party is said to have seen is what its people looked at, each item once
  I5  what was lent was written into the exposure list of that party first
  I7  nothing that a person can ask for tells a gold answer, or a task that has one
  I9  one audit row for each change
  I10 every task imported is there, and is open, lent or done

Caps (the other half of I4), conflicts between vendors (I6) and reviews (I8) do not exist yet.

Time does not pass here: leases that run out are in test_work.c, which owns its clock.
STEPS=… and SEED=… replay.
"""
import os, random, time

from support.house import House, database, seed
from support.world import PEOPLE, steps_of, World

SOAK = float(os.environ.get('ANNOTARY_SOAK', 1))
STEPS = int(os.environ.get('STEPS') or 20_000 * SOAK)


def test_random_work_never_breaks_an_invariant(tmp_path):
    rng = random.Random(seed())
    house = House(tmp_path, database()).found()
    project = house.project('Model', 2)
    vendors = None, house.vendor('Acme'), house.vendor('Best')
    keys, owner = house.people(PEOPLE, project, vendors), house.key()
    began = time.monotonic()
    with house.serve() as server:
        w = World(house, project, server, keys, owner, rng)
        w.before = w.told()
        w.bring(40)
        steps = steps_of(w)
        for i in range(STEPS):
            step, p = rng.choice(steps), rng.randrange(PEOPLE)
            try:
                step(p)
                if i % 200 == 0:
                    w.check()
            except AssertionError as e:
                raise AssertionError(f'step {i} ({step.__name__} of p{p}): {e}') from e
        w.check()
    took = time.monotonic() - began
    done = sum(len(t.counted) for t in w.tasks.values())
    print(f'{STEPS} steps, {len(w.tasks)} tasks, {done} answers, {took:.1f} s')
    assert done > STEPS / 50
    house.ok('doctor')
