-- 011.sql -- deleted tasks can be had back for a while; running jobs can be stopped.

-- domain/bin.c: one act of deleting, as long as something is left of what it took
CREATE TABLE deletion (
    id          {id},
    project_id  BIGINT NOT NULL,
    person_id   BIGINT,
    job_id      BIGINT NOT NULL,                -- the job that deletes; 0: none did
    busy_job    BIGINT NOT NULL,                -- the last job that worked on it
    total       BIGINT NOT NULL DEFAULT 0,      -- tasks it took
    tasks       BIGINT NOT NULL DEFAULT 0,      -- of them still kept
    made_ms     BIGINT NOT NULL,
    ends_ms     BIGINT NOT NULL                 -- then they go for good; 0: at once
);
CREATE INDEX deletion_project ON deletion(project_id, id);
CREATE INDEX deletion_job ON deletion(project_id, job_id) WHERE job_id > 0;
CREATE INDEX deletion_due ON deletion(ends_ms);

-- domain/bin.c: which tasks these are; their rows stand under the project's number below zero
CREATE TABLE deleted (
    project_id  BIGINT NOT NULL,
    deletion_id BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    PRIMARY KEY (project_id, deletion_id, task_id)
){lite: WITHOUT ROWID};

-- store/job.c: somebody wants it to end; 0: nobody
ALTER TABLE job ADD COLUMN stop_ms BIGINT NOT NULL DEFAULT 0;

-- domain/bin.c: a unique_id is one of a project's; in the bin the same may lie several times
DROP INDEX task_unique;
CREATE UNIQUE INDEX task_unique ON task(project_id, unique_id)
    WHERE unique_id IS NOT NULL AND project_id > 0;
DROP INDEX annotation_unique;
CREATE UNIQUE INDEX annotation_unique ON annotation(project_id, unique_id)
    WHERE unique_id IS NOT NULL AND project_id > 0;
