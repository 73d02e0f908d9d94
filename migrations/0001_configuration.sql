-- Configuration resources, keys, the audit trail, and the numbers in ids.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- The highest number given to an id with this prefix.
CREATE TABLE counter (
    prefix TEXT PRIMARY KEY,
    value  INTEGER NOT NULL
) STRICT;

-- `body` is the whole record; the other columns are copies of what is searched for.
CREATE TABLE document (
    id         TEXT PRIMARY KEY COLLATE NOCASE,
    kind       TEXT NOT NULL,
    space_id   TEXT COLLATE NOCASE,
    owner_id   TEXT COLLATE NOCASE,
    name       TEXT NOT NULL COLLATE NOCASE,
    slug       TEXT NOT NULL COLLATE NOCASE,
    sort_order INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    body       TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX document_name ON document (kind, ifnull(space_id, ''), ifnull(owner_id, ''), name) WHERE name <> '';
CREATE UNIQUE INDEX document_slug ON document (kind, ifnull(space_id, ''), ifnull(owner_id, ''), slug) WHERE slug <> '';
CREATE INDEX document_list ON document (kind, space_id, sort_order, name);
CREATE INDEX document_owner ON document (kind, owner_id);

CREATE TABLE api_key (
    id         TEXT PRIMARY KEY COLLATE NOCASE,
    user_id    TEXT NOT NULL COLLATE NOCASE,
    purpose    TEXT NOT NULL,
    hint       TEXT NOT NULL,
    digest     BLOB NOT NULL,
    created_at INTEGER NOT NULL, -- µs since 1970, UTC
    expires_at INTEGER,
    is_revoked INTEGER NOT NULL
) STRICT;

CREATE INDEX api_key_hint ON api_key (hint);
CREATE INDEX api_key_user ON api_key (user_id);

CREATE TABLE event (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    category    TEXT NOT NULL,
    space_id    TEXT COLLATE NOCASE,
    user_id     TEXT NOT NULL COLLATE NOCASE,
    username    TEXT NOT NULL,
    identity    TEXT NOT NULL,
    occurred_at INTEGER NOT NULL, -- µs since 1970, UTC
    message     TEXT NOT NULL,
    related_ids TEXT NOT NULL,    -- a JSON array
    user_agent  TEXT NOT NULL,
    ip_address  TEXT NOT NULL
) STRICT;

CREATE INDEX event_space ON event (space_id, number);
