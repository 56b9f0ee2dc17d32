-- Everything Vigil keeps. STRICT and NOT NULL throughout, because CHECK alone lets NaN in as NULL; the few
-- columns that may be NULL are instants that nobody knew. `crc`: CRC-32 of the row's other columns.

PRAGMA application_id = 1447642956; -- "VIGL"

CREATE TABLE migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

-- How often something was committed. The head file beside the database holds the same number, written after
-- each commit, so that commits which a damaged write-ahead log has swallowed are noticed.
CREATE TABLE pulse (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    commits INTEGER NOT NULL,
    lost INTEGER NOT NULL
) STRICT;
INSERT INTO pulse (one, commits, lost) VALUES (1, 0, 0);

CREATE TABLE night (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    began_ns INTEGER NOT NULL,
    wall_ms INTEGER,
    zone_min INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('live', 'demo', 'shadow')),
    mode TEXT NOT NULL CHECK (mode IN ('on', 'sham', 'watch_only')),
    format TEXT NOT NULL,
    path TEXT NOT NULL,
    note TEXT NOT NULL,
    inputs_digest TEXT NOT NULL,
    outputs_digest TEXT NOT NULL,
    crc INTEGER NOT NULL,
    -- How many rows of `minute` there are; outside the checksum, since the rows themselves prove it.
    minutes INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One minute of a night: samples and other records, packed. `place` is night * 2^24 + number, so that a night
-- lies together and needs no second index. The last minute of an open night is rewritten at each commit.
-- from_s, to_s: whole seconds since `began_ns` of the earliest and latest instant inside.
CREATE TABLE minute (
    place INTEGER PRIMARY KEY,
    night INTEGER NOT NULL REFERENCES night (key),
    from_s INTEGER NOT NULL,
    to_s INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    crc INTEGER NOT NULL,
    seal BLOB NOT NULL CHECK (length(seal) = 8),
    samples BLOB NOT NULL,
    records BLOB NOT NULL,
    CHECK (place >> 24 = night)
) STRICT;

CREATE TABLE summary (
    night INTEGER PRIMARY KEY REFERENCES night (key),
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    night TEXT NOT NULL,
    permit INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    wall_ms INTEGER,
    purpose TEXT NOT NULL,
    episode INTEGER NOT NULL,
    output TEXT NOT NULL,
    level INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    outcome_ns INTEGER,
    crc INTEGER NOT NULL
) STRICT;

-- Folders that hold backups, so that erasing finds every one of them.
CREATE TABLE backup_folder (
    path TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
