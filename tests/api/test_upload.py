"""Files are uploaded, looked at, and made tasks of later.  Runs once for each ANNOTARY_DB."""
import hashlib, json, os, threading, time
import pytest

from support.lab import CHOICES, Lab

PNG = b'\x89PNG\r\n\x1a\n and the rest'
PICTURES = ('<View><Image name="image" value="$photo"/><Choices name="c" toName="image"><Choice value="a"/>'
            '</Choices></View>')


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.serve()
    lab.me = lab.client(lab.key)
    yield lab
    lab.close()


@pytest.fixture
def project(lab):
    return lab.me.post('/api/projects', {'title': 'U', 'label_config': CHOICES}).json()['id']


def send(lab, path, method='POST', **files):
    """A multipart form with files, each (name, bytes)."""
    mark, body = 'b0undary', b''
    for field, (name, data) in files.items():
        body += (f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
                 + data + b'\r\n')
    return lab.me.request(method, path, body + f'--{mark}--\r\n'.encode(),
                          kind=f'multipart/form-data; boundary={mark}')


def keep(lab, project, **files):
    got = send(lab, f'/api/projects/{project}/import?commit_to_project=false', **files)
    assert got.status == 201, got
    return got.json()


def reimport(lab, project, ids, **more):
    return lab.me.post(f'/api/projects/{project}/reimport', dict({'file_upload_ids': ids}, **more))


def texts(lab, project):
    return [t['data']['text'] for t in lab.me.get(f'/api/tasks?project={project}').json()['tasks']]


def blobs(lab):
    return {os.path.basename(folder) + f for folder, _, names in os.walk(f'{lab.data}/blobs') for f in names}


def test_a_first_look_makes_no_tasks_and_keeps_the_files(lab, project):
    got = keep(lab, project, one=('one.csv', b'text,n\na,1\nb,2\n'), two=('two.json', b'[{"text":"c","m":3}]'))
    assert got['task_count'] == 3 and got['annotation_count'] == got['prediction_count'] == 0
    assert got['found_formats'] == {'.csv': 1, '.json': 1} and got['data_columns'] == ['text']
    assert got['could_be_tasks_list'] is True and got['task_ids'] == [] and len(got['file_upload_ids']) == 2
    assert lab.me.get(f'/api/projects/{project}').json()['task_number'] == 0
    listed = lab.me.get(f'/api/projects/{project}/file-uploads?all=true').json()
    assert [(u['id'], u['name'], u['size']) for u in listed] == [
        (got['file_upload_ids'][0], 'one.csv', 15), (got['file_upload_ids'][1], 'two.json', 20)]
    assert lab.me.get('/data/' + listed[0]['file']).body == b'text,n\na,1\nb,2\n'
    row = lab.me.get(f"/api/projects/{project}/imports/{got['import_id']}").json()
    assert row['status'] == 'completed' and row['commit_to_project'] is False and row['task_count'] == 3
    assert row['file_upload_ids'] == got['file_upload_ids'] and row['found_formats'] == got['found_formats']
    assert row['error'] == '' and row['created_at'] and row['finished_at']
    assert os.listdir(f'{lab.data}/spool') == []


def test_what_was_kept_becomes_tasks_once(lab, project):
    ids = keep(lab, project, a=('a.txt', b'one\ntwo\n'), b=('b.jsonl', b'{"text":"three"}\n'))['file_upload_ids']
    done = reimport(lab, project, ids)
    assert done.status == 201, done
    got = done.json()
    assert got['task_count'] == 3 and len(got['task_ids']) == 3 and got['file_upload_ids'] == ids
    assert texts(lab, project) == ['one', 'two', 'three']
    assert lab.me.get(f"/api/projects/{project}/imports/{got['import_id']}").json()['file_upload_ids'] == ids
    again = reimport(lab, project, ids)
    assert again.status == 400 and 'file_upload_ids' in again.json()['fields']
    assert len(texts(lab, project)) == 3
    lab.me.delete(f'/api/projects/{project}/tasks')
    lab.until(lambda: texts(lab, project) == [])
    assert reimport(lab, project, ids[:1]).json()['task_count'] == 2, 'its tasks are gone: it may come in again'


def test_a_file_can_be_one_task_and_a_picture_is(lab, project):
    ids = keep(lab, project, a=('a.txt', b'one\ntwo\n'))['file_upload_ids']
    assert reimport(lab, project, ids, files_as_tasks_list=False).json()['task_count'] == 1
    assert texts(lab, project) == ['one\ntwo\n']
    p = lab.me.post('/api/projects', {'title': 'P', 'label_config': PICTURES}).json()['id']
    kept = keep(lab, p, f=('cat.png', PNG))
    assert kept['task_count'] == 1 and kept['found_formats'] == {'.file': 1} and kept['data_columns'] == ['photo']
    task = lab.me.get(f"/api/tasks/{reimport(lab, p, kept['file_upload_ids']).json()['task_ids'][0]}").json()
    shown = lab.me.get(task['data']['photo'])
    assert shown.status == 200 and shown.body == PNG and shown.headers['Content-Type'] == 'image/png'


def test_plain_json_can_be_kept_too(lab, project):
    got = lab.me.post(f'/api/projects/{project}/import?commit_to_project=false', [{'text': 'x'}, {'text': 'y'}]).json()
    assert got['task_count'] == 2 and got['found_formats'] == {'.json': 1} and len(got['file_upload_ids']) == 1
    assert reimport(lab, project, got['file_upload_ids']).json()['task_count'] == 2


def test_several_files_come_in_at_once_and_whole(lab, project):
    got = send(lab, f'/api/projects/{project}/import', a=('a.txt', b'one\n'), b=('b.json', b'[{"text":"two"}]'))
    assert got.status == 201 and got.json()['task_count'] == 2 and got.json()['file_upload_ids'] == []
    bad = send(lab, f'/api/projects/{project}/import', a=('a.txt', b'three\n'), b=('b.json', b'[{"text":'))
    assert bad.status == 400 and bad.json()['detail'].startswith('b.json: '), bad
    assert texts(lab, project) == ['one', 'two']
    job = send(lab, f'/api/projects/{project}/imports', a=('a.txt', b'three\n'), b=('b.txt', b'four\n'))
    assert job.status == 202
    lab.until(lambda: len(texts(lab, project)) == 4)


@pytest.mark.parametrize('size', [64, 4096, 16384, 65536, 99991])
def test_a_stream_in_chunks_of_any_size_is_kept_whole(lab, project, size):
    """The server writes pieces of 256 KiB: where a chunk ends with a piece, the chunks behind it wait for the disk."""
    rows = ''.join(f'{{"text":"row {i}"}}\n' for i in range(60000)).encode()
    parts = [rows[i:i + size] for i in range(0, len(rows), size)] + [b'']
    got = lab.me.request('POST', f'/api/projects/{project}/import?commit_to_project=false&name=rows.jsonl',
                         b''.join(b'%x\r\n%b\r\n' % (len(p), p) for p in parts),
                         {'Transfer-Encoding': 'chunked'}, 'application/octet-stream')
    assert got.status == 201, got
    kept = lab.me.get(f"/api/import/file-upload/{got.json()['file_upload_ids'][0]}").json()['file']
    assert lab.me.get('/data/' + kept).body == rows


def test_json_lines_are_not_taken_for_json(lab, project):
    got = lab.me.request('POST', f'/api/projects/{project}/import', b'{"text":"a"}\n{"text":"b"}\n', {}, 'application/jsonl')
    assert got.status == 201 and got.json()['task_count'] == 2, got


def test_a_bad_file_is_refused_and_nothing_is_kept(lab, project):
    before = blobs(lab), lab.number('SELECT COUNT(*) FROM file_upload')
    for name, data in (('x.json', b'[{"text":"a"},'), ('x.csv', b''), ('x.zip', b'PK\x03\x04broken'),
                       ('x.json', b'[{"data":{"text":"a"},"annotations":[{"result":[{"from_name":"no"}]}]}]')):
        got = send(lab, f'/api/projects/{project}/import?commit_to_project=false', f=(name, data))
        assert got.status == 400, (name, got)
    assert (blobs(lab), lab.number('SELECT COUNT(*) FROM file_upload')) == before
    assert os.listdir(f'{lab.data}/spool') == []


def test_uploads_of_others_are_not_found_and_bad_lists_are_told(lab, project):
    other = lab.me.post('/api/projects', {'title': 'O', 'label_config': CHOICES}).json()['id']
    ids = keep(lab, other, a=('a.txt', b'one\n'))['file_upload_ids']
    assert reimport(lab, project, ids).status == 404
    for wrong in ('1', [1.5], ['1'], [None], {'a': 1}):
        got = reimport(lab, project, wrong)
        assert got.status == 400 and 'file_upload_ids' in got.json()['fields'], wrong
    assert reimport(lab, project, list(range(600))).status == 413
    nothing = lab.me.post(f'/api/projects/{project}/reimport', {})
    assert nothing.status == 200 and nothing.json()['task_count'] == 0 and nothing.json()['file_upload_ids'] == []
    assert lab.me.get(f'/api/projects/{project}/file-uploads?ids=[{ids[0]}]').json() == []
    assert [u['id'] for u in lab.me.get(f'/api/projects/{other}/file-uploads?ids=[{ids[0]}]').json()] == ids
    assert lab.me.get(f'/api/projects/{other}/file-uploads?ids=[]').json() == []
    path = lab.me.get(f'/api/import/file-upload/{ids[0]}').json()['file']
    assert lab.me.get('/data/' + path.replace(f'upload/{other}/', f'upload/{project}/')).status == 404
    for name in ('x', '../../annotary.db', path.split('/')[-1][:15], '0' * 12 + '-a.txt'):
        assert lab.me.get(f'/data/upload/{other}/{name}').status in (400, 404), name


def test_an_upload_is_changed_and_deleted(lab, project):
    one, two = keep(lab, project, a=('a.txt', b'one\n'), b=('b.txt', b'two\n'))['file_upload_ids']
    got = send(lab, f'/api/import/file-upload/{one}', 'PATCH', file=('c.txt', b'other\n'))
    assert got.status == 200 and got.json()['id'] == one and got.json()['size'] == 6
    assert lab.me.get('/data/' + got.json()['file']).body == b'other\n'
    assert send(lab, f'/api/import/file-upload/{one}', 'PATCH').json() == got.json(), 'no file: as it was'
    assert reimport(lab, project, [one]).json()['task_count'] == 1 and texts(lab, project) == ['other']
    assert lab.me.delete(f'/api/import/file-upload/{one}').status == 204
    assert lab.me.get(f'/api/import/file-upload/{one}').status == 404
    assert texts(lab, project) == ['other'], 'its tasks stay'
    assert lab.me.delete(f'/api/projects/{project}/file-uploads', {'file_upload_ids': [one, two]}).json() == {'deleted': 1}
    keep(lab, project, a=('a.txt', b'one\n'), b=('b.txt', b'two\n'))
    assert lab.me.delete(f'/api/projects/{project}/file-uploads').json() == {'deleted': 2}
    assert lab.me.delete(f'/api/projects/{project}/file-uploads').json() == {'deleted': 0}


def test_files_that_nobody_needs_leave_the_disk_and_others_stay(lab, project):
    other = lab.me.post('/api/projects', {'title': 'O', 'label_config': CHOICES}).json()['id']
    keep(lab, project, a=('only.txt', b'only here\n'), b=('both.txt', b'in both\n'))
    keep(lab, other, b=('same.txt', b'in both\n'))
    only, both = (hashlib.sha256(t).hexdigest() for t in (b'only here\n', b'in both\n'))
    assert {only, both} <= blobs(lab)
    assert lab.me.delete(f'/api/projects/{project}').status == 204
    lab.until(lambda: lab.number(f'SELECT COUNT(*) FROM file_upload WHERE project_id = {project}') == 0)
    assert {only, both} <= blobs(lab), 'not at once: the same bytes may be on their way in again'
    lab.stop()
    old = time.time() - 7200
    for hash in (only, both):
        os.utime(f'{lab.data}/blobs/{hash[:2]}/{hash[2:]}', (old, old))
    lab.change('UPDATE leftover SET since_ms = since_ms - 7200000')
    lab.serve()
    lab.me = lab.client(lab.key)
    lab.until(lambda: only not in blobs(lab))       # a moment before its note is committed away
    lab.until(lambda: lab.number(f"SELECT COUNT(*) FROM leftover WHERE hash IN ('{only}', '{both}')") == 0)
    assert both in blobs(lab)


def test_a_file_of_an_import_that_was_killed_can_come_in_again(lab, project):
    """kill -9 in the middle of making tasks of a kept file: nothing of it is left, the file is."""
    rows = ''.join(json.dumps({'text': f'row {i}'}) + '\n' for i in range(60000)).encode()
    ids = keep(lab, project, a=('many.jsonl', rows))['file_upload_ids']

    def begin():
        try:
            lab.client(lab.key).post(f'/api/projects/{project}/reimport', {'file_upload_ids': ids})
        except OSError:
            pass
    thread = threading.Thread(target=begin)
    thread.start()
    lab.until(lambda: lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = {project}') > 0)
    lab.stop(9)
    thread.join()
    lab.serve()
    lab.me = lab.client(lab.key)
    lab.until(lambda: lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = {project}') == 0)
    lab.until(lambda: reimport(lab, project, ids).status == 201)
    assert lab.number(f'SELECT COUNT(*) FROM task WHERE project_id = {project}') == 60000
