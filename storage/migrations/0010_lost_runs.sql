-- Of a run that was killed only its source and its beginning are known.
ALTER TABLE kept.crawls ALTER COLUMN requests DROP NOT NULL;
ALTER TABLE kept.crawls ALTER COLUMN discovered DROP NOT NULL;
ALTER TABLE kept.crawls ALTER COLUMN fetched DROP NOT NULL;
ALTER TABLE kept.crawls ALTER COLUMN stored DROP NOT NULL;
ALTER TABLE kept.crawls ALTER COLUMN known DROP NOT NULL;
ALTER TABLE kept.crawls ALTER COLUMN rejected DROP NOT NULL;
ALTER TABLE kept.crawls ALTER COLUMN failed DROP NOT NULL;
ALTER TABLE kept.crawls ALTER COLUMN pending DROP NOT NULL;
