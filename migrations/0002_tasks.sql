-- Tasks and what they leave behind. `body` is the whole record; other columns are copies of what is searched for.
-- What belongs to a task goes with it.

CREATE TABLE task (
    number         INTEGER PRIMARY KEY, -- the one in the id
    id             TEXT NOT NULL UNIQUE COLLATE NOCASE,
    space_id       TEXT NOT NULL COLLATE NOCASE,
    project_id     TEXT NOT NULL COLLATE NOCASE,
    environment_id TEXT NOT NULL COLLATE NOCASE,
    tenant_id      TEXT NOT NULL COLLATE NOCASE, -- empty when there is none
    release_id     TEXT NOT NULL COLLATE NOCASE, -- empty for runbook runs
    name           TEXT NOT NULL COLLATE NOCASE, -- the kind of task: Deploy, RunbookRun
    state          TEXT NOT NULL COLLATE NOCASE,
    is_asking      INTEGER NOT NULL,             -- whether a person is asked something
    has_warnings   INTEGER NOT NULL,
    generation     INTEGER NOT NULL,
    body           TEXT NOT NULL,
    plan           TEXT NOT NULL
) STRICT;

CREATE INDEX task_open ON task (number) WHERE state IN ('Queued', 'Executing', 'Paused', 'Cancelling');
CREATE INDEX task_space ON task (space_id, number);
CREATE INDEX task_project ON task (project_id, number);
CREATE INDEX task_release ON task (release_id, environment_id, tenant_id, state);

CREATE TABLE job (
    task_id    TEXT NOT NULL COLLATE NOCASE REFERENCES task (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (task_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE interruption (
    number     INTEGER PRIMARY KEY, -- the one in the id
    id         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    task_id    TEXT NOT NULL COLLATE NOCASE REFERENCES task (id) ON DELETE CASCADE,
    space_id   TEXT NOT NULL COLLATE NOCASE,
    is_pending INTEGER NOT NULL,
    body       TEXT NOT NULL
) STRICT;

CREATE INDEX interruption_task ON interruption (task_id);
CREATE INDEX interruption_pending ON interruption (space_id) WHERE is_pending;

CREATE TABLE log_chunk (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id  TEXT NOT NULL COLLATE NOCASE REFERENCES task (id) ON DELETE CASCADE,
    body     TEXT NOT NULL
) STRICT;

CREATE INDEX log_chunk_task ON log_chunk (task_id, number);

CREATE TABLE output_variable (
    task_id TEXT NOT NULL COLLATE NOCASE REFERENCES task (id) ON DELETE CASCADE,
    name    TEXT NOT NULL COLLATE NOCASE,
    body    TEXT NOT NULL,
    PRIMARY KEY (task_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    task_id  TEXT NOT NULL COLLATE NOCASE REFERENCES task (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    part     INTEGER NOT NULL, -- a step may run several scripts
    body     TEXT NOT NULL,
    PRIMARY KEY (task_id, position, attempt, part)
) STRICT, WITHOUT ROWID;
