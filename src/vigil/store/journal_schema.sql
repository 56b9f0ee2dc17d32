-- The journal, step 1. Text columns hold what the person typed; `fold` is what makes two names the same.

-- changes: how many times something was changed, so that copies sort by age and a page knows when to look again.
CREATE TABLE state (changes INTEGER NOT NULL) STRICT;
INSERT INTO state (changes) VALUES (0);

-- Folders that hold copies, so that erasing finds them.
CREATE TABLE backup_folder (path TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE thread (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    fold TEXT NOT NULL UNIQUE,
    note TEXT NOT NULL
) STRICT;

-- A number is never given twice (AUTOINCREMENT), so that an old page cannot change another entry.
CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    night TEXT,
    day TEXT,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    thread INTEGER REFERENCES thread (id) ON DELETE SET NULL,
    written_ms INTEGER NOT NULL,
    edited_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_night ON entry (night);
CREATE INDEX entry_thread ON entry (thread);
CREATE INDEX entry_age ON entry (coalesce(day, ''), written_ms, id);

CREATE TABLE tag (
    entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    fold TEXT NOT NULL,
    PRIMARY KEY (entry, fold)
) STRICT;
CREATE INDEX tag_fold ON tag (fold);

-- What is searched: the index holds words and no text of its own.
CREATE VIEW searched AS
SELECT id, title, body,
    coalesce((SELECT group_concat(name, char(10)) FROM
        (SELECT name FROM tag WHERE tag.entry = entry.id ORDER BY fold)), '') AS tags
FROM entry;
CREATE VIRTUAL TABLE words USING fts5(
    title, body, tags, content='searched', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='2 3'
);

CREATE TABLE morning (
    night TEXT NOT NULL PRIMARY KEY,
    dread INTEGER CHECK (dread BETWEEN 0 AND 10),
    words TEXT NOT NULL,
    marks TEXT NOT NULL,
    evening TEXT NOT NULL,
    kept_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- Answers that wait until the store of nights can be written: one a night, as JSON.
CREATE TABLE waiting (
    night TEXT NOT NULL PRIMARY KEY,
    answer TEXT NOT NULL,
    kept_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE draft (
    place TEXT NOT NULL PRIMARY KEY,
    night TEXT,
    text TEXT NOT NULL,
    kept_ms INTEGER NOT NULL
) STRICT;
