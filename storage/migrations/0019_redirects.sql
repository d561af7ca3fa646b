-- When an address was first seen to redirect to the one that served the article. Null: the claim is no redirect, or
-- was noted before this was.
ALTER TABLE kept.claims ADD COLUMN IF NOT EXISTS led_at TIMESTAMPTZ;
