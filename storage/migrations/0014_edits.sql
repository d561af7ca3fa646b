-- What an edit is, and how much of the text it changed. Null: the version is no edit, or what it changed is not kept.
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS edit_kind VARCHAR;
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS edit_share DOUBLE;
-- Of the words, figures and signs of a version's text: equal for texts that differ in typography only. Null: not noted.
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS wording VARCHAR;
-- Versions between the one before and this one that are not kept. Null: nobody knows, for a Kabar before this one kept
-- none after the twentieth.
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS versions_left_out INTEGER DEFAULT 0;
UPDATE kept.versions SET versions_left_out = NULL WHERE version >= 20;

-- What the last reading of each kind said, as far as a change of it is an edit. Of one from before this was noted the
-- version that it became tells; `authors` is null where none does.
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS wording VARCHAR;               -- null: not noted
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS text VARCHAR;                  -- null: the newest version of its kind has it
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS authors VARCHAR[];             -- null: not noted, nor editors and date
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS editors VARCHAR[];
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS published_at TIMESTAMPTZ;
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS published_precision VARCHAR;
ALTER TABLE kept.readings ADD COLUMN IF NOT EXISTS published_from VARCHAR;
UPDATE kept.readings r SET
    authors = v.said.authors,
    editors = v.said.editors,
    published_at = CASE WHEN v.said.published_from IN ('feed', 'sitemap') AND r.document <> 'feed' THEN NULL ELSE v.said.published_at END,
    published_precision = v.said.published_precision,
    published_from = v.said.published_from
FROM (
    SELECT article_id, document, fingerprint, arg_max({
        'authors': authors, 'editors': editors, 'published_at': published_at,
        'published_precision': published_precision, 'published_from': published_from}, version) AS said
    FROM kept.versions GROUP BY ALL) v
WHERE v.article_id = r.article_id AND v.document = r.document AND v.fingerprint = r.fingerprint;
