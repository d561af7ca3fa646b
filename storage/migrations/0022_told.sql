-- When whoever runs this was told of an incident. Null: not yet, for it came back soon after it had closed.
ALTER TABLE kept.incidents ADD COLUMN IF NOT EXISTS told_at TIMESTAMPTZ;
UPDATE kept.incidents SET told_at = opened_at;
