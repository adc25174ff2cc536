-- 007.sql -- the task list: sorted by agreement, and saved views.

CREATE INDEX agreement_value ON agreement(project_id, value, task_id);

-- domain/view.c: a way to look at the tasks of a project
CREATE TABLE view (
    id          {id},
    project_id  BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,                -- who made it
    shared      BIGINT NOT NULL,                -- 0: only that person sees it
    ord         BIGINT NOT NULL,                -- order of the tabs
    data        TEXT NOT NULL,                  -- JSON: title, filters, ordering, columns …
    created_ms  BIGINT NOT NULL,
    updated_ms  BIGINT NOT NULL
);
CREATE INDEX view_project ON view(project_id, ord, id);
