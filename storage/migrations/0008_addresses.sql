-- Where the outlet serves the article today, if it moved since its newest version was read. Null: it did not.
ALTER TABLE kept.articles ADD COLUMN IF NOT EXISTS moved_to VARCHAR;
