-- Which rules a segment was last read by: `scrapy reprocess` reads it again when they are others.
ALTER TABLE kept.segments ADD COLUMN IF NOT EXISTS read_by VARCHAR;
