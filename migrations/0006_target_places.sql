-- In which environments and with which roles deployment targets are: a plan reads the few that it is for, however many
-- there are. Kept by the database itself, so that whatever writes a target keeps it.

CREATE TABLE target_place (
    environment_id TEXT NOT NULL COLLATE NOCASE,
    role           TEXT NOT NULL COLLATE NOCASE,
    target_id      TEXT NOT NULL COLLATE NOCASE REFERENCES document (id) ON DELETE CASCADE,
    PRIMARY KEY (environment_id, role, target_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX target_place_target ON target_place (target_id);

CREATE TRIGGER target_place_made AFTER INSERT ON document WHEN new.kind = 'Machines' BEGIN
    INSERT OR IGNORE INTO target_place
        SELECT environment.value, role.value, new.id
        FROM json_each(new.body, '$.EnvironmentIds') AS environment, json_each(new.body, '$.Roles') AS role;
END;

CREATE TRIGGER target_place_changed AFTER UPDATE OF body ON document WHEN new.kind = 'Machines' BEGIN
    DELETE FROM target_place WHERE target_id = new.id;
    INSERT OR IGNORE INTO target_place
        SELECT environment.value, role.value, new.id
        FROM json_each(new.body, '$.EnvironmentIds') AS environment, json_each(new.body, '$.Roles') AS role;
END;

INSERT OR IGNORE INTO target_place
    SELECT environment.value, role.value, document.id
    FROM document, json_each(document.body, '$.EnvironmentIds') AS environment, json_each(document.body, '$.Roles') AS role
    WHERE document.kind = 'Machines';
