-- A reading knows whether it had all parts of its article: one that misses a part is no edit.
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS is_complete BOOLEAN DEFAULT true;
UPDATE kept.readings SET is_complete = false WHERE (article_id, document, fingerprint) IN
    (SELECT (article_id, document, fingerprint) FROM kept.versions WHERE NOT is_complete);
