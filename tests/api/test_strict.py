"""Hostile requests, byte by byte: each is refused with a sentence, and nothing is stored.

Runs once for each ANNOTARY_DB.
"""
import json, re, socket, time, urllib.parse
import pytest

from support.lab import Answer, Lab, check_error, choice
from test_matrix import routes

QUIET = ('audit', 'look', 'exposure', 'session', 'token',
         'import')              # a refused import leaves a row that says why, and no task


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.p = lab.project(overlap=2)              # one answer settles nothing: no job wakes up meanwhile
    lab.serve()
    lab.me = lab.client(lab.key)
    lab.tasks = lab.me.post(f'/api/projects/{lab.p}/import?return_task_ids=1',
                            [{'text': str(i)} for i in range(5)]).json()['task_ids']
    lab.lent = lab.me.post(f'/api/projects/{lab.p}/leases', {'n': 1}).json()[0]
    lab.ann = lab.me.post(f'/api/tasks/{lab.tasks[1]}/annotations', {'result': choice('good')}).json()['id']
    lab.guess = lab.me.post('/api/predictions', {'task': lab.tasks[2], 'result': choice('good')}).json()['id']
    yield lab
    lab.close()


@pytest.fixture
def unchanged(lab):
    before = lab.state(without=QUIET)
    yield
    after = lab.state(without=QUIET)
    assert before == after, [t for t in before if before[t] != after[t]]
    assert lab.client().get('/api/health').status == 200


def raw(lab, data, wait=15, end=False):
    """Send bytes; the whole of what comes back until the server closes, or the first answer."""
    with socket.create_connection(('127.0.0.1', lab.port), wait) as s:
        try:
            s.sendall(data)
            if end:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        got = b''
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
                head, _, body = got.partition(b'\r\n\r\n')
                n = re.search(rb'content-length: *(\d+)', head, re.I)
                if n and len(body) >= int(n.group(1)):
                    break
        except (socket.timeout, ConnectionResetError):
            pass
    if not got:
        return Answer(0, {}, b'')
    head, _, body = got.partition(b'\r\n\r\n')
    lines = head.decode('latin-1').split('\r\n')
    answer = Answer(int(lines[0].split()[1]), dict(l.split(': ', 1) for l in lines[1:] if ': ' in l), body)
    if answer.status >= 400:
        check_error(answer)
    return answer


def request(lab, extra='', body=b'', method='POST', path=None, length=True):
    head = f'{method} {path or f"/api/projects/{lab.p}/leases"} HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n'
    head += f'Authorization: Token {lab.key}\r\n{extra}'
    if length and 'content-length' not in extra.lower() and 'transfer-encoding' not in extra.lower():
        head += f'Content-Length: {len(body)}\r\n'
    return head.encode('latin-1') + b'\r\n' + body


# --- framing and headers ------------------------------------------------------------------------------

@pytest.mark.parametrize('extra', [
    'Content-Length: 2\r\nContent-Length: 2\r\n', 'Content-Length: 2\r\nContent-Length: 7\r\n',
    'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked\r\nContent-Length: 2\r\n',
    'Transfer-Encoding: gzip, chunked\r\n', 'Transfer-Encoding: identity\r\n', 'Transfer-Encoding: xchunked\r\n',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
    'Content-Length: -1\r\n', 'Content-Length: +2\r\n', 'Content-Length: 2, 2\r\n', 'Content-Length: 0x2\r\n',
    'Content-Length: 99999999999999999999\r\n', 'Content-Length: \r\n',
    'Host: other.example\r\nContent-Length: 2\r\n', 'Authorization: Token x\r\nContent-Length: 2\r\n',
    'X-Thing: a\x01b\r\nContent-Length: 2\r\n', 'X-Thing: a\rb\r\nContent-Length: 2\r\n',
    'X-Thing: a\x7fb\r\nContent-Length: 2\r\n', 'X(Thing): a\r\nContent-Length: 2\r\n',
    'X-CSRF-Token: a\r\nX-CSRF-Token: b\r\nContent-Length: 2\r\n',
    'If-Match: "1"\r\nIf-Match: "2"\r\nContent-Length: 2\r\n',
])
def test_a_request_that_can_be_read_in_two_ways_is_refused(lab, unchanged, extra):
    got = raw(lab, request(lab, extra, b'{}'), wait=5)
    assert got.status in (0, 400, 413, 501), got


def test_what_hides_behind_two_lengths_is_never_answered(lab, unchanged):
    hidden = request(lab, method='DELETE', path=f'/api/tasks/{lab.tasks[4]}')
    for extra in (f'Content-Length: {len(hidden)}\r\nTransfer-Encoding: chunked\r\n', 'Content-Length: 0\r\nContent-Length: 5\r\n'):
        got = raw(lab, request(lab, extra, b'0\r\n\r\n' + hidden), wait=3)
        assert got.status in (0, 400) and b'HTTP/1.1' not in got.body, got


@pytest.mark.parametrize('host', ['a b', 'a/b', 'a@b', '<script>', 'x' * 300, 'a"b', "a'b", ''])
def test_a_host_that_is_none_is_refused(lab, unchanged, host):
    got = raw(lab, f'GET /api/projects HTTP/1.1\r\nHost: {host}\r\nAuthorization: Token {lab.key}\r\n\r\n'.encode(), wait=5)
    assert got.status in (0, 400), got


def test_too_many_and_too_large_headers_are_refused(lab, unchanged):
    for extra in (''.join(f'X-{i}: y\r\n' for i in range(150)), 'X-Big: ' + 'y' * 40000 + '\r\n',
                  ''.join(f'X-{i}: {"y" * 1000}\r\n' for i in range(60)), 'X-Huge: ' + 'y' * 1000000 + '\r\n'):
        got = raw(lab, request(lab, extra, b'{}'), wait=5)
        assert got.status in (0, 400, 413, 431), got
    got = raw(lab, request(lab, method='GET', path='/api/projects?x=' + 'y' * 20000), wait=5)
    assert got.status in (0, 400, 414, 431), got


@pytest.mark.parametrize('line', ['GET /api/health HTTP/2.0', 'GET /api/health HTTP/0.9', 'GET /api/health', 'GET', '',
                                  'GET  /api/health HTTP/1.1', '\x00\x01\x02', 'get /api/health HTTP/1.1',
                                  'GET http://other.example/api/health HTTP/1.1', 'TRACE / HTTP/1.1',
                                  'CONNECT other.example:80 HTTP/1.1'])
def test_a_strange_request_line_does_no_harm(lab, unchanged, line):
    got = raw(lab, f'{line}\r\nHost: a\r\n\r\n'.encode(), wait=2, end=True)
    assert got.status < 500 or got.status in (501, 505), got


# --- slow and broken off ------------------------------------------------------------------------------

def closed_after(lab, first, drip, most):
    with socket.create_connection(('127.0.0.1', lab.port), 5) as s:
        begun = time.monotonic()
        s.sendall(first)
        s.settimeout(0.5)
        while time.monotonic() - begun < most:
            try:
                if drip:
                    s.sendall(drip)
                if not s.recv(4096):
                    return time.monotonic() - begun
            except socket.timeout:
                pass
            except OSError:
                return time.monotonic() - begun
    return None


def test_headers_that_never_end_are_cut_off(lab, unchanged):
    assert closed_after(lab, b'GET / HTTP/1.1\r\nHost: a\r\n', b'X: y\r\n', 20) is not None


def test_a_body_that_never_ends_is_cut_off(lab, unchanged):
    took = closed_after(lab, request(lab, 'Content-Length: 100000\r\n', b'{'), b'', 40)
    assert took is not None, 'still open after 40 s'


def test_a_body_that_breaks_off_stores_nothing(lab, unchanged):
    body = json.dumps([{'text': 'half'}] * 100).encode()
    for path in (f'/api/projects/{lab.p}/import', f'/api/projects/{lab.p}/imports', '/api/tasks', '/api/projects'):
        raw(lab, request(lab, f'Content-Length: {len(body)}\r\nContent-Type: application/json\r\n', body[:300], path=path),
            wait=3, end=True)
    time.sleep(0.3)


# --- bodies -------------------------------------------------------------------------------------------

def test_a_body_over_the_limit_is_413(lab, unchanged):
    for path, limit in (('/api/projects', 8 << 20), (f"/api/leases/{lab.lent['lease']}/heartbeat", 16384),
                        ('/api/config/parse', 1 << 20), ('/api/session', 16384)):
        got = lab.me.post(path, b' ' * (limit + 1))
        assert got.status == 413, (path, got)
        assert got.json()['code'] == 'E_TOOBIG'
    got = raw(lab, request(lab, 'Content-Length: 99999999999\r\n', path='/api/projects'), wait=5)
    assert got.status == 413, got


@pytest.mark.parametrize('body, line', [
    (b'{"n": 1,}', 1), (b'{"n": 1', 1), (b'{\n  "n": nope\n}', 2), (b'{}{}', 1), (b'{} x', 1), (b'\xff\xfe{}', 1),
    (b'{"n": "\xc3\x28"}', 1), (b'{"n": "\xed\xa0\x80"}', 1), (b'{"n": "\xc0\xaf"}', 1), (b'{"n": 1e999}', 1),
    (b'{"n": NaN}', 1), (b'{"n": 01}', 1), (b"{'n': 1}", 1), (b'{"n": "\\ud800"}', 1), (b'{"n": "a\x00b"}', 1),
    (b'{"n": "a\\u0000b"}', 1), (b'{"n": 1, "n": 2}', 1), (b'{"n": 99999999999999999999999999}', 1),
    (b'{"n": "a\nb"}', 1), (b'\n\n\n{"n": }', 4)])
def test_json_that_is_none_is_400_with_its_place(lab, unchanged, body, line):
    got = lab.me.post(f"/api/leases/{lab.lent['lease']}/heartbeat", body)
    assert got.status == 400 and got.json()['code'] == 'E_INVALID', got
    place = re.search(r'line (\d+)', got.text)
    assert not place or int(place.group(1)) == line, got


def test_an_error_in_json_says_line_and_column(lab, unchanged):
    got = lab.me.post('/api/projects', b'{\n  "title": "x",\n  "description": oops\n}')
    assert got.status == 400 and re.search(r'line 3', got.text) and re.search(r'column \d+', got.text), got


def test_deep_and_wide_json_is_bounded(lab, unchanged):
    for body in (b'[' * 100 + b']' * 100, b'{"a":' * 100 + b'1' + b'}' * 100, b'[' * 100000, b'{"a":' * 100000,
                 b'{"result": ' + b'[' * 200 + b']' * 200 + b', "epoch": 1}'):
        for path in ('/api/projects', f"/api/leases/{lab.lent['lease']}/submit", f'/api/projects/{lab.p}/import',
                     f'/api/projects/{lab.p}/import/predictions'):
            assert lab.me.post(path, body).status in (400, 413), (path, body[:20])
    wide = json.dumps({'epoch': lab.lent['epoch'], 'result': [1] * 100000}).encode()
    assert lab.me.post(f"/api/leases/{lab.lent['lease']}/submit", wide).status in (400, 413)
    many = json.dumps({f'k{i}': i for i in range(100000)}).encode()
    assert lab.me.post(f"/api/leases/{lab.lent['lease']}/heartbeat", b'{"epoch": 0, "a": ' + many[:10000]).status == 400


def bodies(lab):
    """path, method, a good body, the fields whose type matters."""
    lease, p = lab.lent['lease'], lab.p
    return [
        ('POST', '/api/projects', {'title': 'x', 'label_config': '<View/>'},
         {'title': str, 'description': str, 'label_config': str, 'expert_instruction': str, 'sampling': str,
          'skip_queue': str, 'maximum_annotations': int, 'is_published': bool, 'consensus_method': str}),
        ('PATCH', f'/api/projects/{p}', {}, {'title': str, 'label_config': str, 'maximum_annotations': int, 'paused': bool}),
        ('POST', f'/api/projects/{p}/validate', {}, {'label_config': str}),
        ('POST', f'/api/projects/{p}/leases', {}, {'n': int}),
        ('POST', f'/api/leases/{lease}/heartbeat', {'epoch': 1}, {'epoch': int, 'active_ms': int}),
        ('POST', f'/api/leases/{lease}/submit', {'epoch': 1, 'result': []},
         {'epoch': int, 'result': list, 'active_ms': int, 'unique_id': str}),
        ('POST', f'/api/leases/{lease}/skip', {'epoch': 1}, {'epoch': int, 'reason': str, 'note': str}),
        ('PUT', f'/api/leases/{lease}/draft', {'epoch': 1, 'counter': 1, 'result': []},
         {'epoch': int, 'counter': int, 'result': list}),
        ('POST', '/api/tasks', {'project': p, 'data': {'text': 'x'}},
         {'project': int, 'data': dict, 'meta': dict, 'overlap': int, 'unique_id': str}),
        ('PATCH', f'/api/tasks/{lab.tasks[0]}', {}, {'data': dict, 'meta': dict, 'overlap': int}),
        ('POST', f'/api/tasks/{lab.tasks[3]}/annotations', {'result': []},
         {'result': list, 'lead_time': float, 'was_cancelled': bool, 'ground_truth': bool, 'unique_id': str,
          'parent_prediction': int}),
        ('PATCH', f'/api/annotations/{lab.ann}', {}, {'result': list, 'lead_time': float, 'was_cancelled': bool}),
        ('POST', '/api/predictions', {'task': lab.tasks[0], 'result': []}, {'task': int, 'result': list, 'score': float}),
        ('PATCH', f'/api/predictions/{lab.guess}', {}, {'result': list, 'score': float}),
        ('POST', f'/api/projects/{p}/members', {'person': 10**9}, {'person': int, 'role': str, 'vendor': int}),
        ('POST', f'/api/projects/{p}/invitations', {'role': 'annotator'}, {'role': str, 'email': str, 'vendor': int}),
        ('POST', '/api/tokens', {'name': 'x'}, {'name': str, 'scope': str, 'days': int}),
        ('POST', '/api/vendors', {}, {'name': str}),
        ('PATCH', '/api/account', {}, {'name': str, 'prefs': dict}),
        ('POST', '/api/token/refresh', {}, {'refresh': str}),
    ]


WRONG = {str: [1, True, [], {}, 1.5], int: ['x', [], {}, 1.5, True, '1.5', -10**30, 10**30, ''],
         bool: ['x', [], {}, 7, 'maybe'], list: ['x', 1, {}, True], dict: ['x', 1, [], True], float: ['x', [], {}, True]}


def test_a_field_of_the_wrong_type_is_400_and_names_the_field(lab, unchanged):
    asked = 0
    for method, path, good, fields in bodies(lab):
        for name, kind in fields.items():
            for bad in WRONG[kind]:
                got = lab.me.request(method, path, dict(good, **{name: bad}))
                asked += 1
                assert got.status in (400, 404), (method, path, name, bad, got)
                if got.status == 400 and abs(bad if type(bad) is int else 0) < 10**18:
                    said = got.json().get('fields', {})
                    assert any(k == name or k.startswith(name) for k in said), (method, path, name, bad, got)
    assert asked > 250


def test_a_body_that_is_no_object_is_400(lab, unchanged):
    for method, path, _, _ in bodies(lab):
        for bad in ([], 'x', 1, None, True, [[]], [{}]):
            got = lab.me.request(method, path, json.dumps(bad))
            assert got.status in (400, 404), (method, path, bad, got)


def test_numbers_out_of_range_are_400(lab, unchanged):
    for field, path, method, rest in (
            ('maximum_annotations', f'/api/projects/{lab.p}', 'PATCH', {}), ('overlap', f'/api/tasks/{lab.tasks[0]}', 'PATCH', {}),
            ('n', f'/api/projects/{lab.p}/leases', 'POST', {}), ('days', '/api/tokens', 'POST', {'name': 'x'}),
            ('epoch', f"/api/leases/{lab.lent['lease']}/heartbeat", 'POST', {}),
            ('active_ms', f"/api/leases/{lab.lent['lease']}/heartbeat", 'POST', {'epoch': 1})):
        for bad in (-1, -2**63, 2**63 - 1, 2**53, 1e300):
            if field == 'epoch' and bad > 0:
                continue                            # a number nobody has yet: 409
            got = lab.me.request(method, path, dict(rest, **{field: bad}))
            assert got.status == 400, (field, bad, got)


# --- addresses ----------------------------------------------------------------------------------------

@pytest.mark.parametrize('path', [
    '/../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/media/1/..%2f..%2fannotary.db', '/media/1/%2e%2e/annotary.db',
    '/media/1/..', '/media/1/' + 'a' * 64, '/media/1/' + 'A' * 5000, '/media/1/%00', '/api/projects/1%00',
    '/api/projects/%c0%ae%c0%ae/', '/api/projects/..%5c..%5c', '/assets/../../../etc/passwd', '/assets/%2e%2e/x',
    '/api/projects/1/../2', '/api//projects', '/api/projects/-1', '/api/projects/1e3', '/api/projects/0x1',
    '/api/projects/99999999999999999999', '/api/projects/٣', '/api/projects/1%0d%0aX:y', '/api/projects/%zz', '/%',
    '/api/projects/1;x=y', '/api/projects/+1', '/api/projects/%201', '/api/tasks/1.0', '/api/nothing/here'])
def test_a_tricky_address_is_400_or_404(lab, unchanged, path):
    got = raw(lab, request(lab, method='GET', path=path.encode().decode('latin-1'), length=False), wait=5)
    assert got.status in (400, 404), got
    assert b'root:' not in got.body


def test_unknown_ids_are_404_everywhere(lab, unchanged):
    for method, path, on, level, kind in routes():
        if on in ('ON_NOTHING', 'ON_ORG') or path in ('/api/tasks', '/api/predictions'):
            continue
        for bad in (987654321, 2**62):
            url = re.sub(r'\{(\w*)id\}', str(bad), path.replace('{hash}', 'a' * 64))
            got = lab.me.request(method, url, {} if method in ('POST', 'PUT', 'PATCH') else None)
            assert got.status in (404, 400), (method, url, got)
            if method in ('GET', 'DELETE'):
                assert got.status == 404, (method, url, got)


def test_a_query_that_is_none_is_400_and_a_strange_one_does_no_harm(lab, unchanged):
    for q in ('?x=%zz', '?x=%ff', '?x=%00', '?%c3%28=1'):
        got = raw(lab, request(lab, method='GET', path='/api/projects' + q, length=False), wait=5)
        assert got.status == 400, (q, got)
    for q in ('?page=-1', '?page=x', '?page_size=-5', '?page_size=99999999999999', '?after=-9', '?limit=0', '?limit=1e9',
              '?ids=1,2,3', '?ids=' + ','.join(['1'] * 500), '?title=%25%27%22', '?ordering=drop', '?' + '&' * 50):
        for path in ('/api/projects', f'/api/projects/{lab.p}/tasks', f'/api/projects/{lab.p}/members'):
            got = lab.me.get(path + q)
            assert got.status in (200, 400, 404), (path + q, got)
    for q in ('{', '[]', '1', '"x"', '{"filters": 1}', '{"filters": {"items": [1]}}', '{"filters": {"items": [{}]}}',
              '{"ordering": [1]}', '{"ordering": ["password"]}', '{"selectedItems": 7}',
              '{"filters":{"items":[{"filter":"filter:tasks:id\' OR 1=1","operator":"equal","type":"Number","value":1}]}}'):
        got = lab.me.get(f'/api/tasks?project={lab.p}&query={urllib.parse.quote(q)}')
        assert got.status in (200, 400), (q, got)


def test_other_methods_are_405_with_allow_and_head_is_get_without_a_body(lab, unchanged):
    known = {}
    for method, path, *_ in routes():
        known.setdefault(path, set()).add(method)
    for path, methods in known.items():
        url = re.sub(r'\{\w+\}', '1', path)
        for method in ('OPTIONS', 'PUT', 'DELETE', 'PATCH', 'POST', 'FROB'):
            if method in methods:
                continue
            got = lab.me.request(method, url)
            assert got.status == 405, (method, url, got)
            allowed = {m.strip() for m in got.headers['Allow'].split(',')}
            assert methods <= allowed <= methods | {'HEAD', 'OPTIONS'}, (url, allowed)
    a, b = lab.me.get('/api/version'), lab.me.request('HEAD', '/api/version')
    assert b.status == 200 and b.body == b'' and b.headers['Content-Length'] == str(len(a.body))


def test_slashes_at_the_end_are_served_and_never_redirected(lab):
    for path in ('/api/projects', '/api/version', f'/api/projects/{lab.p}', '/api/current-user/whoami'):
        assert lab.me.get(path).status == lab.me.get(path + '/').status == 200


def test_headers_of_every_answer_are_safe(lab):
    for path in ('/api/version', f'/api/projects/{lab.p}', '/api/nothing'):
        got = lab.me.get(path)
        assert got.headers['X-Content-Type-Options'] == 'nosniff', got.headers
        assert 'no-store' in (got.headers['Cache-Control'] or ''), (path, got.headers.items())
        assert got.headers['Server'] is None and got.headers['X-Powered-By'] is None
