-- How much of a quiet segment is merged: it grows from run to run. Null: the segment never grows, and all of it is.
ALTER TABLE kept.segments ADD COLUMN merged_bytes BIGINT;
