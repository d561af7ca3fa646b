-- Questions with an argument. They are defined twice: in news.duckdb, and by kabar.sql in a session that
-- attaches it, for a macro's tables are looked up from where it is called.

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


CREATE OR REPLACE {macro}recurring_lines(outlet, least := 3) AS TABLE
WITH told AS (
    SELECT url, story_id, published_on, string_split(text, chr(10)) AS lines
    FROM {tables}kept.articles WHERE source = outlet
), placed AS (
    SELECT url, story_id, published_on, len(lines) AS places,
           unnest(lines) AS line, generate_subscripts(lines, 1) AS place
    FROM told
)
SELECT * FROM (
    SELECT regexp_replace(line, '[0-9]+', '#', 'g') AS form,
           count(DISTINCT story_id) AS articles,
           count(DISTINCT story_id) / (SELECT count(DISTINCT story_id) FROM told) AS share,
           avg((place > 1 AND place >= places - 1)::INTEGER) AS at_end,
           min(published_on) AS first_on,
           max(published_on) AS last_on,
           min(line) AS example,
           list(url ORDER BY published_on DESC, url)[:3] AS urls
    FROM placed GROUP BY form
) WHERE articles >= least ORDER BY articles DESC, form;


-- The denominators are those of coverage_daily over a span: what is stored, what the outlet lists, where anybody looked.
CREATE OR REPLACE {macro}share_of_voice(kind, since, until) AS TABLE
WITH asked AS (
    SELECT kind::VARCHAR AS wanted, since::DATE AS first, until::DATE AS last
), stored AS (
    SELECT a.article_id, a.source, coalesce(a.published_on, (a.first_seen_at AT TIME ZONE coalesce(s.timezone, 'Asia/Jakarta'))::DATE) AS day
    FROM {tables}kept.articles a LEFT JOIN {tables}kept.sources s ON s.source = a.source
), looked AS (
    SELECT DISTINCT source, unnest(generate_series(greatest(covered_from, DATE '1995-01-01'), least(covered_to, (now() + INTERVAL 1 DAY)::DATE), INTERVAL 1 DAY))::DATE AS day
    FROM {tables}kept.crawls WHERE covered_to >= DATE '1995-01-01' AND covered_from <= (now() + INTERVAL 1 DAY)::DATE
), span AS (
    SELECT coalesce(first, least((SELECT min(day) FROM looked), (SELECT min(day) FROM stored))) AS first,
           coalesce(last, greatest((SELECT max(day) FROM looked), (SELECT max(day) FROM stored))) AS last
    FROM asked
), collected AS (
    SELECT source, count(*) AS collected FROM stored, span WHERE day BETWEEN first AND last GROUP BY ALL
), visited AS (
    SELECT l.source, count(*) AS days_looked, CASE WHEN count(p.published) = count(*) THEN sum(p.published)::BIGINT END AS published
    FROM looked l CROSS JOIN span LEFT JOIN {tables}kept.published p ON p.source = l.source AND p.day = l.day
    WHERE l.day BETWEEN span.first AND span.last GROUP BY ALL
), voices AS (
    SELECT m.actor_id, w.name AS actor, m.source, count(*) AS articles, sum(m.words)::BIGINT AS paragraph_words
    FROM {tables}kept.actor_mentions m
    JOIN stored a ON a.article_id = m.article_id
    JOIN {tables}kept.actors w ON w.actor_id = m.actor_id
    CROSS JOIN span CROSS JOIN asked
    WHERE a.day BETWEEN span.first AND span.last AND w.kind = asked.wanted
    GROUP BY ALL
)
SELECT v.actor_id, v.actor, v.source, v.articles, v.paragraph_words AS words,
       CASE WHEN sum(v.paragraph_words) OVER (PARTITION BY v.source) > 0 THEN v.paragraph_words / sum(v.paragraph_words) OVER (PARTITION BY v.source) END AS share_of_words,
       c.collected, l.published, coalesce(l.days_looked, 0) AS days_looked, span.last - span.first + 1 AS days
FROM voices v CROSS JOIN span
LEFT JOIN collected c ON c.source = v.source
LEFT JOIN visited l ON l.source = v.source
ORDER BY v.source, words DESC, v.actor_id;


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
    SELECT DISTINCT source, unnest(generate_series(greatest(covered_from, DATE '1995-01-01'), least(covered_to, (now() + INTERVAL 1 DAY)::DATE), INTERVAL 1 DAY))::DATE AS day
    FROM {tables}kept.crawls WHERE covered_to >= DATE '1995-01-01' AND covered_from <= (now() + INTERVAL 1 DAY)::DATE
)
SELECT f.source, f.published_on, f.articles, c.collected, p.published,
       CASE WHEN f.published_on IS NOT NULL THEN (l.day IS NOT NULL)::INTEGER END AS days_looked,
       CASE WHEN f.published_on IS NOT NULL THEN 1 END AS days
FROM found f
JOIN collected c ON c.source = f.source AND c.published_on IS NOT DISTINCT FROM f.published_on
LEFT JOIN looked l ON l.source = f.source AND l.day = f.published_on
LEFT JOIN {tables}kept.published p ON p.source = f.source AND p.day = f.published_on
ORDER BY f.source, f.published_on;
