-- When each source file was last held against the live site, and what differed.
ALTER TABLE kept.sources ADD COLUMN verified_at TIMESTAMPTZ;
ALTER TABLE kept.sources ADD COLUMN differences VARCHAR[];
