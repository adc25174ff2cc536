"""Label Studio's official Python client, unchanged, against a running server.

Both of its interfaces (LabelStudio and the older Client) and all its ways to say who one is.  What is
asserted are the things a script of theirs looks at: ids, counts, shapes, files, errors.
"""
import csv, io, json, zipfile
import pytest, requests
from label_studio_sdk import Client as OldClient
from label_studio_sdk._legacy.client import ClientCredentials
from label_studio_sdk._legacy.project import ProjectSampling
from label_studio_sdk.client import LabelStudio
from label_studio_sdk.core.api_error import ApiError
from label_studio_sdk.data_manager import Column, Filters, Operator, Type

from support.lab import CHOICES, DB, PASSWORD, SPANS, Lab, choice

assert DB in ('sqlite', 'pg')           # this folder runs once for each ANNOTARY_DB

BOXES = ('<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">'
         '<Label value="Car"/><Label value="Dog"/></RectangleLabels></View>')


def box(label, x=10, y=20):
    return [{'id': 'abcdefghij', 'from_name': 'box', 'to_name': 'image', 'type': 'rectanglelabels',
             'original_width': 200, 'original_height': 100, 'image_rotation': 0,
             'value': {'x': x, 'y': y, 'width': 30, 'height': 40, 'rotation': 0, 'rectanglelabels': [label]}}]


@pytest.fixture(scope='module')
def lab():
    lab = Lab()
    lab.key = lab.init()
    lab.pat = lab.token('owner@lab.example', '--label-studio')
    lab.ann = lab.person('ann@lab.example')
    lab.serve()
    lab.url = f'http://127.0.0.1:{lab.port}'
    yield lab
    lab.close()


@pytest.fixture(params=['Token', 'PAT'])
def ls(lab, request):
    """The new interface, with an API token and with a personal access token (a JWT that is refreshed)."""
    return LabelStudio(base_url=lab.url, api_key=lab.key if request.param == 'Token' else lab.pat)


@pytest.fixture
def old(lab):
    return OldClient(url=lab.url, api_key=lab.key)


@pytest.fixture
def project(ls):
    return ls.projects.create(title='Moods', label_config=CHOICES)


# --- views and actions --------------------------------------------------------------------------

def test_views_are_made_listed_changed_ordered_and_reset(ls, old, project):
    data = {'title': 'Short ones', 'type': 'list', 'target': 'tasks', 'ordering': ['-tasks:id'], 'hiddenColumns': {'explore': ['tasks:agreement'], 'labeling': []},
            'filters': {'conjunction': 'and', 'items': [{'filter': 'filter:tasks:data.text', 'operator': 'contains', 'type': 'String', 'value': 'a'}]}}
    ls.projects.import_tasks(id=project.id, request=[{'text': t} for t in ('aa', 'bb', 'ab')])
    view = ls.views.create(project=project.id, data=data)
    assert view.id and view.project == project.id and view.data['title'] == 'Short ones' and view.ordering == ['-tasks:id']
    again = ls.views.get(id=str(view.id))
    assert again.data['filters'] == data['filters']
    second = ls.views.create(project=project.id, data={'title': 'All'})
    ls.views.update_order(project=project.id, ids=[second.id, view.id])
    assert [v.id for v in ls.views.list(project=project.id)] == [second.id, view.id]
    ls.views.update(id=str(second.id), project=project.id, data={'title': 'Everything'})
    assert ls.views.get(id=str(second.id)).data == {'title': 'Everything'}
    assert [t.data['text'] for t in ls.tasks.list(project=project.id, view=view.id)] == ['ab', 'aa']
    kept = old.get_project(project.id)
    assert {v['id'] for v in kept.get_views()} == {view.id, second.id}
    filters = Filters.create(Filters.AND, [Filters.item(Column.id, Operator.GREATER, Type.Number, Filters.value(0))])
    made = kept.create_view(filters=filters, title='By script')
    assert made['data']['title'] == 'By script'
    kept.delete_view(made['id'])
    ls.views.delete(id=str(second.id))
    ls.views.delete_all(project=project.id)
    assert ls.views.list(project=project.id) == []


def test_actions_work_on_the_selected_tasks_and_are_over_when_they_answer(ls, old, project):
    made = ls.projects.import_tasks(id=project.id, return_task_ids=True, request=[{'text': t} for t in 'abcdef'])
    ids = made.task_ids
    assert {a.id for a in ls.actions.list(project=project.id)} >= {
        'delete_tasks', 'delete_tasks_annotations', 'delete_tasks_predictions', 'retrieve_tasks_predictions', 'predictions_to_annotations', 'next_task'}
    for task in ids[:3]:
        ls.predictions.create(task=task, result=choice('good'), model_version='m1', score=0.5)
    said = old.get_project(project.id).create_annotations_from_predictions()
    assert said['processed_items'] == 3
    assert [len(list(ls.annotations.list(id=t))) for t in ids] == [1, 1, 1, 0, 0, 0]
    ls.actions.create(id='delete_tasks_annotations', project=project.id, selected_items={'all': False, 'included': ids[:1]})
    assert [len(list(ls.annotations.list(id=t))) for t in ids[:2]] == [0, 1]
    ls.actions.create(id='delete_tasks_predictions', project=project.id, selected_items={'all': True, 'excluded': ids[1:2]})
    assert [len(ls.predictions.list(task=t)) for t in ids[:3]] == [0, 1, 0]
    ls.actions.create(id='delete_tasks', project=project.id, selected_items={'all': False, 'included': ids[2:4]},
                      filters={'conjunction': 'and', 'items': [{'filter': 'filter:tasks:data.text', 'operator': 'equal', 'type': 'String', 'value': 'd'}]})
    assert [t.id for t in ls.tasks.list(project=project.id)] == ids[:3] + ids[4:]
    with pytest.raises(ApiError) as no:
        ls.actions.create(id='retrieve_tasks_predictions', project=project.id, selected_items={'all': True, 'excluded': []})
    assert no.value.status_code == 400 and 'model' in no.value.body['detail']
    with pytest.raises(ApiError) as no:
        ls.actions.create(id='no_such_action', project=project.id)
    assert no.value.status_code == 400
    task = requests.post(f'{old.url}/api/dm/actions?id=next_task&project={project.id}', headers={'Authorization': f'Token {old.api_key}'}, json={
        'filters': {'conjunction': 'and', 'items': [{'filter': 'filter:tasks:data.text', 'operator': 'equal', 'type': 'String', 'value': 'f'}]}}).json()
    assert task['id'] == ids[5] and task['data'] == {'text': 'f'}


def plain(v):
    return v.model_dump() if hasattr(v, 'model_dump') else v.dict() if hasattr(v, 'dict') else v


def refused(status, call, *args, **kw):
    with pytest.raises(ApiError) as e:
        call(*args, **kw)
    assert e.value.status_code == status, e.value
    assert isinstance(e.value.body, dict) and e.value.body.get('detail'), e.value.body
    return e.value.body


# --- who one is ---------------------------------------------------------------------------------------

def test_the_client_finds_out_who_it_is_and_what_it_talks_to(ls):
    me = ls.users.whoami()
    assert me.email == 'owner@lab.example' and me.id and me.username and me.active_organization
    version = plain(ls.versions.get())
    assert version['release'] and version.get('edition') != 'Enterprise'
    people = ls.users.list()
    assert {'owner@lab.example', 'ann@lab.example'} <= {u.email for u in people}
    assert ls.users.get(id=me.id).email == me.email


def test_a_wrong_key_is_told_so(lab):
    for key in ('nonsense', lab.key[:-2] + 'xx', lab.key + 'x'):
        refused(401, LabelStudio(base_url=lab.url, api_key=key).users.whoami)


def test_a_key_may_stand_in_the_x_api_key_header(lab):
    client = LabelStudio(base_url=lab.url, api_key='', headers={'X-API-Key': lab.key, 'Authorization': ''})
    assert client.users.whoami().email == 'owner@lab.example'


def test_personal_access_tokens_are_made_exchanged_replaced_and_revoked(lab):
    ls = LabelStudio(base_url=lab.url, api_key=lab.key)
    made = ls.tokens.create()
    jwt = made.token
    assert jwt.count('.') == 2
    assert LabelStudio(base_url=lab.url, api_key=jwt).users.whoami().email == 'owner@lab.example'
    assert ls.tokens.refresh(refresh=jwt).access.count('.') == 2
    rotated = ls.tokens.rotate(refresh=jwt).refresh
    with pytest.raises(ApiError):
        LabelStudio(base_url=lab.url, api_key=jwt).users.whoami()
    assert LabelStudio(base_url=lab.url, api_key=rotated).users.whoami().email == 'owner@lab.example'
    ls.tokens.blacklist(refresh=rotated)
    with pytest.raises(ApiError):
        LabelStudio(base_url=lab.url, api_key=rotated).users.whoami()
    assert isinstance(ls.tokens.list(), list)


def test_the_reset_token_call_gives_a_key_that_works(lab):
    key = lab.person('reset@lab.example')
    ls = LabelStudio(base_url=lab.url, api_key=key)
    assert ls.users.get_token().token == key
    fresh = ls.users.reset_token().token
    assert LabelStudio(base_url=lab.url, api_key=fresh).users.whoami().email == 'reset@lab.example'


# --- projects -----------------------------------------------------------------------------------------

def test_a_project_is_made_read_changed_listed_and_deleted(ls):
    p = ls.projects.create(title='Streets', description='All of them', label_config=BOXES, color='#00FF00',
                           maximum_annotations=2, sampling='Uniform sampling', expert_instruction='<b>Look</b>',
                           show_instruction=True, enable_empty_annotation=False)
    assert p.id and p.title == 'Streets' and p.color == '#00FF00' and p.maximum_annotations == 2
    assert p.label_config == BOXES and p.expert_instruction == '<b>Look</b>' and p.sampling == 'Uniform sampling'
    assert p.show_instruction is True and p.enable_empty_annotation is False
    got = ls.projects.get(id=p.id)
    assert got.title == 'Streets' and plain(got.created_by)['email'] == 'owner@lab.example'
    assert got.created_at.tzinfo and got.task_number == 0 and got.total_annotations_number == 0
    box = got.parsed_label_config['box']
    assert box['type'] == 'RectangleLabels' and box['to_name'] == ['image'] and box['labels'] == ['Car', 'Dog']
    assert box['inputs'] == [{'type': 'Image', 'valueType': None, 'value': 'image'}]
    assert got.get_label_interface().get_control('box').labels
    ls.projects.update(id=p.id, title='Roads', skip_queue='IGNORE_SKIPPED')
    got = ls.projects.get(id=p.id)
    assert got.title == 'Roads' and got.skip_queue == 'IGNORE_SKIPPED' and got.description == 'All of them'
    assert p.id in [x.id for x in ls.projects.list()]
    assert [x.id for x in ls.projects.list(ids=str(p.id))] == [p.id]
    ls.projects.delete(id=p.id)
    refused(404, ls.projects.get, id=p.id)
    assert p.id not in [x.id for x in ls.projects.list()]


def test_the_pager_of_projects_comes_to_its_end(ls):
    made = {ls.projects.create(title=f'p{i}', label_config=CHOICES).id for i in range(7)}
    seen = [p.id for p in ls.projects.list(page_size=3)]
    assert made <= set(seen) and len(seen) == len(set(seen))


def test_a_labelling_config_is_checked(ls, project):
    ls.projects.validate_label_config(id=project.id, label_config=BOXES)
    for bad in ('<View><Choices', '<View><Choices toName="x"/></View>', '', '<!DOCTYPE a><View/>'):
        body = refused(400, ls.projects.validate_label_config, id=project.id, label_config=bad)
        assert body.get('label_config') or body['detail']
    refused(400, ls.projects.create, title='x', label_config='<View><oops></View>')
    refused(400, ls.projects.update, id=project.id, label_config='<View')


# --- tasks --------------------------------------------------------------------------------------------

def test_tasks_are_imported_as_a_list_with_predictions_and_annotations(ls, project):
    done = ls.projects.import_tasks(
        id=project.id, return_task_ids=True,
        request=[{'text': 'bare data'},
                 {'data': {'text': 'with a guess'},
                  'predictions': [{'result': choice('good'), 'score': 0.75, 'model_version': 'm1'}]},
                 {'data': {'text': 'with an answer'},
                  'annotations': [{'result': choice('bad'), 'ground_truth': True, 'lead_time': 3.5}]}])
    assert (done.task_count, done.prediction_count, done.annotation_count) == (3, 1, 1)
    assert len(plain(done)['task_ids']) == 3
    tasks = {t.data['text']: t for t in ls.tasks.list(project=project.id, fields='all')}
    assert set(tasks) == {'bare data', 'with a guess', 'with an answer'}
    guess = plain(tasks['with a guess'].predictions[0])
    assert guess['score'] == 0.75 and guess['model_version'] == 'm1' and guess['result'] == choice('good')
    answer = plain(tasks['with an answer'].annotations[0])
    assert answer['result'] == choice('bad') and answer['ground_truth'] is True and answer['lead_time'] == 3.5
    got = ls.projects.get(id=project.id)
    assert (got.task_number, got.total_annotations_number, got.total_predictions_number) == (3, 1, 1)


def test_a_single_object_and_preannotated_fields_are_imported_too(lab, ls, project):
    done = ls.projects.import_tasks(id=project.id, request=[{'text': 'x', 'guess': 'good'}],
                                    preannotated_from_fields='guess')
    assert done.task_count == 1
    r = requests.post(f'{lab.url}/api/projects/{project.id}/import', json={'text': 'alone'},
                      headers={'Authorization': f'Token {lab.key}'})
    assert r.status_code == 201 and r.json()['task_count'] == 1


def test_bad_rows_are_refused_and_nothing_is_stored(ls, project):
    refused(400, ls.projects.import_tasks, id=project.id,
            request=[{'text': 'fine'}, {'data': {'text': 'x'}, 'annotations': [{'result': choice('nope')}]}])
    assert ls.projects.get(id=project.id).task_number == 0


def test_files_are_uploaded_looked_at_and_made_tasks_of_later(lab, ls, project):
    """Their import page: upload without committing, look, commit; and their client's calls for files."""
    look = plain(ls.projects.import_tasks(id=project.id, commit_to_project=False,
                                          request=[{'text': 'one', 'n': 1}, {'text': 'two', 'n': 2}]))
    assert look['task_count'] == 2 and look['data_columns'] == ['text', 'n'] and look['found_formats']
    (upload,) = look['file_upload_ids']
    assert list(ls.tasks.list(project=project.id)) == []
    (listed,) = ls.files.list(id=project.id, all_=True)
    assert listed == ls.files.list(id=project.id, ids=f'[{upload}]')[0] == ls.files.get(id=upload)
    assert listed.id == upload and listed.file.startswith('upload/') and listed.size > 10
    ls.files.download(filename=listed.file.removeprefix('upload/'))
    changed = ls.files.update(id=upload, file=('three.csv', b'text\nthree\nfour\nfive\n'))
    assert changed.id == upload and changed.size == 21 and changed.file.endswith('three.csv')
    assert ls.files.update(id=upload).file == changed.file
    done = requests.post(f'{lab.url}/api/projects/{project.id}/reimport', headers={'Authorization': f'Token {lab.key}'},
                         json={'file_upload_ids': [upload], 'files_as_tasks_list': True})
    assert done.status_code == 201 and done.json()['task_count'] == 3, done.text
    assert [t.data['text'] for t in ls.tasks.list(project=project.id)] == ['three', 'four', 'five']
    ls.files.delete(id=upload)
    refused(404, ls.files.get, id=upload)
    ls.projects.import_tasks(id=project.id, commit_to_project=False, request=[{'text': 'x'}])
    ls.files.delete_many(id=project.id)
    assert ls.files.list(id=project.id, all_=True) == []


def test_tasks_are_listed_by_pages_until_the_end(ls, project):
    ls.projects.import_tasks(id=project.id, request=[{'text': f't{i}'} for i in range(23)])
    seen = [t.data['text'] for t in ls.tasks.list(project=project.id, page_size=5)]
    assert seen == [f't{i}' for i in range(23)]
    light = next(iter(ls.tasks.list(project=project.id, fields='task_only')))
    assert light.data['text'] == 't0' and light.inner_id == 1
    some = ls.tasks.list(project=project.id, page=2, page_size=10)
    assert next(iter(some)).data['text'] == 't10'


def test_tasks_are_filtered_and_ordered(ls, project):
    ids = plain(ls.projects.import_tasks(id=project.id, return_task_ids=True,
                                         request=[{'text': f't{i}', 'n': i} for i in range(10)]))['task_ids']
    ls.annotations.create(id=ids[4], result=choice('good'), lead_time=2)

    def ask(**query):
        return [t.data['text'] for t in ls.tasks.list(project=project.id, query=json.dumps(query))]

    def where(column, operator, kind, value):
        return Filters.create(Filters.AND, [Filters.item(column, operator, kind, Filters.value(value))])

    assert ask(filters=where(Column.id, Operator.GREATER, Type.Number, ids[7])) == ['t8', 't9']
    assert ask(filters=where(Column.data('text'), Operator.EQUAL, Type.String, 't3')) == ['t3']
    assert ask(filters=where(Column.data('text'), Operator.CONTAINS, Type.String, '3')) == ['t3']
    assert ask(filters=where(Column.data('n'), Operator.LESS, Type.Number, 2)) == ['t0', 't1']
    assert ask(filters=where(Column.total_annotations, Operator.EQUAL, Type.Number, 1)) == ['t4']
    assert ask(filters=where(Column.completed_at, Operator.EMPTY, Type.Datetime, False)) == ['t4']
    assert ask(ordering=['-' + Column.id])[:3] == ['t9', 't8', 't7']
    assert ask(selectedItems={'all': False, 'included': ids[:2]}) == ['t0', 't1']
    assert ask(selectedItems={'all': True, 'excluded': ids[:8]}) == ['t8', 't9']
    assert [t.data['text'] for t in ls.tasks.list(project=project.id, only_annotated=True)] == ['t4']
    refused(400, ask, filters=where('tasks:project__password', Operator.EQUAL, Type.String, 'x'))


def test_one_task_is_made_read_changed_and_deleted(ls, project):
    t = ls.tasks.create(project=project.id, data={'text': 'hello'}, meta={'source': 'unit'})
    assert t.id and t.data == {'text': 'hello'}
    got = ls.tasks.get(id=t.id)
    assert got.data == {'text': 'hello'} and got.meta == {'source': 'unit'} and got.is_labeled is False
    assert plain(got)['project'] == project.id and got.total_annotations == 0
    ls.tasks.update(id=t.id, data={'text': 'changed'})
    assert ls.tasks.get(id=t.id).data == {'text': 'changed'}
    ls.tasks.delete(id=t.id)
    refused(404, ls.tasks.get, id=t.id)
    for i in range(3):
        ls.tasks.create(project=project.id, data={'text': str(i)})
    ls.tasks.delete_all_tasks(id=project.id)
    assert list(ls.tasks.list(project=project.id)) == []


# --- answers ------------------------------------------------------------------------------------------

def test_an_annotation_is_made_read_changed_and_deleted(ls, project):
    t = ls.tasks.create(project=project.id, data={'text': 'hello'})
    a = ls.annotations.create(id=t.id, result=choice('good'), lead_time=12.25, unique_id=f'u-{t.id}')
    assert a.id and a.task == t.id and a.project == project.id and a.result == choice('good')
    assert a.lead_time == 12.25 and a.was_cancelled is False and a.ground_truth is False
    assert a.completed_by == ls.users.whoami().id and a.created_username
    again = ls.annotations.create(id=t.id, result=choice('good'), lead_time=12.25, unique_id=f'u-{t.id}')
    assert again.id == a.id, 'a repeat with the same unique_id is the same annotation'
    assert [x.id for x in ls.annotations.list(id=t.id)] == [a.id]
    ls.annotations.update(id=a.id, result=choice('bad'), ground_truth=True)
    got = ls.annotations.get(id=a.id)
    assert got.result == choice('bad') and got.ground_truth is True
    assert ls.tasks.get(id=t.id).is_labeled is True
    refused(400, ls.annotations.create, id=t.id, result=choice('not a choice'))
    body = refused(400, ls.annotations.update, id=a.id, result=[{'from_name': 'mood'}])
    assert any(k.startswith('result[0]') for k in body['fields']), body
    ls.annotations.delete(id=a.id)
    refused(404, ls.annotations.get, id=a.id)
    assert ls.annotations.list(id=t.id) == []


def test_an_annotation_in_the_name_of_somebody_else_and_a_cancelled_one(ls, lab, project):
    ann = next(u for u in ls.users.list() if u.email == 'ann@lab.example')
    t = ls.tasks.create(project=project.id, data={'text': 'hello'})
    a = ls.annotations.create(id=t.id, result=choice('good'), completed_by=ann.id)
    assert a.completed_by == ann.id
    b = ls.annotations.create(id=t.id, result=[], was_cancelled=True)
    assert b.was_cancelled is True
    got = ls.tasks.get(id=t.id)
    assert got.cancelled_annotations in (0, 1) and len(got.annotations) == 2


def test_the_result_bytes_of_their_samples_survive(ls):
    p = ls.projects.create(title='Spans', label_config=SPANS)
    result = [{'id': 'x1', 'from_name': 'ner', 'to_name': 'text', 'type': 'labels', 'unknown': {'kept': [1, 2.50]},
               'value': {'start': 0, 'end': 4, 'text': 'Ünïç', 'labels': ['PER']}, 'origin': 'manual', 'score': 0.1}]
    t = ls.tasks.create(project=p.id, data={'text': 'Ünïçode \U0001F600 text'})
    a = ls.annotations.create(id=t.id, result=result)
    assert ls.annotations.get(id=a.id).result == result


# --- predictions --------------------------------------------------------------------------------------

def test_a_prediction_is_made_read_changed_and_deleted(ls, project):
    t = ls.tasks.create(project=project.id, data={'text': 'hello'})
    p = ls.predictions.create(task=t.id, result=choice('good'), score=0.9, model_version='v1')
    assert p.id and plain(p)['task'] == t.id and p.score == 0.9 and p.model_version == 'v1'
    assert [x.id for x in ls.predictions.list(task=t.id)] == [p.id]
    assert [x.id for x in ls.predictions.list(project=project.id)] == [p.id]
    ls.predictions.update(id=p.id, score=0.1, model_version='v2')
    got = ls.predictions.get(id=p.id)
    assert got.score == 0.1 and got.model_version == 'v2' and got.result == choice('good')
    ls.predictions.update(id=p.id, result=choice('bad'))
    assert ls.predictions.get(id=p.id).result == choice('bad')
    refused(400, ls.predictions.create, task=t.id, result=choice('not a choice'))
    refused(404, ls.predictions.create, task=10**9, result=choice('good'))
    ls.predictions.delete(id=p.id)
    refused(404, ls.predictions.get, id=p.id)


def test_many_predictions_at_once_are_all_or_none(ls, project):
    ids = [ls.tasks.create(project=project.id, data={'text': str(i)}).id for i in range(3)]
    made = ls.projects.import_predictions(
        id=project.id, request=[{'task': i, 'result': choice('good'), 'score': 0.5, 'model_version': 'm'} for i in ids])
    assert made.created == 3
    refused(400, ls.projects.import_predictions, id=project.id,
            request=[{'task': ids[0], 'result': choice('good')}, {'task': ids[1], 'result': choice('nope')}])
    assert ls.projects.get(id=project.id).total_predictions_number == 3


# --- export -------------------------------------------------------------------------------------------

@pytest.fixture
def labelled(ls, project):
    ls.projects.import_tasks(id=project.id, request=[{'text': f't{i}'} for i in range(4)])
    for i, t in enumerate(list(ls.tasks.list(project=project.id))[:3]):
        ls.annotations.create(id=t.id, result=choice('good' if i else 'bad'), lead_time=1.5)
    return project


def test_the_export_formats_are_listed(ls, labelled):
    assert {'JSON', 'JSON_MIN', 'CSV', 'TSV', 'COCO', 'YOLO', 'VOC', 'CONLL2003'} <= {
        plain(f)['name'] if not isinstance(f, str) else f for f in ls.projects.exports.list_formats(id=labelled.id)}


def test_json_json_min_csv_and_tsv_are_exported(ls, labelled):
    full = ls.projects.exports.as_json(labelled.id)
    assert len(full) == 4, 'as_json asks for all tasks'
    assert [len(t['annotations']) for t in full] == [1, 1, 1, 0]
    assert full[0]['annotations'][0]['result'] == choice('bad') and full[0]['data'] == {'text': 't0'}
    assert full[0]['annotations'][0]['lead_time'] == 1.5 and full[0]['inner_id'] == 1
    small = json.loads(ls.projects.exports.as_binary(labelled.id, export_type='JSON_MIN'))
    assert [r.get('mood') for r in small][:3] == ['bad', 'good', 'good']
    table = ls.projects.exports.as_pandas(labelled.id)
    assert list(table['mood'])[:3] == ['bad', 'good', 'good'] and {'text', 'annotation_id', 'lead_time'} <= set(table)
    rows = list(csv.DictReader(io.StringIO(ls.projects.exports.as_binary(labelled.id, export_type='TSV').decode()),
                               delimiter='\t'))
    assert rows[0]['text'] == 't0' and rows[0]['mood'] == 'bad'
    only = b''.join(ls.projects.exports.download_sync(labelled.id, export_type='JSON', download_all_tasks=False))
    assert len(json.loads(only)) == 3, 'by default only annotated tasks'
    one = b''.join(ls.projects.exports.download_sync(labelled.id, export_type='JSON', ids=[full[1]['id']]))
    assert [t['id'] for t in json.loads(one)] == [full[1]['id']]
    refused(400, lambda: b''.join(ls.projects.exports.download_sync(labelled.id, export_type='NOPE')))


def test_picture_formats_are_exported_as_zips(ls):
    p = ls.projects.create(title='Boxes', label_config=BOXES)
    t = ls.tasks.create(project=p.id, data={'image': 'https://pictures.example/a.png'})
    ls.annotations.create(id=t.id, result=box('Dog'))
    with zipfile.ZipFile(ls.projects.exports.as_file(p.id, export_type='COCO')) as z:
        coco = json.loads(z.read('result.json'))
    assert coco['annotations'][0]['bbox'] == [20, 20, 60, 40]
    assert [c['name'] for c in coco['categories']] == ['Car', 'Dog']
    with zipfile.ZipFile(ls.projects.exports.as_file(p.id, export_type='YOLO')) as z:
        label = next(n for n in z.namelist() if n.startswith('labels/') and n.endswith('.txt'))
        assert [float(x) for x in z.read(label).split()] == pytest.approx([1, 0.25, 0.4, 0.3, 0.4])
        assert z.read('classes.txt').decode().split() == ['Car', 'Dog']
    with zipfile.ZipFile(ls.projects.exports.as_file(p.id, export_type='VOC')) as z:
        assert any(n.startswith('Annotations/') for n in z.namelist())


def test_what_was_exported_can_be_imported_again(ls, labelled):
    full = ls.projects.exports.as_json(labelled.id)
    copy = ls.projects.create(title='Copy', label_config=CHOICES)
    done = ls.projects.import_tasks(id=copy.id, request=full)
    assert (done.task_count, done.annotation_count) == (4, 3)
    again = ls.projects.exports.as_json(copy.id)
    assert [[a['result'] for a in t['annotations']] for t in again] == [
        [a['result'] for a in t['annotations']] for t in full]
    assert [t['data'] for t in again] == [t['data'] for t in full]


def test_their_converter_reads_our_export(ls, labelled, tmp_path):
    from label_studio_sdk.converter import Converter
    path = tmp_path / 'export.json'
    path.write_text(json.dumps(ls.projects.exports.as_json(labelled.id)))
    Converter(config=CHOICES, project_dir=str(tmp_path)).convert_to_json_min(str(path), str(tmp_path / 'out'),
                                                                              is_dir=False)
    small = json.loads((tmp_path / 'out' / 'result.json').read_text())
    ours = json.loads(ls.projects.exports.as_binary(labelled.id, export_type='JSON_MIN'))
    keep = ('id', 'text', 'mood', 'annotation_id', 'lead_time')
    assert [{k: r.get(k) for k in keep} for r in small] == [{k: r.get(k) for k in keep} for r in ours[:len(small)]]


# --- the older interface ------------------------------------------------------------------------------

def test_the_old_client_connects_with_a_key(lab, old):
    assert old.check_connection()['status'] == 'UP'
    assert not old.is_enterprise
    with pytest.raises(Exception):
        OldClient(url=lab.url, api_key='nonsense').get_projects()


def test_the_old_client_logs_in_with_email_and_password(lab):
    lab.person('pat@lab.example', 'manager', password=True)
    me = ClientCredentials(email='pat@lab.example', password=PASSWORD)
    one, two = (OldClient(url=lab.url, credentials=me) for _ in range(2))
    assert one.api_key.startswith('anno_') and one.api_key != two.api_key
    p = one.start_project(title='By form', label_config=CHOICES)
    assert p.id in [q.id for q in two.get_projects()]
    with pytest.raises(requests.HTTPError):
        OldClient(url=lab.url, credentials=ClientCredentials(email=me.email, password='wrong ' + PASSWORD))
    lab.run('user', 'password', me.email, '--password-stdin', given='another ' + PASSWORD + '\n')
    for old in (one, two):              # the keys end with the sessions
        assert requests.get(f'{lab.url}/api/projects', headers=old.headers).status_code == 401


def test_the_log_in_form_checks_its_token_and_is_throttled(lab):
    lab.person('form@lab.example', password=True)
    url, right = f'{lab.url}/user/login', {'email': 'form@lab.example', 'password': PASSWORD}

    def visit():
        s = requests.Session()
        page = s.get(url)
        assert page.status_code == 200 and page.headers['Content-Type'].startswith('text/html')
        return s, s.cookies['csrftoken']

    s, token = visit()
    before = lab.counts(without=('throttle',))
    for form in (right, {**right, 'csrfmiddlewaretoken': ''}, {**right, 'csrfmiddlewaretoken': token[:-1] + '!'}):
        assert s.post(url, data=form, allow_redirects=False).status_code == 403
    assert requests.post(url, data={**right, 'csrfmiddlewaretoken': token}).status_code == 403, 'without the cookie'
    assert s.post(url, data={'csrfmiddlewaretoken': token}).status_code == 400
    theirs = {'Origin': 'https://elsewhere.example'}
    assert s.post(url, data={**right, 'csrfmiddlewaretoken': token}, headers=theirs).status_code == 403
    assert lab.counts(without=('throttle',)) == before
    assert s.get(f'{lab.url}/api/current-user/token').status_code == 401
    done = s.post(url, data={**right, 'csrfmiddlewaretoken': token}, allow_redirects=False)
    assert (done.status_code, done.headers['Location']) == (302, '/')
    key = s.get(f'{lab.url}/api/current-user/token').json()['token']
    assert LabelStudio(base_url=lab.url, api_key=key).users.whoami().email == right['email']
    assert key.split('_')[2] not in str(lab.state())
    s, token = visit()
    for _ in range(5):
        wrong = s.post(url, data={**right, 'password': 'no', 'csrfmiddlewaretoken': token})
        assert wrong.status_code == 401
    assert s.post(url, data={**right, 'csrfmiddlewaretoken': token}).status_code == 429
    assert requests.post(f'{lab.url}/api/session', json=right).status_code == 429, 'one throttle for both doors'


def test_the_old_client_goes_the_whole_way(lab, old, tmp_path):
    p = old.start_project(title='Old', label_config=CHOICES, description='with the old client')
    assert p.id and p.title == 'Old' and p.parsed_label_config['mood']['labels'] == ['good', 'bad']
    ids = p.import_tasks([{'text': 'a'}, {'text': 'b'}, {'text': 'c'}])
    assert len(ids) == 3
    path = tmp_path / 'tasks.json'
    path.write_text(json.dumps([{'data': {'text': 'from a file'}}]))
    assert len(p.import_tasks(str(path))) == 1
    path = tmp_path / 'tasks.csv'
    path.write_text('text,n\n"d, with a comma",1\ne,2\n')
    assert len(p.import_tasks(str(path))) == 2
    path = tmp_path / 'tasks.txt'
    path.write_text('first line\nsecond line\n')
    assert len(p.import_tasks(str(path))) == 2
    assert len(p.import_tasks([{'text': 'x', 'guess': 'good'}], preannotated_from_fields=['guess'])) == 1
    assert len(p.get_tasks()) == 9 and len(p.tasks_ids) == 9
    p.create_prediction(ids[0], result=choice('good'), score=0.5, model_version='m')
    assert p.create_predictions([{'task': ids[1], 'result': choice('bad'), 'model_version': 'm'}])['created'] == 1
    a = p.create_annotation(ids[0], result=choice('good'), lead_time=2)
    assert p.get_annotation(a['id'])['result'] == choice('good')
    assert p.update_annotation(a['id'], result=choice('bad'))['result'] == choice('bad')
    assert [x['id'] for x in p.list_annotations(ids[0])] == [a['id']]
    assert p.get_labeled_tasks_ids() == [ids[0]]
    assert ids[0] not in p.get_unlabeled_tasks_ids() and len(p.get_unlabeled_tasks_ids()) == 8
    page = p.get_paginated_tasks(page=2, page_size=4)
    assert page['total'] == 9 and len(page['tasks']) == 4
    assert p.get_paginated_tasks(page=9, page_size=4)['tasks'] == []
    assert [t['id'] for t in p.get_tasks(selected_ids=ids[:2])] == ids[:2]
    assert p.get_task(ids[1])['data'] == {'text': 'b'}
    p.update_task(ids[1], data={'text': 'bb'})
    assert p.get_task(ids[1])['data'] == {'text': 'bb'}
    assert len(p.export_tasks()) == 1
    assert len(p.export_tasks(download_all_tasks=True)) == 9
    where = p.export_tasks(export_type='CSV', export_location=str(tmp_path / 'out.csv'))
    assert list(csv.DictReader(open(where)))[0]['mood'] == 'bad'
    p.set_params(title='Older')
    assert old.get_project(p.id).title == 'Older'
    p.set_sampling(ProjectSampling.RANDOM)
    assert p.get_params()['sampling'] == 'Uniform sampling'
    assert p.id in [q.id for q in old.get_projects()]
    p.delete_annotation(a['id'])
    assert p.list_annotations(ids[0]) == []
    p.delete_task(ids[2])
    assert len(p.get_tasks()) == 8
    old.delete_project(p.id)
    assert p.id not in [q.id for q in old.get_projects()]


def test_what_does_not_exist_is_a_clean_404(ls):
    for call in (lambda: ls.webhooks.list(), lambda: ls.ml.list(), lambda: ls.prompts.list()):
        with pytest.raises(ApiError) as e:
            for _ in call() or []:
                pass
        assert e.value.status_code == 404, e.value
