-- When each source file was last held against the live site, and what differed.
ALTER TABLE kept.sources ADD COLUMN IF NOT EXISTS verified_at TIMESTAMPTZ;
ALTER TABLE kept.sources ADD COLUMN IF NOT EXISTS differences VARCHAR[];
