-- Which external worker has an attempt, and how much of what it says is kept here. With the worker's log in the same
-- commit, a server that is killed asks for what comes next, and for nothing twice.

CREATE TABLE assignment (
    task_id   TEXT NOT NULL COLLATE NOCASE REFERENCES task (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    attempt   INTEGER NOT NULL,
    worker_id TEXT NOT NULL COLLATE NOCASE,
    instance  TEXT NOT NULL,    -- which start of the worker's process
    sequence  INTEGER NOT NULL, -- the last frame that is kept
    PRIMARY KEY (task_id, position, attempt)
) STRICT, WITHOUT ROWID;

CREATE INDEX assignment_worker ON assignment (worker_id);

-- Tokens for new workers, by the digest of their secret. Used once.

CREATE TABLE enrolment (
    digest  TEXT PRIMARY KEY,
    expires INTEGER NOT NULL, -- seconds since 1970
    body    TEXT NOT NULL,
    used_by TEXT NOT NULL     -- the worker; empty while it can be used
) STRICT, WITHOUT ROWID;
