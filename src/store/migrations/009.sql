-- 009.sql -- acts on many tasks.

-- domain/lane.c: '' is for everybody; else ids of people, sorted, with commas: only they see it
ALTER TABLE lane ADD COLUMN people TEXT NOT NULL DEFAULT '';

-- domain/lane.c: the same as rows, for the search for the next task
CREATE TABLE lane_person (
    project_id  BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    lane        BIGINT NOT NULL,
    PRIMARY KEY (project_id, person_id, lane)
){lite: WITHOUT ROWID};

-- domain/bulk.c: what a task was before an act on many, for a day
CREATE TABLE undo (
    project_id  BIGINT NOT NULL,
    job_id      BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    priority    BIGINT NOT NULL,
    required    BIGINT NOT NULL,
    lane        BIGINT NOT NULL,
    PRIMARY KEY (project_id, job_id, task_id)
){lite: WITHOUT ROWID};
