-- 006.sql -- how a project stands: what a page shows is kept in sums; and rulings on disputed tasks.

-- domain/tally.c: answers given here and tasks skipped, by half-hours since 1970
CREATE TABLE pace (
    project_id  BIGINT NOT NULL,
    half        BIGINT NOT NULL,
    answers     BIGINT NOT NULL,
    skips       BIGINT NOT NULL,
    active_ms   BIGINT NOT NULL,
    PRIMARY KEY (project_id, half)
){lite: WITHOUT ROWID};

-- domain/tally.c: the same by people
CREATE TABLE worker_count (
    project_id  BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    answers     BIGINT NOT NULL,
    skips       BIGINT NOT NULL,
    active_ms   BIGINT NOT NULL,
    last_ms     BIGINT NOT NULL,                -- of the newest answer or skip
    PRIMARY KEY (project_id, person_id)
){lite: WITHOUT ROWID};

-- domain/tally.c
CREATE TABLE skip_count (
    project_id  BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    skips       BIGINT NOT NULL,
    PRIMARY KEY (project_id, reason)
){lite: WITHOUT ROWID};

-- domain/saying.c: what a settled task added to the two sums below
CREATE TABLE label_part (
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    parts       {bytes} NOT NULL,               -- vault: JSON
    PRIMARY KEY (project_id, task_id)
);

-- domain/saying.c: how often a label was said
CREATE TABLE label_sum (
    project_id  BIGINT NOT NULL,
    control     TEXT NOT NULL,
    label       TEXT NOT NULL,
    tasks       BIGINT NOT NULL,                -- in which anybody said it
    answers     BIGINT NOT NULL,
    agreed      BIGINT NOT NULL,                -- in what was agreed
    PRIMARY KEY (project_id, control, label)
);

-- domain/saying.c: what two people said of the same thing; '' is: nothing
CREATE TABLE label_pair_sum (
    project_id  BIGINT NOT NULL,
    control     TEXT NOT NULL,
    a_label     TEXT NOT NULL,                  -- a <= b
    b_label     TEXT NOT NULL,
    pairs       BIGINT NOT NULL,
    PRIMARY KEY (project_id, control, a_label, b_label)
);

-- domain/ruling.c: what a reviewer decided of a task on which people differ
CREATE TABLE ruling (
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    annotation_id BIGINT,                       -- the right answer; NULL: nobody is right
    person_id   BIGINT NOT NULL,
    kind        TEXT NOT NULL,                  -- 'pick' 'edit' 'bad'
    reason      TEXT NOT NULL,
    made_ms     BIGINT NOT NULL,
    PRIMARY KEY (project_id, task_id)
);

-- domain/agreement.c: when the last answer came, and whether somebody ruled on the task
ALTER TABLE agreement ADD COLUMN answered_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE agreement ADD COLUMN ruled BIGINT NOT NULL DEFAULT 0;
CREATE INDEX agreement_dispute ON agreement(project_id, value, task_id) WHERE ruled = 0;
ALTER TABLE agreement_sum ADD COLUMN ruled BIGINT NOT NULL DEFAULT 0;

-- domain/agreement.c: sums over time, by half-hours of the last answer
CREATE TABLE agreement_time_sum (
    project_id  BIGINT NOT NULL,
    half        BIGINT NOT NULL,
    tasks       BIGINT NOT NULL,
    billionths  BIGINT NOT NULL,
    squares     BIGINT NOT NULL,                -- of agreements, each rounded to 1e-9
    PRIMARY KEY (project_id, half)
){lite: WITHOUT ROWID};

UPDATE agreement SET answered_ms = computed_ms;

INSERT INTO agreement_time_sum(project_id, half, tasks, billionths, squares)
SELECT project_id, answered_ms / 1800000 AS half, COUNT(*),
    SUM(CAST(ROUND(value * 1000000000) AS BIGINT)),
    SUM(CAST(ROUND(value * value * 1000000000) AS BIGINT))
FROM agreement GROUP BY project_id, half;

INSERT INTO pace(project_id, half, answers, skips, active_ms)
SELECT project_id, half, SUM(answers), SUM(skips), SUM(active_ms) FROM (
    SELECT project_id, created_ms / 1800000 AS half, 1 AS answers, 0 AS skips, lead_ms AS active_ms
    FROM annotation WHERE withdrawn_ms IS NULL AND origin <> 'import'
    UNION ALL
    SELECT project_id, ended_ms / 1800000, 0, 1, 0 FROM lease
    WHERE state = 'skipped' AND ended_ms IS NOT NULL) x
GROUP BY project_id, half;

INSERT INTO worker_count(project_id, person_id, answers, skips, active_ms, last_ms)
SELECT project_id, person_id, SUM(answers), SUM(skips), SUM(active_ms), MAX(last_ms) FROM (
    SELECT project_id, person_id, 1 AS answers, 0 AS skips, lead_ms AS active_ms,
        created_ms AS last_ms
    FROM annotation WHERE withdrawn_ms IS NULL AND origin <> 'import'
    UNION ALL
    SELECT project_id, person_id, 0, 1, 0, ended_ms FROM lease
    WHERE state = 'skipped' AND ended_ms IS NOT NULL) x
GROUP BY project_id, person_id;

INSERT INTO skip_count(project_id, reason, skips)
SELECT project_id, COALESCE(reason, '') AS why, COUNT(*) FROM lease
WHERE state = 'skipped' GROUP BY project_id, why;

-- What was settled is settled once more, by the job of each project: that counts the labels.
UPDATE slot SET settle_ms = 1 WHERE answered > 0 AND answered >= required AND settle_ms = 0;

INSERT INTO job(project_id, kind, name, arg, state, due_ms, created_ms)
SELECT id, 'consensus', 'settle', '{}', 'waiting', 1, 1 FROM project WHERE deleted_ms IS NULL
ON CONFLICT DO NOTHING;
