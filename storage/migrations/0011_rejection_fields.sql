-- What a rejection means for its link stands in fields of its own: `detail` is for people.
ALTER TABLE kept.rejections ADD COLUMN IF NOT EXISTS retry BOOLEAN DEFAULT false;
ALTER TABLE kept.rejections ADD COLUMN IF NOT EXISTS day DATE;
ALTER TABLE kept.rejections ADD COLUMN IF NOT EXISTS status INTEGER;
UPDATE kept.rejections SET
    retry = coalesce(starts_with(detail, 'for now: '), false),
    day = CASE WHEN reason = 'out_of_window' THEN try_cast(detail AS DATE) END,
    status = CASE WHEN reason = 'http_error' THEN try_cast(detail AS INTEGER) END;
