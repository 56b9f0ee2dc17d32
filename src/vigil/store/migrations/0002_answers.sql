-- What the sleeper said in the morning, one row a night; saying something else replaces it. NULL: not said.
-- `crc`: CRC-32 of the row's other columns.

CREATE TABLE answer (
    night INTEGER PRIMARY KEY REFERENCES night (key),
    word TEXT NOT NULL,
    dreams INTEGER CHECK (dreams BETWEEN 0 AND 20),
    distress INTEGER CHECK (distress BETWEEN 0 AND 10),
    sleepiness INTEGER CHECK (sleepiness BETWEEN 0 AND 10),
    woken INTEGER CHECK (woken IN (0, 1)),
    disturbed INTEGER CHECK (disturbed IN (0, 1)),
    was_awake INTEGER CHECK (was_awake IN (0, 1)),
    resumed INTEGER NOT NULL CHECK (resumed IN (0, 1)),
    crc INTEGER NOT NULL
) STRICT;
