-- What holds for an article whatever its version stands with its newest version, so that a question about articles reads
-- one table and joins none. It is null in the versions before.
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS is_newest BOOLEAN DEFAULT false;
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS first_seen_at TIMESTAMPTZ;  -- earliest fetch
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS last_seen_at TIMESTAMPTZ;   -- latest successful answer, an unchanged one included
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS removed_at TIMESTAMPTZ;     -- the first of two looks that agreed; null: not found gone
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS moved_to VARCHAR;           -- where it is served now; null: at the version's address
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS story_id VARCHAR;           -- smallest article_id of its group of copies
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS duplicate_of VARCHAR;       -- earliest copy; null when this is it
UPDATE kept.versions v SET
    is_newest = true,
    source = a.source,
    first_seen_at = a.first_seen_at,
    last_seen_at = a.last_seen_at,
    removed_at = a.removed_at,
    moved_to = a.moved_to,
    story_id = a.story_id,
    duplicate_of = a.duplicate_of
FROM kept.articles a WHERE v.article_id = a.article_id AND v.version = a.version;
DROP TABLE kept.articles;
CREATE VIEW kept.articles AS FROM kept.versions WHERE is_newest;
