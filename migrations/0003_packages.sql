-- The built-in feed: packages, whose bytes are files named by digest, and what is known about how they were built.

CREATE TABLE package (
    id         TEXT NOT NULL COLLATE NOCASE, -- as clients know it: packages-Acme.Web.1.4.2
    space_id   TEXT NOT NULL COLLATE NOCASE,
    package_id TEXT NOT NULL COLLATE NOCASE,
    sha256     TEXT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (space_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX package_name ON package (space_id, package_id);
CREATE INDEX package_blob ON package (sha256);

CREATE TABLE build_information (
    id         TEXT PRIMARY KEY COLLATE NOCASE,
    space_id   TEXT NOT NULL COLLATE NOCASE,
    package_id TEXT NOT NULL COLLATE NOCASE,
    version    TEXT NOT NULL COLLATE NOCASE,
    body       TEXT NOT NULL,
    UNIQUE (space_id, package_id, version)
) STRICT;

CREATE TABLE artifact (
    number   INTEGER PRIMARY KEY, -- the one in the id
    id       TEXT NOT NULL UNIQUE COLLATE NOCASE,
    task_id  TEXT NOT NULL COLLATE NOCASE REFERENCES task (id) ON DELETE CASCADE,
    space_id TEXT NOT NULL COLLATE NOCASE,
    sha256   TEXT NOT NULL,
    body     TEXT NOT NULL
) STRICT;

CREATE INDEX artifact_task ON artifact (task_id);
CREATE INDEX artifact_blob ON artifact (sha256);
