-- An archive as years of harvests leave it: $count articles from number $first on, 1,400 a day, in the order of their arrival; every
-- tenth is of an earlier day, as a backfill brings it. No two texts are alike: each has twelve sentences of a pool of many. Every
-- thirtieth was edited once, every fiftieth is a copy of a neighbour. Bands are drawn by number: nobody shares one by chance.

CREATE OR REPLACE TEMP TABLE made AS
SELECT i, md5(i::VARCHAR)[:16] AS article_id, 'outlet_' || printf('%02d', hash(i) % 40) AS source,
       source || '.example/' || strftime(arrived, '%Y/%m/%d') || '/' || string_split(title, ' ')[1:6].array_to_string('-').lower() || '-' || i AS path,
       title, text, arrived,
       arrived - CASE WHEN i % 10 = 3 THEN to_days((hash(i + 5) % 400)::INTEGER) ELSE to_minutes((hash(i + 5) % 300)::INTEGER) END AS published,
       CASE WHEN i % 50 = 49 THEN md5((i - 1 - hash(i) % 40)::VARCHAR)[:16] END AS original_id,
       1 + (i % 30 = 0)::INTEGER AS versions
FROM (
    SELECT i, TIMESTAMPTZ '2023-01-01 00:00:00+08' + to_milliseconds((i * 86_400_000 // 1_400)::BIGINT) AS arrived,
           string_agg(p.words, ' ' ORDER BY k) FILTER (k > 0) AS text, any_value(p.words) FILTER (k = 0) AS headline,
           array_to_string(string_split(headline, ' ')[:9], ' ') AS title
    FROM (SELECT i, k, hash(i * 13 + k) % $pool::UBIGINT AS number FROM range($first, $first + $count) r(i), range(0, 13) s(k))
    JOIN pool p USING (number)
    GROUP BY i
);

INSERT INTO kept.versions BY NAME
SELECT article_id, v AS version, CASE v WHEN 1 THEN 'published' ELSE 'edited' END AS version_reason, 'page' AS document,
       source, source || '.example' AS host, 'https://' || path || '/' AS url, title, text[:140] AS description,
       text || CASE v WHEN 1 THEN '' ELSE ' Diperbarui.' END AS text,
       ['Penulis ' || hash(i + 11) % 300] AS authors, ['Penyunting ' || hash(i + 12) % 60] AS editors, ['pilkada', 'kota ' || i % 50] AS tags,
       'Bagian ' || i % 8 AS section, 'Samarinda' AS dateline,
       'https://' || source || '.example/gambar/' || strftime(published, '%Y/%m') || '/' || hash(i)::VARCHAR || '.jpg' AS image_url,
       published AS published_at, published AS modified_at, published::DATE AS published_on, 'second' AS published_precision,
       strftime(published, '%Y-%m-%dT%H:%M:%S+08:00') AS published_raw, 'json-ld' AS published_from, false AS published_conflict,
       i % 25 = 0 AS is_advertorial, CASE WHEN i % 25 = 0 THEN 'text' END AS advertorial_from, true AS is_complete, 'id' AS language,
       0.99999 AS language_confidence, len(string_split(text, ' ')) AS word_count, arrived + to_hours(v) AS fetched_at,
       md5(i::VARCHAR || v) AS fingerprint, md5('w' || i || v)[:16] AS wording, '6-0123456789' AS rules_version,
       CASE WHEN v > 1 THEN 'wording' END AS edit_kind, CASE WHEN v > 1 THEN 0.01 END AS edit_share, 0 AS versions_left_out,
       source || '/' || strftime(arrived, '%Y%m%dT%H0000') || '-1.warc.gz' AS segment, (hash(i) % 4_000_000)::BIGINT AS record_offset,
       v = m.versions AS is_newest, CASE WHEN v = m.versions THEN arrived + to_hours(1) END AS first_seen_at,
       CASE WHEN v = m.versions THEN arrived + to_hours(24) END AS last_seen_at,
       CASE WHEN v = m.versions THEN coalesce(least(original_id, article_id), article_id) END AS story_id,
       CASE WHEN v = m.versions THEN original_id END AS duplicate_of
FROM made m, range(1, m.versions + 1) r(v) ORDER BY i, v;

INSERT INTO kept.readings BY NAME
SELECT article_id, document, title, fingerprint, rules_version, is_complete, segment, record_offset, wording, NULL AS text, authors, editors,
       published_at, published_precision, published_from
FROM kept.versions WHERE is_newest AND article_id IN (SELECT article_id FROM made);

INSERT INTO kept.keys BY NAME
SELECT unnest(['url:' || path, 'text:' || source || ':' || md5(i::VARCHAR || '1')]) AS key, article_id, md5_number_lower(key) AS number
FROM made ORDER BY i;

INSERT INTO kept.claims BY NAME
SELECT 'id:' || source || '.example:' || i AS key, article_id, md5_number_lower(key) AS number FROM made WHERE i % 2 = 0 ORDER BY i;

INSERT INTO kept.bands
SELECT article_id, published::DATE, list_transform(range(16), lambda b: (hash(i * 16 + b) >> 32)::UINTEGER) FROM made ORDER BY i;

INSERT INTO kept.pairs SELECT least(article_id, original_id), greatest(article_id, original_id), 0.9, 0.95 FROM made WHERE original_id IS NOT NULL;
INSERT INTO kept.copies SELECT article_id, original_id, 0.9, 0.95 FROM made WHERE original_id IS NOT NULL;

INSERT INTO kept.fetches
SELECT 'https://' || path || '/', source, arrived + to_hours(1), 200, 60_000 + (hash(i) % 90_000)::BIGINT, 'article' FROM made ORDER BY i;
INSERT INTO kept.sightings SELECT 'url:' || path, arrived + to_hours(h::BIGINT) FROM made, (VALUES (1), (24)) t(h) ORDER BY i;
INSERT INTO kept.absences SELECT source, 'url:' || path, 'https://' || path || '/', arrived + to_hours(24), '404' FROM made WHERE i % 200 = 7 ORDER BY i;
INSERT INTO kept.links SELECT path, source, 'fetched', arrived::DATE, NULL FROM made ORDER BY i;
INSERT INTO kept.segments BY NAME
SELECT DISTINCT source || '/' || strftime(arrived, '%Y%m%dT%H0000') || '-1.warc.gz' AS segment, date_trunc('hour', arrived) AS merged_at, '6-0123456789' AS read_by
FROM made ORDER BY merged_at, segment;

INSERT INTO kept.article_places
SELECT article_id, 'ID-' || (hash(i * 4 + p) % 514)::VARCHAR, 1, p = 0 FROM made, range(0, 4) r(p) ORDER BY i, p;
INSERT INTO kept.actor_mentions
SELECT article_id, 'tokoh-' || (hash(i * 2 + p) % 200)::VARCHAR, source, published::DATE, false, p = 0, 2, 1, 40, 0.2 FROM made, range(0, 2) r(p) ORDER BY i, p;

-- Words by Zipf's law: the rank of a word is drawn evenly by its logarithm, of a vocabulary that grows with the archive.
INSERT INTO kept.search_documents SELECT i::INTEGER, article_id, 200, 9 FROM made ORDER BY i;
INSERT INTO kept.search_words
SELECT w, word, word, true, false, md5_number_lower(word), md5_number_lower(word)
FROM (SELECT w, 'kata' || w AS word FROM range((SELECT coalesce(max(word_id), 0) + 1 FROM kept.search_words), $words) r(w));
INSERT INTO kept.search_postings
SELECT word_id, i, 1 + (hash(i * 100 + word_id) % 3)::INTEGER, 0
FROM (SELECT DISTINCT i, floor(exp(ln($words - 1) * (hash(i * 110 + k) % 1_000_000) / 1_000_000))::INTEGER AS word_id FROM made, range(0, 110) r(k))
ORDER BY i // 8_000, word_id, i;
