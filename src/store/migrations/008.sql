-- 008.sql -- what a person is told of: an import has ended, a project is finished, somebody answered.

-- domain/notice.c: of each person the newest are kept
CREATE TABLE notice (
    id          {id},
    person_id   BIGINT NOT NULL,
    project_id  BIGINT NOT NULL,
    kind        TEXT NOT NULL,                  -- 'import.done' 'import.failed' 'job.done' …
    about       TEXT NOT NULL,                  -- JSON: ids and counts, never task data or words of people
    created_ms  BIGINT NOT NULL,
    read_ms     BIGINT
);
CREATE INDEX notice_person ON notice(person_id, id);
