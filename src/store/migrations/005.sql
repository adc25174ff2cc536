-- 005.sql -- files that were uploaded and are not tasks yet; blobs that nobody needs any more.

-- domain/file_upload.c
CREATE TABLE file_upload (
    id          {id},
    project_id  BIGINT NOT NULL,
    hash        TEXT NOT NULL,                  -- of the blob
    name        TEXT NOT NULL,
    bytes       BIGINT NOT NULL,
    import_id   BIGINT NOT NULL DEFAULT 0,      -- the import that last made tasks of it
    created_by  BIGINT,
    created_ms  BIGINT NOT NULL
);
CREATE INDEX file_upload_project ON file_upload(project_id, id);
CREATE INDEX file_upload_hash ON file_upload(hash);
CREATE INDEX media_hash ON media(hash);

-- domain/leftover.c: blobs that lost a row; removed once none is left
CREATE TABLE leftover (
    hash        TEXT PRIMARY KEY,
    since_ms    BIGINT NOT NULL
);
