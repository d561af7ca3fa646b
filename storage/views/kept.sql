-- What several views and macros ask of the store's own tables; defined before them.

-- The days that each run looked at. No outlet published before 1995, and nobody looked at a day to come, whatever a clock
-- or an argument said.
CREATE OR REPLACE VIEW kept.covered AS
SELECT source, started_at, greatest(covered_from, DATE '1995-01-01') AS covered_from, least(covered_to, (now() + INTERVAL 1 DAY)::DATE) AS covered_to
FROM kept.crawls WHERE covered_to >= DATE '1995-01-01' AND covered_from <= (now() + INTERVAL 1 DAY)::DATE;

-- What an article says of its outlet. The day that it counts by is that of publication, without one that of the first sight,
-- in the outlet's zone. Latency: from publication to its first row here; null: no time of publication is known, or its day
-- was first looked at later.
CREATE OR REPLACE VIEW kept.article_facts AS
SELECT
    *,
    seen_on > day + 1 AS is_backfilled,
    CASE WHEN published_precision <> 'day' AND first_seen_at >= published_at AND seen_on <= day + 1
         THEN epoch(first_seen_at - published_at) END AS latency_s
FROM (
    SELECT
        a.article_id, a.source, a.story_id, a.published_at, a.published_precision, a.first_seen_at, a.word_count,
        (a.first_seen_at AT TIME ZONE coalesce(s.timezone, 'Asia/Jakarta'))::DATE AS seen_on,
        coalesce(a.published_on, seen_on) AS day,
        a.published_on IS NOT NULL AS has_date,
        len(a.authors) > 0 AS has_author,
        a.dateline IS NOT NULL AS has_dateline
    FROM kept.articles a LEFT JOIN kept.sources s ON s.source = a.source
);
CREATE OR REPLACE VIEW kept.article_days AS SELECT article_id, source, day FROM kept.article_facts;

-- The versions that outlets published, each from the instant on at which it was known here: when it was fetched, or, where its
-- page came later out of somebody's archive, when the segment that it was copied into was begun. What better rules read is none.
CREATE OR REPLACE VIEW kept.known_versions AS
SELECT
    * EXCLUDE (known_at),
    greatest(fetched_at, known_at, try_strptime(regexp_extract(segment, '/([0-9]{8}T[0-9]{6})-', 1), '%Y%m%dT%H%M%S') AT TIME ZONE 'UTC') AS known_at
FROM kept.versions WHERE version_reason <> 'reprocessed';

-- Days on which little is published in all Indonesia: holidays, joint leave, and those around Idul Fitri, when towns are empty.
-- Days of an election are holidays, too, and the press has never more to say.
CREATE OR REPLACE VIEW kept.quiet_days AS
SELECT day, arg_min(name, place) AS name FROM (
    SELECT day, name, is_joint_leave::INTEGER AS place FROM kept.holidays
    WHERE name NOT LIKE 'Hari Pemilihan%'
    UNION ALL
    SELECT (h.day + n.days * INTERVAL 1 DAY)::DATE, 'around Idul Fitri', 2
    FROM kept.holidays h, (SELECT unnest(range(-3, 8)) AS days) n WHERE h.name LIKE 'Hari Raya Idul Fitri%'
) GROUP BY day;

-- The stages of the election, as storage/calendar.csv has them.
CREATE OR REPLACE VIEW kept.calendar AS
SELECT * FROM (VALUES
    {calendar}
) AS rows(stage, first_day, last_day, legal_source);

-- Every day of an outlet that a run looked at, of the last 200 before the newest, and what was to be expected of it: what its
-- source file says, else the last eight same weekdays. Those are whole (somebody looked after they had ended), no quiet days,
-- and none while the outlet's articles were missed: else an outage would become the rule. Fewer than four expect nothing.
CREATE OR REPLACE VIEW kept.outlet_days AS
WITH span AS (
    SELECT max(covered_to) - 200 AS first FROM kept.covered
), looked AS (
    SELECT source, day, count(*) AS looks, min(started_at) AS first_look, max(started_at) AS last_look
    FROM (
        SELECT source, started_at, unnest(generate_series(greatest(covered_from, p.first), covered_to, INTERVAL 1 DAY))::DATE AS day
        FROM kept.covered, span p WHERE covered_to >= p.first
    )
    GROUP BY ALL
), stored AS (
    SELECT source, day, count(*) AS stored FROM kept.article_days, span WHERE day >= first GROUP BY ALL
), known AS (
    SELECT
        l.source,
        l.day,
        isodow(l.day) AS weekday,
        l.looks,
        p.published,
        coalesce(t.stored, 0) AS stored,
        q.name AS holiday,
        (l.first_look AT TIME ZONE coalesce(s.timezone, 'Asia/Jakarta'))::DATE > l.day + 1 AS is_backfilled,
        (l.last_look AT TIME ZONE coalesce(s.timezone, 'Asia/Jakarta'))::DATE > l.day AS is_whole
    FROM looked l
    LEFT JOIN stored t ON t.source = l.source AND t.day = l.day
    LEFT JOIN kept.published p ON p.source = l.source AND p.day = l.day
    LEFT JOIN kept.quiet_days q ON q.day = l.day
    LEFT JOIN kept.sources s ON s.source = l.source
), past AS (
    SELECT
        source, weekday, day,
        count(*) OVER eight AS days, min(stored) OVER eight AS least, max(stored) OVER eight AS most, sum(stored) OVER eight AS total
    FROM known k
    WHERE is_whole AND holiday IS NULL AND NOT EXISTS (
        SELECT 1 FROM kept.incidents i
        WHERE i.source = k.source AND i.kind IN ('silent', 'fewer_articles')
          AND k.day >= (i.opened_at - INTERVAL 2 DAY)::DATE AND (i.closed_at IS NULL OR k.day <= i.closed_at::DATE)
    )
    WINDOW eight AS (PARTITION BY source, weekday ORDER BY day ROWS BETWEEN 7 PRECEDING AND CURRENT ROW)
), expected AS (
    SELECT d.*, e.articles_least, e.articles_most,
           CASE WHEN p.days >= 4 AND p.day >= d.day - 120 THEN p.least END AS past_least,
           CASE WHEN p.days >= 4 AND p.day >= d.day - 120 THEN p.most END AS past_most,
           CASE WHEN p.days >= 4 AND p.day >= d.day - 120 THEN (p.total - p.least - p.most) / (p.days - 2) END AS past_mean
    FROM known d
    ASOF LEFT JOIN past p ON d.source = p.source AND d.weekday = p.weekday AND d.day > p.day
    LEFT JOIN kept.expectations e ON e.source = d.source
)
SELECT
    source, day, looks, published, stored, holiday, is_backfilled, is_whole,
    articles_least IS NOT NULL AS is_told,
    CASE WHEN holiday IS NULL THEN coalesce(articles_least, past_least) END AS least,
    CASE WHEN holiday IS NULL THEN coalesce(articles_most, past_most) END AS most,
    CASE WHEN holiday IS NULL AND articles_least IS NULL THEN past_mean END AS typical  -- their mean, less the least and the most of them
FROM expected;

-- Each outlet's twenty newest articles (places 1 to 20), and up to two hundred before them (21 to 220): how it is, and how it was.
-- What was read while something was broken, and on the day before that was found, is no example of how it was; nor is what came
-- with the newest (of a day, less some hours by which a harvest may be early): one harvest of a large outlet brings a hundred
-- articles, and what has changed stands in all of them.
CREATE OR REPLACE VIEW kept.samples AS
WITH fact AS (
    FROM kept.article_facts WHERE NOT is_backfilled
), no_example AS (
    SELECT source, opened_at - INTERVAL 1 DAY AS since, coalesce(closed_at, 'infinity'::TIMESTAMPTZ) AS until
    FROM kept.incidents WHERE kind IN ('field_gone', 'layout_changed')
    UNION ALL
    SELECT source, max(first_seen_at) - INTERVAL 20 HOUR, 'infinity'::TIMESTAMPTZ FROM fact GROUP BY source
), recent AS (  -- more than enough of each outlet: to rank all articles of all years takes five times as long
    SELECT unnest(max_by(article_id, first_seen_at, 60)) AS article_id FROM fact GROUP BY source
    UNION
    SELECT unnest(max_by(article_id, first_seen_at, 300))
    FROM fact f ANTI JOIN no_example n ON n.source = f.source AND f.first_seen_at BETWEEN n.since AND n.until GROUP BY source
), numbered AS (
    SELECT f.*, row_number() OVER (PARTITION BY f.source ORDER BY f.first_seen_at DESC, f.article_id) <= 20 AS is_newest,
           NOT EXISTS (SELECT 1 FROM no_example n WHERE n.source = f.source AND f.first_seen_at BETWEEN n.since AND n.until) AS is_example
    FROM fact f SEMI JOIN recent r ON r.article_id = f.article_id
), placed AS (
    SELECT * EXCLUDE (is_example),
           CASE WHEN is_newest THEN 0 ELSE 20 END
           + row_number() OVER (PARTITION BY source, is_newest ORDER BY first_seen_at DESC, article_id) AS place
    FROM numbered WHERE is_newest OR is_example
)
FROM placed WHERE place <= 220;

-- The lines that stand in most of an outlet's newest articles, figures as #, and how many of them have it: of the newest twenty
-- stories, and of the forty before them.
CREATE OR REPLACE VIEW kept.junk_lines AS
WITH sample AS MATERIALIZED (
    SELECT source, article_id, story_id, is_newest FROM kept.samples WHERE place <= 60
), line AS (
    SELECT DISTINCT p.source, p.story_id, p.is_newest,
           regexp_replace(unnest(string_split(a.text, chr(10))), '[0-9]+', '#', 'g') AS line
    FROM sample p JOIN kept.articles a ON a.article_id = p.article_id
), stories AS (
    SELECT source, count(DISTINCT story_id) FILTER (is_newest) AS newest, count(DISTINCT story_id) FILTER (NOT is_newest) AS before
    FROM sample GROUP BY source
), recurring AS (
    SELECT source, line, count(*) FILTER (is_newest) AS with_newest, count(*) FILTER (NOT is_newest) AS with_before
    FROM line GROUP BY ALL HAVING count(*) FILTER (is_newest) > 2
)
SELECT r.source, r.line, r.with_newest, r.with_before, s.newest, s.before
FROM recurring r JOIN stories s ON s.source = r.source
WHERE r.with_newest * 2 > s.newest;
