-- Releases whose next environments may be deployed to by themselves. Written in the commit that made it so, and removed
-- in the one that did it.

CREATE TABLE promotion (
    release_id TEXT NOT NULL COLLATE NOCASE,
    tenant_id  TEXT NOT NULL COLLATE NOCASE, -- empty for none
    PRIMARY KEY (release_id, tenant_id)
) STRICT, WITHOUT ROWID;
