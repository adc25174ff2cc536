-- 002.sql -- sums of agreement: what a page shows no longer grows with the number of tasks.

-- domain/agreement.c: tasks by tenths of their agreement
CREATE TABLE agreement_sum (
    project_id  BIGINT NOT NULL,
    tenth       BIGINT NOT NULL,
    tasks       BIGINT NOT NULL,
    billionths  BIGINT NOT NULL,                -- sum of agreements, each rounded to 1e-9
    PRIMARY KEY (project_id, tenth)
){lite: WITHOUT ROWID};

-- domain/agreement.c: the same for two people
CREATE TABLE agreement_pair_sum (
    project_id  BIGINT NOT NULL,
    a_person    BIGINT NOT NULL,                -- a < b
    b_person    BIGINT NOT NULL,
    tasks       BIGINT NOT NULL,
    billionths  BIGINT NOT NULL,
    PRIMARY KEY (project_id, a_person, b_person)
){lite: WITHOUT ROWID};

INSERT INTO agreement_sum(project_id, tenth, tasks, billionths)
SELECT project_id, CAST(CASE WHEN value >= 1 THEN 9 ELSE FLOOR(value * 10) END AS BIGINT) AS tenth,
    COUNT(*), SUM(CAST(ROUND(value * 1000000000) AS BIGINT))
FROM agreement GROUP BY project_id, tenth;

INSERT INTO agreement_pair_sum(project_id, a_person, b_person, tasks, billionths)
SELECT project_id, a_person, b_person, COUNT(*), SUM(CAST(ROUND(value * 1000000000) AS BIGINT))
FROM agreement_pair GROUP BY project_id, a_person, b_person;

DROP INDEX agreement_people;
