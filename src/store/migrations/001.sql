-- 001.sql -- the first schema.  Written for SQLite; the PostgreSQL driver reads
--   {id}    a primary key that counts by itself
--   {bytes} a column of bytes
-- Times are unix milliseconds.  Each table has one owner file in src/domain or src/store.
-- Every project-scoped table leads its key with project_id, so that it can be partitioned.

-- store/migrate.c
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);

-- domain/org.c
CREATE TABLE org (
    id          {id},
    name        TEXT NOT NULL,
    created_ms  BIGINT NOT NULL
);

-- domain/vendor.c: a supplier of people.  The in-house team is one too.
CREATE TABLE vendor (
    id          {id},
    org_id      BIGINT NOT NULL REFERENCES org(id),
    name        TEXT NOT NULL,
    inhouse     BIGINT NOT NULL DEFAULT 0,
    created_ms  BIGINT NOT NULL,
    UNIQUE (org_id, name)
);

-- domain/user.c.  kind: 'person' may log in; 'external' is an imported author.
CREATE TABLE person (
    id          {id},
    org_id      BIGINT NOT NULL REFERENCES org(id),
    kind        TEXT NOT NULL,
    email       TEXT,                   -- lower case; NULL for an external author
    name        TEXT NOT NULL,
    pass_hash   TEXT,                   -- Argon2id; NULL: cannot log in with a password
    org_role    BIGINT NOT NULL DEFAULT 0,
    external_of BIGINT,                 -- project of an external author
    active      BIGINT NOT NULL DEFAULT 1,
    created_ms  BIGINT NOT NULL,
    prefs       TEXT NOT NULL DEFAULT '{}',
    UNIQUE (email),
    UNIQUE (external_of, name)
);
CREATE INDEX person_org ON person(org_id, id);

-- domain/session.c
CREATE TABLE session (
    hash        {bytes} PRIMARY KEY,    -- SHA-256 of the cookie
    person_id   BIGINT NOT NULL REFERENCES person(id),
    csrf        TEXT NOT NULL,
    created_ms  BIGINT NOT NULL,
    seen_ms     BIGINT NOT NULL,
    ends_ms     BIGINT NOT NULL
);
CREATE INDEX session_person ON session(person_id);

-- domain/token.c.  kind: 'api' (Token header) or 'refresh' (Label Studio's personal access token).
CREATE TABLE token (
    id          {id},
    person_id   BIGINT NOT NULL REFERENCES person(id),
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    hash        {bytes} NOT NULL,       -- SHA-256 of the secret, or of the jti
    scopes      BIGINT NOT NULL,
    created_ms  BIGINT NOT NULL,
    ends_ms     BIGINT NOT NULL,
    revoked_ms  BIGINT,
    used_ms     BIGINT
);
CREATE INDEX token_person ON token(person_id, id);
CREATE UNIQUE INDEX token_hash ON token(hash);

-- domain/invite.c
CREATE TABLE invitation (
    id          {id},
    org_id      BIGINT NOT NULL REFERENCES org(id),
    project_id  BIGINT,                 -- NULL: into the organisation only
    role        BIGINT NOT NULL,
    vendor_id   BIGINT,
    email       TEXT,
    hash        {bytes} NOT NULL UNIQUE,
    created_by  BIGINT NOT NULL,
    created_ms  BIGINT NOT NULL,
    ends_ms     BIGINT NOT NULL,
    used_ms     BIGINT,
    used_by     BIGINT
);
CREATE INDEX invitation_project ON invitation(project_id, id);

-- domain/throttle.c: failed log-ins by account and by address
CREATE TABLE throttle (
    name        TEXT PRIMARY KEY,
    fails       BIGINT NOT NULL,
    since_ms    BIGINT NOT NULL,
    until_ms    BIGINT NOT NULL
);

-- domain/idem.c: what was answered to an Idempotency-Key
CREATE TABLE idem (
    principal   BIGINT NOT NULL,
    name        TEXT NOT NULL,
    body_hash   {bytes} NOT NULL,
    status      BIGINT NOT NULL,
    body        {bytes} NOT NULL,
    created_ms  BIGINT NOT NULL,
    PRIMARY KEY (principal, name)
);
CREATE INDEX idem_age ON idem(created_ms);

-- domain/audit.c: one row for every act that changed state
CREATE TABLE audit (
    id          {id},
    at_ms       BIGINT NOT NULL,
    org_id      BIGINT,
    project_id  BIGINT,
    person_id   BIGINT,                 -- NULL: the system
    act         TEXT NOT NULL,          -- 'lease.claim', 'annotation.submit', …
    object_id   BIGINT,
    detail      TEXT NOT NULL           -- JSON; digests and counts, never payload
);
CREATE INDEX audit_project ON audit(project_id, id);

-- domain/project.c
CREATE TABLE project (
    id          {id},
    org_id      BIGINT NOT NULL REFERENCES org(id),
    title       TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    instruction TEXT NOT NULL DEFAULT '',
    config_n    BIGINT NOT NULL DEFAULT 1,      -- current label-config version
    instr_n     BIGINT NOT NULL DEFAULT 1,
    overlap     BIGINT NOT NULL DEFAULT 1,
    sampling    TEXT NOT NULL DEFAULT 'sequential',     -- or 'random'
    skip_queue  TEXT NOT NULL DEFAULT 'others',         -- 'others' 'me' 'ignore'
    method      TEXT NOT NULL DEFAULT 'majority',       -- consensus
    published   BIGINT NOT NULL DEFAULT 1,
    paused      BIGINT NOT NULL DEFAULT 0,
    settings    TEXT NOT NULL DEFAULT '{}',     -- Label Studio's other fields, kept and echoed
    index_key   {bytes} NOT NULL,               -- for exposure.item_key
    created_by  BIGINT,
    created_ms  BIGINT NOT NULL,
    updated_ms  BIGINT NOT NULL,
    deleted_ms  BIGINT
);
CREATE INDEX project_org ON project(org_id, id);

-- domain/project.c: counters, apart from the wide row
CREATE TABLE project_count (
    project_id  BIGINT PRIMARY KEY,
    tasks       BIGINT NOT NULL DEFAULT 0,
    finished    BIGINT NOT NULL DEFAULT 0,      -- tasks whose overlap is reached
    touched     BIGINT NOT NULL DEFAULT 0,      -- tasks with at least one counted annotation
    annotations BIGINT NOT NULL DEFAULT 0,      -- live, counted or surplus
    skipped     BIGINT NOT NULL DEFAULT 0,
    predictions BIGINT NOT NULL DEFAULT 0,
    next_ord    BIGINT NOT NULL DEFAULT 1,      -- arrival numbers of the returned and live lanes
    next_inner  BIGINT NOT NULL DEFAULT 1       -- inner_id of the next task
);

-- domain/config.c: immutable versions of the labelling config
CREATE TABLE config (
    project_id  BIGINT NOT NULL,
    n           BIGINT NOT NULL,
    xml         TEXT NOT NULL,
    hash        TEXT NOT NULL,
    created_by  BIGINT,
    created_ms  BIGINT NOT NULL,
    PRIMARY KEY (project_id, n)
);

-- domain/member.c
CREATE TABLE member (
    project_id  BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    role        BIGINT NOT NULL,
    vendor_id   BIGINT NOT NULL,        -- whose person they are here
    created_ms  BIGINT NOT NULL,
    ended_ms    BIGINT,
    PRIMARY KEY (project_id, person_id)
);
CREATE INDEX member_person ON member(person_id, project_id);

-- domain/task.c: content, written once
CREATE TABLE task (
    id          {id},
    project_id  BIGINT NOT NULL,
    import_id   BIGINT NOT NULL DEFAULT 0,      -- 0: posted alone; else hidden until that import is published
    inner_id    BIGINT NOT NULL,
    unique_id   TEXT,
    data        {bytes} NOT NULL,               -- vault
    meta        {bytes},                        -- vault
    version     BIGINT NOT NULL DEFAULT 1,      -- of the content; a change is a new exposure
    hash        {bytes} NOT NULL,               -- SHA-256 of the canonical data
    item_key    {bytes} NOT NULL,               -- HMAC(project index key, hash): for exposure
    file_name   TEXT,
    created_ms  BIGINT NOT NULL,
    updated_ms  BIGINT NOT NULL
);
CREATE INDEX task_project ON task(project_id, id);
CREATE UNIQUE INDEX task_unique ON task(project_id, unique_id) WHERE unique_id IS NOT NULL;

-- domain/lane.c: the queues of a project.  lane 0 is the returned lane.
CREATE TABLE lane (
    project_id  BIGINT NOT NULL,
    lane        BIGINT NOT NULL,
    priority    BIGINT NOT NULL,
    import_id   BIGINT NOT NULL DEFAULT 0,      -- 0: the live lane of its priority
    published   BIGINT NOT NULL DEFAULT 1,
    drained     BIGINT NOT NULL DEFAULT 0,      -- nothing open is left and nothing will come
    PRIMARY KEY (project_id, lane)
);

-- domain/lane.c: how many answers a task still wants, and where it stands in its lane.
-- open = required - answered - leased, never below 0
CREATE TABLE slot (
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    lane        BIGINT NOT NULL,
    ord         BIGINT NOT NULL,
    priority    BIGINT NOT NULL DEFAULT 0,
    required    BIGINT NOT NULL,
    answered    BIGINT NOT NULL DEFAULT 0,
    leased      BIGINT NOT NULL DEFAULT 0,
    open        BIGINT NOT NULL,
    skipped     BIGINT NOT NULL DEFAULT 0,
    surplus     BIGINT NOT NULL DEFAULT 0,
    cancelled   BIGINT NOT NULL DEFAULT 0,
    settle_ms   BIGINT NOT NULL DEFAULT 0,      -- consensus is due then; 0: not due
    PRIMARY KEY (project_id, task_id),
    CHECK (answered + leased <= required),
    CHECK (open >= 0)
){lite: WITHOUT ROWID};
CREATE INDEX slot_open ON slot(project_id, lane, ord) WHERE open > 0;
CREATE INDEX slot_settle ON slot(project_id, settle_ms) WHERE settle_ms > 0;

-- domain/lane.c: how far a person has come in a lane; only ever forward
CREATE TABLE place (
    project_id  BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    lane        BIGINT NOT NULL,
    ord         BIGINT NOT NULL,
    PRIMARY KEY (project_id, person_id, lane)
){lite: WITHOUT ROWID};

-- domain/lease.c.  One row per (task, person), for ever: I2.
-- state: 'active' 'submitted' 'skipped' 'expired' 'released' 'withdrawn'
CREATE TABLE lease (
    id          {id},
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    vendor_id   BIGINT NOT NULL,
    state       TEXT NOT NULL,
    epoch       BIGINT NOT NULL,
    granted_ms  BIGINT NOT NULL,
    beat_ms     BIGINT NOT NULL,
    ends_ms     BIGINT NOT NULL,
    ended_ms    BIGINT,
    active_ms   BIGINT NOT NULL DEFAULT 0,
    reason      TEXT,                   -- of a skip
    note        TEXT,
    UNIQUE (project_id, task_id, person_id)
);
CREATE INDEX lease_ends ON lease(project_id, ends_ms) WHERE state = 'active';
CREATE INDEX lease_mine ON lease(project_id, person_id, id) WHERE state = 'active';
CREATE INDEX lease_person ON lease(project_id, person_id, id);

-- domain/draft.c
CREATE TABLE draft (
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    counter     BIGINT NOT NULL,
    result      {bytes} NOT NULL,       -- vault
    active_ms   BIGINT NOT NULL DEFAULT 0,
    late        BIGINT NOT NULL DEFAULT 0,      -- written with an old epoch: kept, not offered
    updated_ms  BIGINT NOT NULL,
    PRIMARY KEY (project_id, task_id, person_id)
);

-- domain/annotation.c: what was answered.  The bytes stand in revision.
CREATE TABLE annotation (
    id          {id},
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    vendor_id   BIGINT,
    lease_id    BIGINT,
    n           BIGINT NOT NULL,                -- newest revision
    counted     BIGINT NOT NULL,                -- 0: surplus, ground truth of a manager, cancelled
    late        BIGINT NOT NULL DEFAULT 0,
    was_cancelled BIGINT NOT NULL DEFAULT 0,    -- Label Studio's skip
    ground_truth BIGINT NOT NULL DEFAULT 0,
    origin      TEXT NOT NULL,                  -- 'human' 'import' 'api'
    import_id   BIGINT NOT NULL DEFAULT 0,      -- hidden until that import is published
    unique_id   TEXT,
    lead_ms     BIGINT NOT NULL DEFAULT 0,      -- active time of the author
    parent_prediction BIGINT,
    parent_annotation BIGINT,
    created_ms  BIGINT NOT NULL,
    updated_ms  BIGINT NOT NULL,
    withdrawn_ms BIGINT                         -- the author took it back, or it was deleted
);
CREATE INDEX annotation_task ON annotation(project_id, task_id, id);
CREATE INDEX annotation_person ON annotation(project_id, person_id, id);
CREATE UNIQUE INDEX annotation_unique ON annotation(project_id, unique_id) WHERE unique_id IS NOT NULL;

CREATE TABLE revision (
    annotation_id BIGINT NOT NULL,
    n           BIGINT NOT NULL,
    parent_n    BIGINT NOT NULL,
    person_id   BIGINT,
    result      {bytes} NOT NULL,               -- vault; exactly as sent
    config_n    BIGINT NOT NULL,
    instr_n     BIGINT NOT NULL,
    active_ms   BIGINT NOT NULL,
    reason      TEXT,
    created_ms  BIGINT NOT NULL,
    PRIMARY KEY (annotation_id, n)
);

-- domain/prediction.c
CREATE TABLE prediction (
    id          {id},
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    import_id   BIGINT NOT NULL DEFAULT 0,
    result      {bytes} NOT NULL,               -- vault
    score       DOUBLE PRECISION,
    model_version TEXT NOT NULL DEFAULT '',
    created_ms  BIGINT NOT NULL,
    updated_ms  BIGINT NOT NULL
);
CREATE INDEX prediction_task ON prediction(project_id, task_id, id);

-- domain/exposure.c: caps count on it, one row for each item a party has seen
CREATE TABLE exposure (
    project_id  BIGINT NOT NULL,
    party_id    BIGINT NOT NULL,                -- vendor
    item_key    {bytes} NOT NULL,
    first_ms    BIGINT NOT NULL,
    lease_id    BIGINT,
    bytes       BIGINT NOT NULL,
    PRIMARY KEY (project_id, party_id, item_key)
){lite: WITHOUT ROWID};

-- domain/exposure.c: who looked, for reports
CREATE TABLE look (
    project_id  BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    party_id    BIGINT NOT NULL,
    lease_id    BIGINT,
    first_ms    BIGINT NOT NULL,
    bytes       BIGINT NOT NULL,
    PRIMARY KEY (project_id, person_id, task_id, version)
){lite: WITHOUT ROWID};

-- domain/consensus.c
CREATE TABLE consensus (
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    control     TEXT NOT NULL,
    method      TEXT NOT NULL,
    answer      {bytes} NOT NULL,               -- vault: JSON array of result items
    confidence  DOUBLE PRECISION NOT NULL,
    inputs      TEXT NOT NULL,                  -- JSON: [[annotation, revision], …]
    n           BIGINT NOT NULL,                -- answers it rests on
    computed_ms BIGINT NOT NULL,
    PRIMARY KEY (project_id, task_id, control)
);

CREATE TABLE agreement (
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    value       DOUBLE PRECISION NOT NULL,      -- mean over controls of the mean over pairs
    pairs       BIGINT NOT NULL,
    computed_ms BIGINT NOT NULL,
    PRIMARY KEY (project_id, task_id)
);

CREATE TABLE agreement_pair (
    project_id  BIGINT NOT NULL,
    task_id     BIGINT NOT NULL,
    a_person    BIGINT NOT NULL,                -- a < b
    b_person    BIGINT NOT NULL,
    value       DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (project_id, task_id, a_person, b_person)
);
CREATE INDEX agreement_people ON agreement_pair(project_id, a_person, b_person);

-- domain/importer.c.  state: 'checking' 'loading' 'done' 'failed' 'swept'
CREATE TABLE import (
    id          {id},
    project_id  BIGINT NOT NULL,
    job_id      BIGINT,
    state       TEXT NOT NULL,
    format      TEXT NOT NULL,
    name        TEXT NOT NULL,                  -- of the file, as the person knows it
    spool       TEXT NOT NULL,
    bytes       BIGINT NOT NULL,
    digest      TEXT NOT NULL,                  -- SHA-256 of the file
    tasks       BIGINT NOT NULL DEFAULT 0,
    annotations BIGINT NOT NULL DEFAULT 0,
    predictions BIGINT NOT NULL DEFAULT 0,
    options     TEXT NOT NULL DEFAULT '{}',
    report      TEXT NOT NULL DEFAULT '{}',     -- JSON: errors, ids, seconds
    first_task  BIGINT NOT NULL DEFAULT 0,      -- its rows stand from here on
    created_by  BIGINT,
    created_ms  BIGINT NOT NULL,
    ended_ms    BIGINT
);
CREATE INDEX import_project ON import(project_id, id);

-- domain/task.c: up to 32 scalar fields of task data, for filters
CREATE TABLE task_field (
    project_id  BIGINT NOT NULL,
    field       TEXT NOT NULL,
    task_id     BIGINT NOT NULL,
    num         DOUBLE PRECISION,
    word        TEXT,                           -- a text of at most 64 bytes, indexed
    head        TEXT,                           -- else its beginning, not indexed: prose is no key
    PRIMARY KEY (project_id, task_id, field)
){lite: WITHOUT ROWID};
CREATE INDEX task_field_word ON task_field(project_id, field, word, task_id) WHERE word IS NOT NULL;
CREATE INDEX task_field_num ON task_field(project_id, field, num, task_id) WHERE num IS NOT NULL;

-- domain/media.c: which project may serve which blob
CREATE TABLE media (
    project_id  BIGINT NOT NULL,
    hash        TEXT NOT NULL,
    id          BIGINT NOT NULL,                -- Label Studio's file upload id
    name        TEXT NOT NULL,
    mime        TEXT NOT NULL,
    bytes       BIGINT NOT NULL,
    created_ms  BIGINT NOT NULL,
    PRIMARY KEY (project_id, hash)
);
CREATE INDEX media_id ON media(project_id, id);

-- domain/media.c: in which task a blob is shown; a party may fetch it once it was lent that task
CREATE TABLE media_use (
    project_id  BIGINT NOT NULL,
    hash        TEXT NOT NULL,
    task_id     BIGINT NOT NULL,
    PRIMARY KEY (project_id, hash, task_id)
){lite: WITHOUT ROWID};
CREATE INDEX media_use_task ON media_use(project_id, task_id);

-- store/job.c
CREATE TABLE job (
    id          {id},
    project_id  BIGINT NOT NULL,
    person_id   BIGINT,
    kind        TEXT NOT NULL,
    name        TEXT,                           -- unique while it waits
    arg         TEXT NOT NULL,
    state       TEXT NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    due_ms      BIGINT NOT NULL,
    claim_ms    BIGINT,                         -- the claim runs out at
    done        BIGINT NOT NULL DEFAULT 0,
    total       BIGINT NOT NULL DEFAULT 0,
    report      TEXT NOT NULL DEFAULT '',
    created_ms  BIGINT NOT NULL,
    ended_ms    BIGINT
);
CREATE INDEX job_due ON job(due_ms) WHERE state IN ('waiting', 'running');
CREATE UNIQUE INDEX job_name ON job(project_id, kind, name) WHERE state = 'waiting' AND name IS NOT NULL;
CREATE INDEX job_project ON job(project_id, id);
