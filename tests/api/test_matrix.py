"""The authorisation matrix: every route × every role × own project, other project, other organisation.

The rows are read from src/http/routes.def; the expected answer of a cell is computed from the row's
(object, level) and from who the caller is, by the table in src/domain/access.h.  A write carries a
malformed Idempotency-Key: that is looked at after authorisation and before the handler, so a permitted
call ends with 400 and changes nothing.  A permitted read is really made.
"""
import io, json, re, struct, zipfile, zlib
import pytest

from support.lab import DB, TOP, Lab, choice
from support.pictures import dzi

assert DB in ("sqlite", "pg")           # once for each ANNOTARY_DB

LEVELS = {                      # who may, on a project; on the organisation WORK and REVIEW mean nothing
    'MAY_READ': {'annotator', 'reviewer', 'auditor', 'manager', 'owner'},
    'MAY_WORK': {'annotator', 'reviewer', 'manager', 'owner'},
    'MAY_REVIEW': {'reviewer', 'manager', 'owner'},
    'MAY_SEE': {'reviewer', 'auditor', 'manager', 'owner'},
    'MAY_AUDIT': {'auditor', 'manager', 'owner'},
    'MAY_MANAGE': {'manager', 'owner'},
    'MAY_OWN': {'owner'},
}
BLIND = ('/api/annotations/{id}', '/api/annotations/{id}/revisions', '/api/predictions/{id}',
         '/media/{id}/{hash}', '/media/{id}/{folder}/{level}/{tile}', '/api/comments')                                   # 404 to a party that was not lent the task
BAD_KEY = 'x' * 300
MISSING = 987654321


def routes():
    text = open(f'{TOP}/src/http/routes.def').read()
    rows = re.findall(r'^ROUTE\((\w+),\s*"([^"]+)",\s*(\w+),\s*(\w+),\s*(\w+),', text, re.M)
    assert len(rows) == len(re.findall(r'^ROUTE\(', text, re.M)) > 80
    return rows


def picture():
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    png = (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 1, 1, 8, 0, 0, 0, 0)) +
           chunk(b'IDAT', zlib.compress(b'\0\0')) + chunk(b'IEND', b''))
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as z:
        z.writestr('a.png', png)
        z.writestr('b.dzi', dzi(1, 1, kind='png'))
        z.writestr('b_files/0/0_0.png', png)
    return out.getvalue()


class Caller:
    def __init__(self, name, key, org=None, org_role='none', roles=None, scopes=('read', 'write', 'manage'), person=0):
        self.name, self.key, self.org, self.org_role, self.roles = name, key, org, org_role, roles or {}
        self.scopes, self.person, self.live = scopes, person, key is not None


class World:
    """Two organisations, three projects with everything in them, and one person of every kind."""

    def __init__(self):
        self.lab = lab = Lab()
        self.callers, self.places = [Caller('nobody', None)], {}
        lab.init('org-owner@a.example')
        self.orgs = {'a': 1, 'b': lab.run('org', 'add', 'Other')['id']}
        vendor = lab.run('org', 'vendor-add', 'Acme', '--org', 1)['id']
        made = {'P': lab.project('P', org=1), 'Q': lab.project('Q', org=1), 'R': lab.project('R', org=self.orgs['b'])}
        self.add('org-owner', 'a', 'owner', new=False)
        for org, prefix in (('a', ''), ('b', 'b-')):
            for role in ('owner', 'manager', 'auditor', 'none'):
                if prefix + role != 'owner':
                    self.add(f'{prefix}org-{role}', org, role)
        for project, org in (('P', 'a'), ('Q', 'a'), ('R', 'b')):
            for role in ('owner', 'manager', 'auditor', 'reviewer', 'annotator'):
                who = self.add(f'{project.lower()}-{role}', org, 'none', {project: role})
                lab.run('member', 'add', made[project], f'{who.name}@{org}.example', '--role', role)
        who = self.add('p-acme', 'a', 'none', {'P': 'annotator'})
        lab.run('member', 'add', made['P'], 'p-acme@a.example', '--vendor', vendor)
        who = self.add('org-auditor-who-annotates', 'a', 'auditor', {'P': 'annotator'})
        lab.run('member', 'add', made['P'], f'{who.name}@a.example')
        for scope in ('read', 'write'):
            key = lab.token('org-owner@a.example', '--scopes', 'read' if scope == 'read' else 'read,write')
            self.callers.append(Caller(f'org-owner with a key to {scope}', key, 'a', 'owner',
                                       scopes=('read',) if scope == 'read' else ('read', 'write')))
        stopped = self.add('stopped', 'a', 'manager', {'P': 'manager'})
        stopped.live = False
        lab.serve()
        lab.run('user', 'set', 'stopped@a.example', '--stop')
        for c in self.callers:
            c.client = lab.client(c.key)
            c.person = c.client.get('/api/current-user/whoami').json()['id'] if c.live else 0
        for project, org in (('P', 'a'), ('Q', 'a'), ('R', 'b')):
            self.places[project] = self.furnish(made[project], org, project)

    def add(self, name, org, org_role, roles=None, new=True):
        email = f'{name}@{org}.example'
        key = (self.lab.person(email, None if org_role == 'none' else org_role, self.orgs[org]) if new
               else self.lab.token(email))
        self.callers.append(Caller(name, key, org, org_role, roles))
        return self.callers[-1]

    def caller(self, name):
        return next(c for c in self.callers if c.name == name)

    def furnish(self, project, org, name):
        boss = self.caller('org-owner' if org == 'a' else 'b-org-owner').client
        ann = self.caller(f'{name.lower()}-annotator')

        def job(body, kind):
            got = boss.post(f'/api/projects/{project}/imports', body, kind=kind)
            assert got.status == 202, got
            self.lab.until(lambda: boss.get(f"/api/jobs/{got.json()['job']}").json()['state'] == 'done')
            return got.json()

        first = job(json.dumps([{'text': f'{i}'} for i in range(5)]), 'application/json')
        job(picture(), 'application/zip')
        lent = ann.client.post(f'/api/projects/{project}/leases', {'n': 2}).json()
        sent = ann.client.post(f"/api/leases/{lent[0]['lease']}/submit",
                               {'epoch': lent[0]['epoch'], 'result': choice('good'), 'active_ms': 5})
        assert sent.status == 200, sent
        guess = boss.post('/api/predictions', {'task': lent[0]['task']['id'], 'result': choice('good')})
        said = ann.client.post(f"/api/tasks/{lent[0]['task']['id']}/comments", {'text': 'Which mood is dry?'})
        assert said.status == 201, said
        view = boss.post('/api/dm/views', {'project': project, 'shared': True, 'data': {'title': 'All'}})
        invited = boss.post(f'/api/projects/{project}/invitations', {'role': 'annotator'})
        files = boss.get(f'/api/projects/{project}/media').json()
        kept = boss.post(f'/api/projects/{project}/import?commit_to_project=false', [{'text': 'kept'}])
        assert kept.status == 201, kept
        upload = boss.get(f'/api/projects/{project}/file-uploads').json()[0]
        return {'ON_PROJECT': project, 'ON_TASK': lent[0]['task']['id'], 'ON_ANNOTATION': sent.json()['annotation'],
                'ON_COMMENT': said.json()['id'], 'ON_PREDICTION': guess.json()['id'], 'ON_LEASE': lent[1]['lease'], 'ON_JOB': first['job'],
                'ON_UPLOAD': upload['id'], 'ON_VIEW': view.json()['id'], 'file': upload['file'].split('/')[-1],
                'import_id': first['import'], 'invitation_id': invited.json()['id'], 'person_id': ann.person,
                'hash': files[0]['url'].split('/')[3].split('?')[0], 'level': 0, 'tile': '0_0.png',
                'folder': files[1]['url'].split('/')[3].replace('.dzi', '_files'), 'holder': ann.name, 'org': org, 'name': name}


@pytest.fixture(scope='module')
def world():
    w = World()
    yield w
    w.lab.close()


def status_of(caller, row, place):
    """The expected answer: a number, or 'may'."""
    method, path, on, level, kind = row
    if level == 'MAY_PUBLIC':
        return 'may'
    if not caller.live:
        return 401
    writes = kind in ('WRITE', 'HOUSE', 'UPLOAD')
    if writes and 'write' not in caller.scopes and 'manage' not in caller.scopes:
        return 403
    need = {'MAY_MANAGE': 'manage', 'MAY_OWN': 'manage', 'MAY_WORK': 'write', 'MAY_REVIEW': 'write'}.get(level, 'read')
    if need not in caller.scopes:
        return 403
    if on == 'ON_NOTHING':
        return 'may'
    if on == 'ON_ORG':
        return 'may' if caller.org_role in LEVELS[level] and level not in ('MAY_WORK', 'MAY_REVIEW') else 403
    if place is None:
        return 404
    mine = place['org'] == caller.org
    role = caller.roles.get(place['name']) if mine else None
    org_role = caller.org_role if mine and caller.org_role != 'none' else None
    if not role and not org_role:
        return 404
    if on == 'ON_LEASE' and place['holder'] != caller.name:
        return 404
    return 'may' if role in LEVELS[level] or org_role in LEVELS[level] else 403


def ask(world, caller, row, place):
    method, path, on, level, kind = row
    here = place or {}
    first = here.get(on, MISSING)
    if on == 'ON_NOTHING' or on == 'ON_ORG':
        first = caller.person or 1

    def fill(m):
        if m.group(1) == 'id':
            return str(first)
        return 'nosuchtoken' if m.group(1) == 'token' else str(here.get(m.group(1), MISSING))

    url = re.sub(r'\{(\w+)\}', fill, path)
    body = {}
    if path in ('/api/tasks', '/api/predictions') and method == 'GET':
        url += f'?project={first}'
    elif path.startswith('/api/dm/') and on == 'ON_PROJECT':
        url += f'?project={first}'
    elif path == '/api/comments' and method == 'GET':
        url += f'?annotation={first}'
    elif path == '/api/comments':
        body = {'annotation': first, 'text': 'x'}
    elif path == '/api/tasks':
        body = {'project': first, 'data': {'text': 'x'}}
    elif path == '/api/predictions':
        body = {'task': first, 'result': []}
    writes = kind in ('WRITE', 'HOUSE', 'UPLOAD')
    return caller.client.request(method, url, body if method not in ('GET', 'DELETE') else None,
                                 headers={'Idempotency-Key': BAD_KEY} if writes else None)


def test_every_route_answers_every_caller_in_every_place_as_the_table_says(world):
    quiet = ('audit', 'token', 'session', 'exposure', 'look', 'setting')
    # What was answered settles ten seconds later: before the comparison begins, however slow the machine is.
    world.lab.until(lambda: not world.lab.number('SELECT COUNT(*) FROM slot WHERE settle_ms > 0')
                    and not world.lab.number("SELECT COUNT(*) FROM job WHERE state IN ('waiting', 'running')"), 60)
    before = world.lab.state(without=quiet)
    cells, wrong, reached = 0, [], {}
    for row in routes():
        method, path, on, level, kind = row
        places = [None] if on in ('ON_NOTHING', 'ON_ORG') else [*world.places.values(), None]
        for place in places:
            for caller in world.callers:
                want, got = status_of(caller, row, place), ask(world, caller, row, place)
                cells += 1
                good = got.status == want
                if want == 'may':
                    good = got.status < 500 and got.status not in (401, 403, 404)
                    blind = path in BLIND and got.status == 404 and set(caller.roles.values()) & {'annotator', 'reviewer'}
                    free = path in ('/api/invitations/{token}', '/api/invitations/{token}/accept',
                                    '/api/invitations/{token}/join') or level == 'MAY_PUBLIC'
                    good = good or bool(blind) or (free and got.status < 500 and got.status != 403)
                    if kind in ('WRITE', 'UPLOAD') and level != 'MAY_PUBLIC' and got.status != 400:
                        good = False                        # the bad key must have stopped it
                    reached[row] = reached.get(row, 0) + (got.status not in (401, 403, 404))
                if not good:
                    where = place['name'] if place else '-'
                    wrong.append(f'{method} {path} as {caller.name} in {where}: want {want}, got {got!r}')
    print(f'{cells} cells of {len(routes())} routes and {len(world.callers)} callers')
    assert not wrong, f'{len(wrong)} of {cells} cells:\n' + '\n'.join(wrong[:60])
    assert cells >= 5000
    unreached = [r[:2] for r in routes() if not reached.get(r) and '{token}' not in r[1]
                 and r[1] not in ('/api/token/refresh', '/api/token/blacklist')]
    assert not unreached, f'nobody came through to {unreached}'
    after = world.lab.state(without=quiet)
    assert before == after, [t for t in before if before[t] != after[t]]


def test_the_table_in_openapi_is_the_table_that_was_tested(world):
    spec = world.caller('org-owner').client.get('/api/openapi.json').json()
    listed = {(m.upper(), p) for p, ops in spec['paths'].items() for m in ops}
    assert listed == {(m, p) for m, p, *_ in routes()}
    assert spec['openapi'].startswith('3.1')


def test_only_the_public_routes_answer_nobody(world):
    public = {(m, p) for m, p, _, level, _ in routes() if level == 'MAY_PUBLIC'}
    assert public == {('GET', '/health'), ('GET', '/healthz'), ('GET', '/api/health'), ('GET', '/api/version'),
                      ('GET', '/user/login'), ('POST', '/user/login'), ('POST', '/api/session'), ('GET', '/api/setup'), ('POST', '/api/setup'),
                      ('GET', '/api/invitations/{token}'), ('POST', '/api/invitations/{token}/accept'),
                      ('POST', '/api/token/refresh'), ('POST', '/api/token/blacklist')}


def test_what_is_elsewhere_is_not_distinguished_from_what_is_nowhere(world):
    """The 404 for another organisation's project says the same as the 404 for none."""
    there, nowhere = world.places['R'], MISSING
    for name in ('org-owner', 'p-owner', 'p-annotator'):
        c = world.caller(name).client
        for path, on in (('/api/projects/{}', 'ON_PROJECT'), ('/api/tasks/{}', 'ON_TASK'),
                         ('/api/annotations/{}', 'ON_ANNOTATION'), ('/api/jobs/{}', 'ON_JOB'),
                         ('/api/predictions/{}', 'ON_PREDICTION'), ('/api/projects/{}/members', 'ON_PROJECT')):
            a, b = c.get(path.format(there[on])), c.get(path.format(nowhere))
            assert a.status == b.status == 404
            assert a.json()['detail'].replace(str(there[on]), 'N') == b.json()['detail'].replace(str(nowhere), 'N')
