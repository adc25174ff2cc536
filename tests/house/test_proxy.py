"""The HAProxy configuration of the manual, started as it stands but for its ports and its certificate."""
import http.client, json, os, re, shutil, socket, ssl, subprocess, time
import pytest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../..'))
BIN = os.environ.get('ANNOTARY_BIN', f'{TOP}/build/annotary')


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(('127.0.0.1', port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f'nothing listens on {port}')


@pytest.fixture(scope='module')
def door(tmp_path_factory):
    if not shutil.which('haproxy') or not shutil.which('openssl'):
        pytest.skip('haproxy or openssl is not installed')
    where = tmp_path_factory.mktemp('proxy')
    plain, tls, behind = free_port(), free_port(), free_port()
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                    '-keyout', where / 'key', '-out', where / 'cert'], check=True, capture_output=True)
    (where / 'both.pem').write_text((where / 'cert').read_text() + (where / 'key').read_text())
    with open(f'{TOP}/docs/manual/haproxy.cfg') as f:
        text = f.read()
    for old, new in (('bind :80', f'bind 127.0.0.1:{plain}'), ('bind :443', f'bind 127.0.0.1:{tls}'),
                     ('/etc/haproxy/annotary.pem', str(where / 'both.pem')), ('127.0.0.1:8080', f'127.0.0.1:{behind}')):
        assert old in text
        text = text.replace(old, new)
    (where / 'haproxy.cfg').write_text(text)
    subprocess.run(['haproxy', '-c', '-f', where / 'haproxy.cfg'], check=True, capture_output=True)
    data = str(where / 'data')
    subprocess.run([BIN, 'init', '--data', data, '--email', 'ada@lab.example', '--name', 'Ada', '--org', 'Lab',
                    '--password-stdin'], input='plum velvet anchor tide\n', text=True, check=True, capture_output=True)
    with open(where / 'log', 'w') as log:
        server = subprocess.Popen([BIN, 'serve', '--data', data, '--port', str(behind), '--strict-port',
                                   '--behind-proxy'], stdout=log, stderr=log)
        proxy = subprocess.Popen(['haproxy', '-db', '-f', str(where / 'haproxy.cfg')], stdout=log, stderr=log)
    try:
        wait_for(behind)
        wait_for(tls)
        yield plain, tls, ssl.create_default_context(cafile=str(where / 'cert'))
    finally:
        for child in (proxy, server):
            child.terminate()
            child.wait(20)


def test_plain_http_is_sent_to_https(door):
    c = http.client.HTTPConnection('127.0.0.1', door[0], timeout=10)
    c.request('GET', '/', headers={'Host': 'localhost'})
    answer = c.getresponse()
    assert answer.status == 301 and answer.getheader('Location').startswith('https://')


def test_a_person_logs_in_through_it_with_a_secure_cookie(door):
    c = http.client.HTTPSConnection('localhost', door[1], timeout=10, context=door[2])
    me = {'Origin': f'https://localhost:{door[1]}', 'Content-Type': 'application/json'}
    c.request('POST', '/api/session', json.dumps({'email': 'ada@lab.example', 'password': 'plum velvet anchor tide'}), me)
    answer = c.getresponse()
    body = answer.read()
    assert answer.status in (200, 201), body
    cookie = answer.getheader('Set-Cookie')
    assert cookie.startswith('__Host-annotary=') and 'Secure' in cookie and 'HttpOnly' in cookie
    assert answer.getheader('Strict-Transport-Security')
    c.request('GET', '/api/session', headers={'Cookie': cookie.split(';')[0]})
    answer = c.getresponse()
    assert answer.status == 200 and b'ada@lab.example' in answer.read()


@pytest.mark.parametrize('head', [
    'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    'GET /health HTTP/1.1\r\nHost: localhost\r\nbad header: x\r\n\r\n',
    'GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n',
])
def test_ambiguous_requests_end_at_the_proxy(door, head):
    with door[2].wrap_socket(socket.create_connection(('127.0.0.1', door[1]), 10), server_hostname='localhost') as s:
        s.sendall(head.encode())
        assert re.match(rb'HTTP/1\.[01] 400 ', s.recv(4096))
