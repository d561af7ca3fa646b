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


CREATE OR REPLACE {macro}search_articles(words, best := NULL) AS TABLE
WITH parts AS (
    SELECT regexp_extract_all(lower(strip_accents(words::VARCHAR)), '{word}') AS parts
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
SELECT article_id, source, published_at, title, url, score, {snippet} AS snippet
FROM (
    SELECT r.article_id, a.source, a.published_at, a.title, coalesce(a.moved_to, a.url) AS url, r.score, a.text, r.shown
    FROM (FROM ranked ORDER BY score DESC, article_id LIMIT best) r
    JOIN {tables}kept.articles a USING (article_id)
    ORDER BY r.score DESC, a.published_at DESC NULLS LAST, r.article_id
);
