-- What the watch found broken: opened once, closed once, kept.
CREATE TABLE kept.incidents (
    source    VARCHAR,               -- null: the machine, not one outlet
    kind      VARCHAR NOT NULL,      -- silent | fewer_articles | field_gone | layout_changed | refused | certificate | moved_host | clock | disk_filling | no_network | store_stuck | failed
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,           -- null: it is still open
    detail    VARCHAR NOT NULL
);

-- What each source file expects of a normal day ([expect]). Null: it does not say.
CREATE TABLE kept.expectations (
    source              VARCHAR NOT NULL,
    articles_least      INTEGER,
    articles_most       INTEGER,     -- null when articles_least is
    share_with_date     DOUBLE,
    share_with_author   DOUBLE,
    share_with_dateline DOUBLE
);

-- Holidays and joint leave (cuti bersama) of all Indonesia: days on which little is published.
CREATE TABLE kept.holidays (
    day            DATE NOT NULL,
    name           VARCHAR NOT NULL,
    is_joint_leave BOOLEAN NOT NULL
);

-- What kept a run from its outlet, of a closed list, and in words. Null: nothing did, or the run was before this was noted.
ALTER TABLE kept.crawls ADD COLUMN IF NOT EXISTS fault VARCHAR;
ALTER TABLE kept.crawls ADD COLUMN IF NOT EXISTS fault_detail VARCHAR;
