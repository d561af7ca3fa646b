-- Where the page of an article's last reading is archived, so that it can be read again before a look by other rules
-- is compared with it. Null: in no segment, or read before this was noted and no version tells.
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS segment VARCHAR;
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS record_offset BIGINT;
UPDATE kept.readings r SET segment = v.place.segment, record_offset = v.place.record_offset FROM (
    SELECT article_id, document, fingerprint,
           arg_max({'segment': segment, 'record_offset': record_offset}, version) AS place
    FROM kept.versions GROUP BY ALL) v
WHERE v.article_id = r.article_id AND v.document = r.document AND v.fingerprint = r.fingerprint;
