-- 004.sql -- talk about tasks, and every wording of the guidelines.

-- domain/comment.c: a thread belongs to whoever began it
CREATE TABLE comment (
    id          {id},
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    annotation_id BIGINT,               -- NULL: about the task
    region      TEXT,                   -- id of a region; NULL: about the whole
    parent_id   BIGINT,                 -- the first of its thread; NULL: this is the first
    owner_id    BIGINT NOT NULL,        -- who began the thread
    person_id   BIGINT NOT NULL,
    body        {bytes} NOT NULL,       -- vault
    created_ms  BIGINT NOT NULL,
    updated_ms  BIGINT NOT NULL,
    resolved_ms BIGINT,
    resolved_by BIGINT
);
CREATE INDEX comment_task ON comment(project_id, task_id, id);

-- domain/guide.c: the guidelines, one row a version
CREATE TABLE guide (
    project_id  BIGINT NOT NULL,
    n           BIGINT NOT NULL,
    body        TEXT NOT NULL,
    created_by  BIGINT,
    created_ms  BIGINT NOT NULL,
    PRIMARY KEY (project_id, n)
);
INSERT INTO guide(project_id, n, body, created_by, created_ms)
SELECT id, instr_n, instruction, created_by, updated_ms FROM project;
