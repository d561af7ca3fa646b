-- How far WARC files of others were ingested, so that a run that was cut short goes on there. A row
-- commits with the rows of the pages before it.
CREATE TABLE kept.ingested (
    file          VARCHAR NOT NULL,     -- what the file is known by: its size, its time and its beginning
    asked         VARCHAR NOT NULL,     -- what was asked of it: all, one source's, or those of these hosts
    path          VARCHAR NOT NULL,     -- where it lay
    record_offset BIGINT,               -- the last record taken; null: none was
    records       BIGINT,               -- records up to and with it; null: none was
    record        VARCHAR,              -- what tells that record from its neighbours; null: none was
    finished_at   TIMESTAMPTZ           -- when it was read to its end without damage; null: it was not
);
