-- A generated archive: $articles articles of 40 outlets in 300 days, each of 12 sentences of $sentences drawn by its
-- number. No two texts are alike. Every thirtieth article has an edited version, every twentieth is a copy.

CREATE TEMP TABLE made AS
SELECT i, 'id' || printf('%09d', hash(i) % 1000000000) || i AS article_id,
       'outlet_' || printf('%02d', hash(i + 7) % 40) AS source,
       TIMESTAMPTZ '2024-02-01 00:00:00+08' + to_seconds((hash(i + 3) % (300 * 86400))::BIGINT) AS moment,
       CASE WHEN i % 20 = 0 THEN i - 1 - hash(i) % 19 ELSE i END AS original,
       'id' || printf('%09d', hash(original) % 1000000000) || original AS original_id,
       1 + (i % 30 = 0)::INTEGER AS versions
FROM range(1, $articles + 1) r(i);

INSERT INTO kept.copies
SELECT article_id, original_id, 0.9, 0.95 FROM made WHERE i <> original;

INSERT INTO kept.versions BY NAME
SELECT article_id, v AS version, CASE v WHEN 1 THEN 'published' ELSE 'edited' END AS version_reason, 'page' AS document,
       source, source || '.example' AS host, 'https://' || source || '.example/berita-' || i || '/' AS url,
       array_to_string(string_split($sentences[1 + (hash(original) % len($sentences))::INTEGER], ' ')[:9], ' ') AS title,
       NULL AS description,
       array_to_string(list_transform(range(1, 13), lambda k:
           $sentences[1 + (hash(original * 100 + k) % len($sentences))::INTEGER]
           || CASE WHEN k % 3 = 0 THEN ' ' || hash(original * 7 + k) % 100000 ELSE '' END
           || CASE WHEN k % 4 = 0 THEN '.' || chr(10) ELSE '. ' END), '') || CASE v WHEN 1 THEN '' ELSE ' Diperbarui.' END AS text,
       ['Penulis ' || hash(i + 11) % 300] AS authors, [] AS editors, ['pilkada', 'kota ' || i % 50] AS tags,
       'Bagian ' || i % 8 AS section, 'Samarinda' AS dateline,
       moment AS published_at, moment::DATE AS published_on, 'second' AS published_precision, moment::VARCHAR AS published_raw,
       'json-ld' AS published_from, false AS published_conflict, i % 25 = 0 AS is_advertorial,
       CASE WHEN i % 25 = 0 THEN 'text' END AS advertorial_from, true AS is_complete, 'id' AS language,
       0.99999 AS language_confidence, 200 + i % 70 AS word_count, moment + to_hours(v) AS fetched_at,
       md5(original::VARCHAR) AS fingerprint, '6' AS rules_version,
       CASE WHEN v > 1 THEN 'wording' END AS edit_kind, CASE WHEN v > 1 THEN 0.01 END AS edit_share, 0 AS versions_left_out,
       v = m.versions AS is_newest, CASE WHEN v = m.versions THEN moment END AS first_seen_at,
       CASE WHEN v = m.versions THEN moment + INTERVAL 1 DAY END AS last_seen_at,
       CASE WHEN v = m.versions THEN original_id END AS story_id,
       CASE WHEN v = m.versions AND i <> original THEN original_id END AS duplicate_of
FROM made m, range(1, m.versions + 1) r(v) ORDER BY m.moment;
