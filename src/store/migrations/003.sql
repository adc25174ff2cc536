-- 003.sql -- consensus: a method per control, and what was learnt about each person.

-- domain/project.c: JSON {control: method}; the others take the project's method
ALTER TABLE project ADD COLUMN methods TEXT NOT NULL DEFAULT '{}';

-- domain/skill.c: the models fitted over a project's answers, one a control
CREATE TABLE fit (
    project_id  BIGINT NOT NULL,
    control     TEXT NOT NULL,
    method      TEXT NOT NULL,
    digest      TEXT NOT NULL,                  -- of the answers it was fitted to
    unit        TEXT NOT NULL,                  -- of skill: 'share' right, or 'spread'
    votes       BIGINT NOT NULL,
    note        TEXT NOT NULL DEFAULT '',       -- a sentence when something was done otherwise
    computed_ms BIGINT NOT NULL,
    PRIMARY KEY (project_id, control)
);

-- domain/skill.c
CREATE TABLE worker_skill (
    project_id  BIGINT NOT NULL,
    control     TEXT NOT NULL,
    person_id   BIGINT NOT NULL,
    n           BIGINT NOT NULL,                -- answers counted
    skill       DOUBLE PRECISION NOT NULL,
    lo          DOUBLE PRECISION NOT NULL,
    hi          DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (project_id, control, person_id)
){lite: WITHOUT ROWID};
