-- Whether the user follows the outlet (setting FOLLOW), as of the last crawl, harvest or merge.
ALTER TABLE kept.sources ADD COLUMN followed BOOLEAN;
UPDATE kept.sources SET followed = enabled;
