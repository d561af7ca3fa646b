-- Questions with an argument. They are defined twice: in news.duckdb, and by kabar.sql in a session that
-- attaches it, for a macro's tables are looked up from where it is called. A macro calls another by its bare
-- name; that one stands before it, and none of its own names are the caller's.

-- What every macro that counts is held against. The days are inclusive; null: from the first, to the last day
-- that any run looked at, and where none did, that an article has.
CREATE OR REPLACE {macro}collection(since, until) AS TABLE
WITH collection_span AS (
    SELECT coalesce((since)::DATE, (SELECT min(covered_from) FROM {tables}kept.covered), (SELECT min(day) FROM {tables}kept.article_days)) AS first,
           coalesce((until)::DATE, (SELECT max(covered_to) FROM {tables}kept.covered), (SELECT max(day) FROM {tables}kept.article_days)) AS last
), collection_day AS (
    SELECT DISTINCT source, unnest(generate_series(greatest(l.covered_from, p.first), least(l.covered_to, p.last), INTERVAL 1 DAY))::DATE AS day
    FROM {tables}kept.covered l, collection_span p WHERE l.covered_from <= p.last AND l.covered_to >= p.first
), collection_looked AS (
    SELECT d.source, count(*) AS days_looked, CASE WHEN count(p.published) = count(*) THEN sum(p.published)::BIGINT END AS published
    FROM collection_day d LEFT JOIN {tables}kept.published p ON p.source = d.source AND p.day = d.day
    GROUP BY ALL
), collection_stored AS (
    SELECT source, count(*) FILTER (day BETWEEN first AND last) AS collected FROM {tables}kept.article_days, collection_span GROUP BY ALL
), collection_row AS (
    SELECT n.source, coalesce(s.followed, false) AS followed, coalesce(c.collected, 0) AS collected, l.published,
           coalesce(l.days_looked, 0) AS days_looked, p.last - p.first + 1 AS days
    FROM (SELECT source FROM {tables}kept.crawls UNION SELECT source FROM collection_stored) n
    CROSS JOIN collection_span p
    LEFT JOIN {tables}kept.sources s ON s.source = n.source
    LEFT JOIN collection_looked l ON l.source = n.source
    LEFT JOIN collection_stored c ON c.source = n.source
    WHERE p.first <= p.last
)
SELECT source, followed, collected, published, days_looked, days,
       CASE WHEN published > 0 AND collected / published < days_looked / days THEN collected / published
            ELSE days_looked / days END AS coverage
FROM collection_row ORDER BY source;


CREATE OR REPLACE {macro}thinly_covered(since, until, least := 0.8) AS TABLE
SELECT * FROM collection(since, until) WHERE coverage < least ORDER BY coverage, source;


CREATE OR REPLACE {macro}silent_on(story) AS TABLE
WITH silent_asked AS (
    SELECT story_id FROM {tables}kept.articles WHERE story_id = story OR article_id = story
    UNION
    SELECT a.story_id FROM {tables}kept.keys k JOIN {tables}kept.articles a ON a.article_id = k.article_id
    WHERE k.key = 'url:' || rtrim(regexp_replace(story, '^https?://(www\.)?', ''), '/')
), silent_carrier AS (
    SELECT a.source, coalesce(s.province, s.region) AS place, a.duplicate_of IS NULL AS is_original, d.day
    FROM silent_asked q
    JOIN {tables}kept.articles a ON a.story_id = q.story_id
    JOIN {tables}kept.article_days d ON d.article_id = a.article_id
    LEFT JOIN {tables}kept.sources s ON s.source = a.source
), silent_place AS (
    -- That of the original's outlet; where it has none, those of all that carried the story.
    SELECT DISTINCT place FROM silent_carrier
    WHERE place IS NOT NULL
      AND (is_original OR NOT EXISTS (SELECT 1 FROM silent_carrier WHERE is_original AND place IS NOT NULL))
), silent_day AS (
    SELECT coalesce(min(day) FILTER (is_original), min(day)) AS day FROM silent_carrier
)
SELECT c.source, s.title, s.region, d.day, c.collected, c.published, c.days_looked, c.days
FROM silent_day d
CROSS JOIN collection((SELECT day FROM silent_day), (SELECT day FROM silent_day)) c
JOIN {tables}kept.sources s ON s.source = c.source
WHERE d.day IS NOT NULL AND c.days_looked > 0 AND (c.collected > 0 OR c.published > 0)
  AND coalesce(s.province, s.region) IN (SELECT place FROM silent_place)
  AND c.source NOT IN (SELECT source FROM silent_carrier)
ORDER BY c.source;


CREATE OR REPLACE {macro}article_history(article) AS TABLE
WITH asked AS (
    SELECT article_id FROM {tables}kept.articles WHERE article_id = article
    UNION
    SELECT article_id FROM {tables}kept.keys
    WHERE key = 'url:' || rtrim(regexp_replace(article, '^https?://(www\.)?', ''), '/')
    UNION
    SELECT article_id FROM {tables}kept.versions WHERE url = article
), pairs AS (
    SELECT v.*,
           string_split(v.text, chr(10)) AS paragraphs,
           lag(v.title) OVER in_order AS title_before,
           lag(string_split(v.text, chr(10))) OVER in_order AS paragraphs_before
    FROM {tables}kept.versions v JOIN asked USING (article_id)
    WINDOW in_order AS (PARTITION BY v.article_id ORDER BY v.version)
)
SELECT article_id, version, version_reason, edit_kind, edit_share, versions_left_out, fetched_at, modified_at, title,
       CASE WHEN paragraphs_before IS NOT NULL THEN array_to_string(
           CASE WHEN title IS DISTINCT FROM title_before
                THEN ['- ' || coalesce(title_before, ''), '+ ' || coalesce(title, '')] ELSE [] END
           || list_transform(list_filter(paragraphs_before, lambda p: NOT list_contains(paragraphs, p)), lambda p: '- ' || p)
           || list_transform(list_filter(paragraphs, lambda p: NOT list_contains(paragraphs_before, p)), lambda p: '+ ' || p),
           chr(10)) END AS diff,
       text
FROM pairs ORDER BY article_id, version;


CREATE OR REPLACE {macro}articles_as_of(instant) AS TABLE
SELECT article_id, source, host, url, title, description, text, authors, editors, tags, section, dateline, image_url, credited_source,
       published_at, modified_at, published_on, published_precision, published_raw, published_from, published_conflict,
       is_advertorial, advertorial_from, advertorial_sponsor, is_complete, language, language_confidence, word_count,
       fetched_at, min(fetched_at) OVER of_article AS first_seen_at, count(*) OVER of_article AS versions, notice_type, fingerprint
FROM {tables}kept.known_versions WHERE known_at <= (instant)::TIMESTAMPTZ
WINDOW of_article AS (PARTITION BY article_id)
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY fetched_at DESC, version DESC) = 1
ORDER BY article_id;


CREATE OR REPLACE {macro}recurring_lines(outlet, least := 3) AS TABLE
WITH told AS (
    SELECT url, story_id, published_on, string_split(text, chr(10)) AS lines
    FROM {tables}kept.articles WHERE source = outlet
), placed AS (
    SELECT url, story_id, published_on, len(lines) AS places,
           unnest(lines) AS line, generate_subscripts(lines, 1) AS place
    FROM told
)
SELECT found.*, c.collected, c.published, c.days_looked, c.days FROM (
    SELECT regexp_replace(line, '[0-9]+', '#', 'g') AS form,
           count(DISTINCT story_id) AS articles,
           count(DISTINCT story_id) / (SELECT count(DISTINCT story_id) FROM told) AS share,
           avg((place > 1 AND place >= places - 1)::INTEGER) AS at_end,
           min(published_on) AS first_on,
           max(published_on) AS last_on,
           min(line) AS example,
           list(url ORDER BY published_on DESC, url)[:3] AS urls
    FROM placed GROUP BY form
) found
LEFT JOIN collection((SELECT min(published_on) FROM told), (SELECT max(published_on) FROM told)) c ON c.source = outlet
WHERE articles >= least ORDER BY articles DESC, form;


CREATE OR REPLACE {macro}search_articles(words, best := NULL) AS TABLE
SELECT article_id, source, published_at, title, url, score, {snippet} AS snippet
FROM (
    -- In order first: of what is not shown no text is searched.
    SELECT *, {found_at} AS found_at
    FROM (
        SELECT w.article_id, a.source, a.published_at, a.title, coalesce(a.moved_to, a.url) AS url, w.score, a.text, w.word
        FROM (
-- Within: DuckDB 1.5 leaves out no column above what is materialized, so whoever asks for ids alone would wait for all snippets.
WITH parts AS (
    -- A pattern that knows all letters takes longer to compile than a word takes to find: few questions need it.
    SELECT CASE WHEN strlen(folded) = length(folded) THEN regexp_extract_all(folded, '[a-z]+|[0-9]+(?:[.,][0-9]+)*')
                ELSE regexp_extract_all(folded, pattern) END AS parts
    FROM (SELECT lower(strip_accents(words::VARCHAR)) AS folded, unnest(['{word}']) AS pattern)
), pairs AS (
    -- Two words that others write as one: mas ud, kulon progo.
    SELECT parts, list_transform(range(1, len(parts)), lambda i: parts[i] || parts[i + 1]) AS pairs FROM parts
), asked AS (
    SELECT
        unnest(range(1, len(parts) + 1) || range(1, len(parts)) || range(2, len(parts) + 1)) AS slot,
        len(parts) AS slots,
        unnest(parts || pairs || pairs) AS word,
        false AS is_exact
    FROM pairs
)
{ranking}
-- Which articles they are is asked of those alone that may be among the best, all equals of the last with them.
SELECT d.article_id, r.score, s.word
FROM ranked r JOIN {tables}kept.search_documents d USING (document) LEFT JOIN words_shown s ON s.letters = r.shown & ({most_words} - 1)
WHERE r.score >= (SELECT min(score) FROM (SELECT score FROM ranked ORDER BY score DESC LIMIT best))
        ) w JOIN {tables}kept.articles a USING (article_id)
        ORDER BY w.score DESC, a.published_at DESC NULLS LAST, w.article_id
        LIMIT best
    )
);


CREATE OR REPLACE {macro}share_of_voice(kind, since, until) AS TABLE
WITH voice_asked AS (
    SELECT kind::VARCHAR AS wanted, since::DATE AS first, until::DATE AS last
), voice AS (
    SELECT m.actor_id, w.name AS actor, m.source, count(*) AS articles, sum(m.words)::BIGINT AS words
    FROM {tables}kept.actor_mentions m
    JOIN {tables}kept.article_days a ON a.article_id = m.article_id
    JOIN {tables}kept.actors w ON w.actor_id = m.actor_id
    CROSS JOIN voice_asked q
    WHERE (q.first IS NULL OR a.day >= q.first) AND (q.last IS NULL OR a.day <= q.last) AND w.kind = q.wanted
    GROUP BY ALL
)
SELECT v.actor_id, v.actor, v.source, v.articles, v.words,
       CASE WHEN sum(v.words) OVER (PARTITION BY v.source) > 0 THEN v.words / sum(v.words) OVER (PARTITION BY v.source) END AS share_of_words,
       c.collected, c.published, c.days_looked, c.days
FROM voice v LEFT JOIN collection((SELECT first FROM voice_asked), (SELECT last FROM voice_asked)) c ON c.source = v.source
ORDER BY v.source, v.words DESC, v.actor_id;


CREATE OR REPLACE {macro}mentions(words) AS TABLE
WITH spelled AS (
    SELECT trim(regexp_replace(translate(words::VARCHAR, '’‘ʼ`´', ''''''''''''), '[\s\p{Z}]+', ' ', 'g')) AS phrase
), asked AS (
    -- An apostrophe and a space stand for all of their kind; between letters an apostrophe joins. The longest run of letters is looked for first, being fast.
    SELECT '(?i)(?:^|[^\pL\pN_''’‘ʼ`´]|(?:^|[^\pL])[''’‘ʼ`´])' || replace(replace(regexp_escape(phrase), '\''', '[''’‘ʼ`´]'), '\ ', '[\s\p{Z}]+') || '(?:$|[^\pL\pN_''’‘ʼ`´]|[''’‘ʼ`´](?:$|[^\pL]))' AS pattern,
           (SELECT arg_max(run, length(run)) FROM (SELECT unnest(regexp_extract_all(lower(phrase), '[\pL\pN]+')) AS run)) AS longest
    FROM spelled
), stored AS (
    SELECT source, published_on, coalesce(title, '') || chr(10) || text AS told FROM {tables}kept.articles
), found AS (
    SELECT source, published_on, count(*) AS articles
    FROM stored CROSS JOIN asked WHERE contains(lower(told), longest) AND regexp_matches(told, pattern)
    GROUP BY ALL
), collected AS (
    SELECT source, published_on, count(*) AS collected FROM stored GROUP BY ALL
), looked AS (
    SELECT DISTINCT source, unnest(generate_series(covered_from, covered_to, INTERVAL 1 DAY))::DATE AS day FROM {tables}kept.covered
)
SELECT f.source, f.published_on, f.articles, c.collected, p.published,
       CASE WHEN f.published_on IS NOT NULL THEN (l.day IS NOT NULL)::INTEGER END AS days_looked,
       CASE WHEN f.published_on IS NOT NULL THEN 1 END AS days
FROM found f
JOIN collected c ON c.source = f.source AND c.published_on IS NOT DISTINCT FROM f.published_on
LEFT JOIN looked l ON l.source = f.source AND l.day = f.published_on
LEFT JOIN {tables}kept.published p ON p.source = f.source AND p.day = f.published_on
ORDER BY f.source, f.published_on;


CREATE OR REPLACE {macro}quiet_days_content() AS TABLE
WITH quiet_article AS (
    SELECT a.article_id, a.source, a.published_on, a.published_at, a.title, coalesce(a.moved_to, a.url) AS url, a.text,
           a.is_advertorial, a.advertorial_from, a.advertorial_sponsor, lower(array_to_string(a.tags, ' | ')) AS tagged
    FROM {tables}kept.articles a
    JOIN {tables}kept.calendar c ON c.stage = 'quiet days' AND a.published_on BETWEEN c.first_day AND c.last_day
), quiet_told AS (
    -- What only polls are called; and a survey whose text speaks of candidates.
    SELECT *,
           '(?i)\b(elektabilitas|quick ?count|hitung cepat|exit poll|jajak pendapat)\b' AS poll,
           regexp_matches(text, '(?i)\b(elektabilitas|responden)\b')
               AND regexp_matches(text, '(?i)\b(paslon|pasangan calon|calon (gubernur|bupati|wali ?kota)|cagub|cabup|cawali|cawalkot|pilkada|pilgub|pilbup|pilwali|pilwalkot)\b') AS is_of_candidates
    FROM quiet_article
)
SELECT article_id, source, published_on, 'paid' AS kind, advertorial_from AS told_from, advertorial_sponsor AS sponsor, published_at, title, url
FROM quiet_told WHERE is_advertorial
UNION ALL
SELECT article_id, source, published_on, 'poll', told, NULL, published_at, title, url
FROM (
    SELECT *, CASE WHEN regexp_matches(coalesce(title, ''), poll) OR (is_of_candidates AND regexp_matches(coalesce(title, ''), '(?i)\bsurvei\b')) THEN 'title'
                   WHEN regexp_matches(tagged, poll) OR (is_of_candidates AND regexp_matches(tagged, '\bsurvei\b')) THEN 'tag'
                   WHEN is_of_candidates AND regexp_matches(text, '(?i)\b(survei|elektabilitas)\b') AND regexp_matches(text, '(?i)\bresponden\b') THEN 'text' END AS told
    FROM quiet_told
) WHERE told IS NOT NULL
ORDER BY published_on, source, published_at NULLS FIRST, article_id, kind;
