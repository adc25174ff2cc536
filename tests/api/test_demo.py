"""annotary demo: the whole job without a browser, and the folder a person comes to look at."""
import json, os, signal, subprocess, time, urllib.error, urllib.request
import pytest

from support.house import BASE, BIN, free_port, pg_schema

DB = os.environ.get('ANNOTARY_DB', 'sqlite')
SLOW = 5 if 'asan' in BIN or 'tsan' in BIN else 1
# What seed 7 gives: agreement, accuracy of the consensus, of the average annotator.  The same on
# every machine and on both databases; it moves only when consensus or the simulation changes.
TABLE = {
    'Messages to a shop': (0.644, 0.900, 0.794),
    'Names in notes': (0.661, 0.946, 0.810),
    'Harbours and streets': (0.568, 0.857, 0.715),
    'Which answer is better': (0.756, 0.917, 0.838),
}


def env(where):
    out = dict(BASE, TMPDIR=str(where))
    if DB == 'pg':
        out['ANNOTARY_DATABASE'] = pg_schema()
    return out


def start(where, *argv, **kw):
    return subprocess.Popen([BIN, 'demo', *argv], cwd=where, env=kw.get('env') or env(where), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def refused(where, *argv):
    r = subprocess.run([BIN, 'demo', *argv], cwd=where, env=dict(BASE), capture_output=True, text=True, timeout=60)
    assert r.returncode == 3, (r.returncode, r.stderr)
    return r.stderr


def post(port, path, body):
    request = urllib.request.Request(f'http://127.0.0.1:{port}{path}', json.dumps(body).encode(),
                                     {'Content-Type': 'application/json', 'Origin': f'http://127.0.0.1:{port}'})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_once_does_the_whole_job_within_a_minute_and_leaves_nothing_behind(tmp_path):
    began = time.monotonic()
    child = start(tmp_path, '--once', '--json')
    out, err = child.communicate(timeout=60 * SLOW)
    assert child.returncode == 0, err
    assert time.monotonic() - began <= 60 * SLOW
    told = json.loads(out)
    assert told['passed'] is True
    assert [row['project'] for row in told['projects']] == list(TABLE)
    for row in told['projects']:
        assert (row['tasks'], row['annotations'], row['settled']) == (60, 180, 60)
        figures = row['agreement'], row['consensus'], row['annotator']
        assert figures == pytest.approx(TABLE[row['project']], abs=0.0006)
        assert row['consensus'] > row['annotator']
    assert os.listdir(tmp_path) == []
    for word in ('Labelled', 'Consensus: 240', 'Exported'):
        assert word in err


def test_a_person_finds_half_the_work_done_can_log_in_and_stops_it_with_ctrl_c(tmp_path):
    port = free_port()
    child = start(tmp_path, '--data', 'look', '--port', str(port), '--json')
    try:
        line = child.stdout.readline()
        assert line, child.stderr.read()
        told = json.loads(line)
        assert told['address'] == f'http://127.0.0.1:{port}/'
        assert [p['annotations'] for p in told['projects']] == [90] * 4
        assert len({a['password'] for a in told['accounts']}) == len(told['accounts']) == 9
        for a in told['accounts'][:3] + told['accounts'][-1:]:
            session = post(port, '/api/session', {'email': a['email'], 'password': a['password']})
            assert session['person']['name'] == a['name']
        with pytest.raises(urllib.error.HTTPError) as no:
            post(port, '/api/session', {'email': told['accounts'][0]['email'], 'password': 'olivia'})
        assert no.value.code == 401
        if DB != 'pg':
            assert 'is running' in refused(tmp_path, '--data', 'look', '--fresh')
    finally:
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    if DB != 'pg':
        assert '--fresh' in refused(tmp_path, '--data', 'look')
        assert '--fresh' in refused(tmp_path, '--data', 'look', '--once')


def test_a_folder_that_is_no_demo_is_never_replaced(tmp_path):
    subprocess.run([BIN, 'init', '--data', 'real'], cwd=tmp_path, env=dict(BASE), check=True, capture_output=True)
    before = sorted(os.listdir(tmp_path / 'real'))
    for argv in ([], ['--fresh'], ['--once', '--fresh']):
        assert 'is no demo' in refused(tmp_path, '--data', 'real', *argv)
    assert sorted(os.listdir(tmp_path / 'real')) == before


def test_a_database_in_use_is_refused(tmp_path):
    if DB != 'pg':
        pytest.skip('of PostgreSQL')
    where = env(tmp_path)
    child = start(tmp_path, '--once', env=where)
    time.sleep(3 * SLOW)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    again = start(tmp_path, '--once', env=where)
    _, err = again.communicate(timeout=60)
    assert again.returncode == 3 and 'in use already' in err


def test_ctrl_c_in_the_middle_ends_it_and_cleans_up(tmp_path):
    child = start(tmp_path, '--once')
    time.sleep(2)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert err.rstrip().endswith('Stopped before it was done.')
    assert os.listdir(tmp_path) == []
