-- 012.sql -- how sure consensus was, beside how right it was where the truth is known.

-- domain/calibration.c: of a task with ground truth, in whole billionths
CREATE TABLE calibration (
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    control     TEXT NOT NULL,
    sure        BIGINT NOT NULL,                -- confidence of the consensus of the answers
    fit         BIGINT NOT NULL,                -- how far it is what is true
    PRIMARY KEY (project_id, task_id, control)
){lite: WITHOUT ROWID};

-- domain/calibration.c: sums of them by tenths of confidence
CREATE TABLE calibration_sum (
    project_id  BIGINT NOT NULL,
    control     TEXT NOT NULL,
    tenth       BIGINT NOT NULL,
    tasks       BIGINT NOT NULL,
    sure        BIGINT NOT NULL,
    fit         BIGINT NOT NULL,
    PRIMARY KEY (project_id, control, tenth)
){lite: WITHOUT ROWID};
