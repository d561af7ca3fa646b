-- The ledger: every link ever met. All times are ISO 8601 in UTC, so that they compare as texts.

CREATE TABLE IF NOT EXISTS links (
    key           TEXT PRIMARY KEY,   -- pipelines.address.address_key of url
    url           TEXT NOT NULL,      -- as discovery gave it: what is requested
    source        TEXT NOT NULL,
    state         TEXT NOT NULL,      -- pending | fetched | failed | gone | excluded | rejected
    reason        TEXT,               -- why it is failed, excluded or rejected; null for the others
    entry         TEXT NOT NULL,      -- the kind of entry that discovered it
    discovered_at TEXT NOT NULL,
    title         TEXT,
    published     TEXT,               -- as the entry spells it
    modified      TEXT,               -- the latest that an entry gave: an instant in UTC, or a day
    platform_id   TEXT,
    attempts      INTEGER NOT NULL DEFAULT 0,
    next_visit    TEXT,               -- failed or forbidden: when to try again; answered: when to look again; null: never
    fetched_at    TEXT,               -- latest successful answer
    document      TEXT,               -- what it was read from: page | rest; null: not read yet
    published_at  TEXT,               -- as the article itself says; null: not read, or not stated
    etag          TEXT,
    last_modified TEXT,
    missing_since TEXT,               -- first look that missed it since it was last there; null: it is not missing
    missed_at     TEXT                -- latest such look; null when missing_since is
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS links_to_do ON links (source, state, next_visit);
CREATE INDEX IF NOT EXISTS links_published ON links (source, published_at) WHERE published_at IS NOT NULL;

-- The days that a backfill wants a link for whose own day it could not know: for the run that fetches it.
CREATE TABLE IF NOT EXISTS wanted (
    key   TEXT PRIMARY KEY,           -- as in links
    since TEXT,                       -- first day; null: any
    until TEXT                        -- last day; null: any
) WITHOUT ROWID;

-- Modifications that an entry gave and that were not read yet: until they are, the link stays due.
CREATE TABLE IF NOT EXISTS changes (
    key      TEXT PRIMARY KEY,        -- as in links
    modified TEXT NOT NULL            -- the latest that an entry gave
) WITHOUT ROWID;

-- The validators of discovery documents that list articles, stored in the transaction that stores their links.
CREATE TABLE IF NOT EXISTS documents (
    source        TEXT NOT NULL,
    url           TEXT NOT NULL,
    etag          TEXT,
    last_modified TEXT,
    fetched_at    TEXT NOT NULL,
    PRIMARY KEY (source, url)
) WITHOUT ROWID;

-- How far a source is covered.
CREATE TABLE IF NOT EXISTS progress (
    source     TEXT PRIMARY KEY,
    floor      TEXT,                  -- first day that ordinary runs bring; null: everything
    unfinished TEXT                   -- start of the walk that no run has finished since; null: none
) WITHOUT ROWID;

-- The day until which a source is covered as far as can be.
CREATE TABLE IF NOT EXISTS covered (
    source TEXT PRIMARY KEY,
    day    TEXT NOT NULL              -- in the outlet's zone
) WITHOUT ROWID;

-- Entries that stood still while another one showed newer articles.
CREATE TABLE IF NOT EXISTS stale (
    source TEXT NOT NULL,
    url    TEXT NOT NULL,             -- of the entry
    PRIMARY KEY (source, url)
) WITHOUT ROWID;

-- Sources that are left alone for a while: `crawler.downloader.access` decides.
CREATE TABLE IF NOT EXISTS pauses (
    source TEXT PRIMARY KEY,
    kind   TEXT NOT NULL,             -- restricted | waiting
    url    TEXT NOT NULL,             -- what was refused
    reason TEXT NOT NULL,
    since  TEXT NOT NULL,
    asked  INTEGER NOT NULL,          -- how often it was asked again in vain
    until  TEXT NOT NULL
) WITHOUT ROWID;

-- Entries that were refused, or are not there: not asked for until then.
CREATE TABLE IF NOT EXISTS closed_entries (
    source TEXT NOT NULL,
    url    TEXT NOT NULL,             -- of the entry
    what   TEXT NOT NULL,             -- what it is not asked for: entry (anything) | look (when known articles changed)
    reason TEXT NOT NULL,
    until  TEXT NOT NULL,
    PRIMARY KEY (source, url, what)
) WITHOUT ROWID;

-- Guessed addresses, and the last day that each was tried on.
CREATE TABLE IF NOT EXISTS guesses (
    host  TEXT NOT NULL,
    url   TEXT NOT NULL,
    day   TEXT NOT NULL,              -- by UTC
    found INTEGER NOT NULL,           -- it led to articles: no guess any more
    PRIMARY KEY (host, url)
) WITHOUT ROWID;

-- When a REST collection was last asked for what was changed since.
CREATE TABLE IF NOT EXISTS change_asks (
    source TEXT PRIMARY KEY,
    at     TEXT NOT NULL
) WITHOUT ROWID;

-- Links whose state the database does not know yet.
CREATE TABLE IF NOT EXISTS unreported (
    source TEXT NOT NULL,
    key    TEXT NOT NULL,             -- as in links
    day    TEXT,                      -- of a new link: its own as far as discovery says, else of discovery
    led_to TEXT,                      -- the key of the article that it led to, where that is another
    PRIMARY KEY (source, key)
) WITHOUT ROWID;
DROP TRIGGER IF EXISTS links_change;
CREATE TRIGGER links_change AFTER UPDATE OF state ON links WHEN old.state <> new.state
BEGIN
    INSERT OR IGNORE INTO unreported (source, key) VALUES (new.source, new.key);
END;

-- Answered links whose pages stand in segments that the database may not have yet: with a segment that is lost before
-- it is merged, they are asked for again.
CREATE TABLE IF NOT EXISTS awaited (
    key       TEXT PRIMARY KEY,       -- as in links
    source    TEXT NOT NULL,
    segment   TEXT NOT NULL,          -- its name, as the database has it
    is_known  INTEGER NOT NULL,       -- an article was read from the link before
    is_wanted INTEGER NOT NULL,       -- it stood in wanted, with these days
    since     TEXT,
    until     TEXT
) WITHOUT ROWID;

-- Runs whose row the database does not have: those under way, and those that ended without one.
CREATE TABLE IF NOT EXISTS runs (
    crawl_id    TEXT PRIMARY KEY,
    source      TEXT NOT NULL,
    started_at  TEXT NOT NULL,        -- by the machine's clock
    finished_at TEXT,                 -- null: under way, or killed
    message     TEXT,                 -- why it ended without a row; null when finished_at is
    fault       TEXT                  -- what of this machine was the cause; null: nothing of it
) WITHOUT ROWID;

-- The last look at each source's site: what `crawler.verify.look` found. The table before it had no differences.
DROP TABLE IF EXISTS looks;
CREATE TABLE IF NOT EXISTS first_contacts (
    source      TEXT PRIMARY KEY,
    at          TEXT NOT NULL,
    works       INTEGER NOT NULL,     -- an article could be read
    differences TEXT NOT NULL,        -- from the source file: a JSON list of sentences
    theme       TEXT                  -- of its pages; null: none was named
) WITHOUT ROWID;

-- What needed attention at the last harvest stood here; the database has it, as incidents.
DROP TABLE IF EXISTS attention;
