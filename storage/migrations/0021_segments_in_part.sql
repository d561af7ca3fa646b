-- How much of a quiet segment is merged: it grows from run to run. Null: the segment never grows, and all of it is.
ALTER TABLE kept.segments ADD COLUMN IF NOT EXISTS merged_bytes BIGINT;

-- When the file was taken out of the archive, and where it was moved to. Null: it is there; it was removed.
ALTER TABLE kept.segments ADD COLUMN IF NOT EXISTS pruned_at TIMESTAMPTZ;
ALTER TABLE kept.segments ADD COLUMN IF NOT EXISTS moved_to VARCHAR;
