-- The public face of the store: what analysts query. Re-created whenever this text changes. A column
-- without a comment of its own has that of `articles`. DuckDB 1.5 reads it as 2.0 stores it, so only what
-- both call alike may stand here: CASE, not if(…).

CREATE OR REPLACE VIEW main.articles AS
SELECT
    article_id,
    source,
    coalesce(nullif(regexp_extract(moved_to, '^https?://(?:www\.)?([^/?#]+)', 1), ''), host) AS host,
    coalesce(moved_to, url) AS url,
    title,
    description,
    text,
    authors,
    editors,
    tags,
    section,
    dateline,
    image_url,
    credited_source,
    published_at,
    modified_at,
    published_on,
    published_precision,
    published_raw,
    published_from,
    published_conflict,
    is_advertorial,
    advertorial_from,
    advertorial_sponsor,
    is_complete,
    language,
    language_confidence,
    word_count,
    version,
    fetched_at,
    first_seen_at,
    last_seen_at,
    removed_at,
    notice_type,
    usage_notice,
    fingerprint,
    rules_version,
    story_id,
    duplicate_of,
    segment,
    record_offset
FROM kept.articles;

COMMENT ON VIEW main.articles IS 'The newest version of every article: one row per outlet and article.';
COMMENT ON COLUMN main.articles.article_id IS 'stable across versions, re-crawls and renamed addresses';
COMMENT ON COLUMN main.articles.source IS 'source name, e.g. antara_kaltim';
COMMENT ON COLUMN main.articles.host IS 'host of the address; null for a text without one';
COMMENT ON COLUMN main.articles.url IS 'canonical address, as the outlet serves it today; null for a text without one';
COMMENT ON COLUMN main.articles.title IS 'clean, without the site''s suffix; null: the document does not say';
COMMENT ON COLUMN main.articles.description IS 'the outlet''s own summary; null: none';
COMMENT ON COLUMN main.articles.text IS 'clean text: paragraphs separated by one newline, no junk lines, no dateline, no byline';
COMMENT ON COLUMN main.articles.authors IS 'who wrote it; empty when none is named';
COMMENT ON COLUMN main.articles.editors IS 'who edited it; empty when none is named';
COMMENT ON COLUMN main.articles.tags IS 'the outlet''s tags; empty when none';
COMMENT ON COLUMN main.articles.section IS 'the outlet''s section; null: not said';
COMMENT ON COLUMN main.articles.dateline IS 'the place in title case, e.g. Samarinda; null: none';
COMMENT ON COLUMN main.articles.image_url IS 'address of the lead image; null: none';
COMMENT ON COLUMN main.articles.credited_source IS 'the outlet or agency that the article itself names as its source; null: none named';
COMMENT ON COLUMN main.articles.published_at IS 'instant of publication; local midnight when only a day is known; null: not clearly stated. published_at::date is a day of the session''s time zone: use published_on';
COMMENT ON COLUMN main.articles.modified_at IS 'instant of the last change that the outlet states; null: not stated';
COMMENT ON COLUMN main.articles.published_on IS 'the outlet''s own day of publication, in the zone of its place; null: not clearly stated';
COMMENT ON COLUMN main.articles.published_precision IS 'second, minute or day; null when published_at is';
COMMENT ON COLUMN main.articles.published_raw IS 'the text that published_at was read from; null when published_at is';
COMMENT ON COLUMN main.articles.published_from IS 'where it stood: json-ld, meta, time, rest, feed, sitemap, url or rule; null when published_at is';
COMMENT ON COLUMN main.articles.published_conflict IS 'true: witnesses of the date differ by an exact hour or by more than a day';
COMMENT ON COLUMN main.articles.is_advertorial IS 'true: marked as paid content; false: no mark found, so a share is a lower bound';
COMMENT ON COLUMN main.articles.advertorial_from IS 'where the mark stood: text, section or label; null when there is none';
COMMENT ON COLUMN main.articles.advertorial_sponsor IS 'who paid, where the mark says; null: not said';
COMMENT ON COLUMN main.articles.is_complete IS 'all parts of a multi-page article are present';
COMMENT ON COLUMN main.articles.language IS 'ISO 639-1, of Banjar and Minangkabau ISO 639-3 (bjn, min); null: the text has no letters';
COMMENT ON COLUMN main.articles.language_confidence IS '0 to 1; null when language is';
COMMENT ON COLUMN main.articles.word_count IS 'words of text';
COMMENT ON COLUMN main.articles.version IS '1, 2, … in the order of fetching';
COMMENT ON COLUMN main.articles.fetched_at IS 'when this version was fetched';
COMMENT ON COLUMN main.articles.first_seen_at IS 'earliest fetch of the article';
COMMENT ON COLUMN main.articles.last_seen_at IS 'latest successful answer, an unchanged one included';
COMMENT ON COLUMN main.articles.removed_at IS 'the first of two looks, a day or more apart, that found it gone; null: not found gone, or back since (removals)';
COMMENT ON COLUMN main.articles.notice_type IS 'ralat, koreksi, hak_jawab or pencabutan; null: no notice';
COMMENT ON COLUMN main.articles.usage_notice IS 'what the page says of how it may be used: marks for robots (noarchive, nosnippet, noindex, noai, noimageai), tdm-reservation, or its own words; null: nothing, or read before this was noted';
COMMENT ON COLUMN main.articles.fingerprint IS 'of the normalised text: equal texts have equal ones';
COMMENT ON COLUMN main.articles.rules_version IS 'of the code and rules that read this version';
COMMENT ON COLUMN main.articles.story_id IS 'shared by all copies of one story; the smallest article_id of the group, so it may change when stories join';
COMMENT ON COLUMN main.articles.duplicate_of IS 'article_id of the earliest copy, in this outlet or another; null when this is it';
COMMENT ON COLUMN main.articles.segment IS 'archive file that holds the page; null: not archived';
COMMENT ON COLUMN main.articles.record_offset IS 'place of the page in that file, in bytes; null: not archived';

CREATE OR REPLACE VIEW main.unique_articles AS
SELECT * FROM main.articles WHERE duplicate_of IS NULL;

COMMENT ON VIEW main.unique_articles IS 'The articles that are no later copy of another: one row per story.';

CREATE OR REPLACE VIEW main.stories AS
SELECT
    story_id,
    any_value(article_id) FILTER (duplicate_of IS NULL) AS original_id,
    list_sort(list(DISTINCT source)) AS outlets,
    (count(*) - 1)::INTEGER AS copies,
    min(published_at) AS first_published_at,
    max(published_at) AS last_published_at
FROM main.articles
GROUP BY story_id;

COMMENT ON VIEW main.stories IS 'One row per story: a group of articles that are copies of one another, or an article without copies.';
COMMENT ON COLUMN main.stories.original_id IS 'article_id of its earliest article';
COMMENT ON COLUMN main.stories.outlets IS 'sources that published it, in alphabetical order';
COMMENT ON COLUMN main.stories.copies IS 'its articles less the original; 0: nobody copied it';
COMMENT ON COLUMN main.stories.first_published_at IS 'earliest publication among its articles; null: none states one';
COMMENT ON COLUMN main.stories.last_published_at IS 'latest publication among its articles; null: none states one';

CREATE OR REPLACE VIEW main.copies AS
SELECT
    k.original_id,
    k.copy_id,
    o.source AS original_source,
    c.source AS copy_source,
    k.jaccard,
    k.containment,
    c.published_at - o.published_at AS lag,
    coalesce(o.published_precision <> 'day' AND c.published_precision <> 'day' AND o.published_at <> c.published_at, false) AS direction_certain
FROM kept.copies k
JOIN main.articles o ON o.article_id = k.original_id
JOIN main.articles c ON c.article_id = k.copy_id;

COMMENT ON VIEW main.copies IS 'One row per copy, measured against the original of its story: who published whose text, and how much later.';
COMMENT ON COLUMN main.copies.original_id IS 'article_id of the original';
COMMENT ON COLUMN main.copies.copy_id IS 'article_id of the copy';
COMMENT ON COLUMN main.copies.original_source IS 'outlet of the original';
COMMENT ON COLUMN main.copies.copy_source IS 'outlet of the copy; an outlet may copy itself';
COMMENT ON COLUMN main.copies.jaccard IS 'share of the runs of five words of both texts that both have, 0 to 1';
COMMENT ON COLUMN main.copies.containment IS 'share of the shorter text''s runs of five words that the other has too, 0 to 1';
COMMENT ON COLUMN main.copies.lag IS 'publication of the copy less that of the original; negative where the copy credits the original and states an earlier time; null: one states none';
COMMENT ON COLUMN main.copies.direction_certain IS 'both state different times of publication; false where a day is all that is known of either, or nothing: then who copied whom is a guess by credit and first sight';

CREATE OR REPLACE VIEW main.article_versions AS
SELECT
    v.article_id,
    v.source,
    v.host,
    v.url,
    v.title,
    v.description,
    v.text,
    v.authors,
    v.editors,
    v.tags,
    v.section,
    v.dateline,
    v.image_url,
    v.credited_source,
    v.published_at,
    v.modified_at,
    v.published_on,
    v.published_precision,
    v.published_raw,
    v.published_from,
    v.published_conflict,
    v.is_advertorial,
    v.advertorial_from,
    v.advertorial_sponsor,
    v.is_complete,
    v.language,
    v.language_confidence,
    v.word_count,
    v.version,
    v.version_reason,
    v.edit_kind,
    v.edit_share,
    v.versions_left_out,
    v.fetched_at,
    v.notice_type,
    v.usage_notice,
    v.fingerprint,
    v.rules_version,
    v.segment,
    v.record_offset
FROM kept.versions v;

COMMENT ON VIEW main.article_versions IS 'The versions of every article, in the order of fetching; of more than 20 the first and the newest 19.';
COMMENT ON COLUMN main.article_versions.version_reason IS 'published (the first), edited (by the outlet) or reprocessed (read again by better rules)';
COMMENT ON COLUMN main.article_versions.edit_kind IS 'what the outlet changed, the first that applies: figure, name, quote, title, date (of publication), byline or wording; null: no edit, or what it changed is not kept';
COMMENT ON COLUMN main.article_versions.edit_share IS 'share of the text that the outlet changed: of the words, figures and signs of both texts, those that only one has, 0 to 1; null when edit_kind is';
COMMENT ON COLUMN main.article_versions.versions_left_out IS 'versions between the one before and this one that are not kept, for an article keeps 20; 0: none; null: not known';

CREATE OR REPLACE VIEW main.removals AS
SELECT r.article_id, a.source, r.gone_from, r.back_at
FROM kept.removals r JOIN kept.articles a ON a.article_id = r.article_id;

COMMENT ON VIEW main.removals IS 'One row for every time that an article was not to be had: two looks, a day or more apart, agreed that it is gone.';
COMMENT ON COLUMN main.removals.gone_from IS 'the first of the looks that agreed';
COMMENT ON COLUMN main.removals.back_at IS 'the first look that found it again; null: it is gone';

CREATE OR REPLACE VIEW main.corrections AS
WITH noticed AS (
    SELECT article_id, min(version) AS version FROM kept.versions WHERE notice_type IS NOT NULL GROUP BY article_id, notice_type
), corrected AS (
    -- A version with a notice is that, whatever else it changed.
    SELECT DISTINCT article_id, version, 'notice' AS kind FROM noticed
    UNION ALL
    SELECT article_id, version, 'edit' FROM kept.versions v
    WHERE retracted IS NOT NULL AND NOT EXISTS (SELECT 1 FROM noticed n WHERE n.article_id = v.article_id AND n.version = v.version)
)
SELECT
    v.article_id,
    v.source,
    -- The outlet's own word, where it lies between the look before and the one that found it.
    CASE WHEN v.modified_at <= v.fetched_at AND v.modified_at > CASE WHEN v.version = 1 THEN v.published_at ELSE p.fetched_at END
         THEN v.modified_at ELSE v.fetched_at END AS corrected_at,
    c.kind,
    v.edit_kind,
    v.edit_share,
    v.version
FROM corrected c
JOIN kept.versions v ON v.article_id = c.article_id AND v.version = c.version
LEFT JOIN kept.versions p ON p.article_id = c.article_id AND p.version = c.version - 1
UNION ALL
SELECT r.article_id, a.source, r.gone_from, 'withdrawal', NULL, NULL, NULL
FROM kept.removals r JOIN kept.articles a ON a.article_id = r.article_id
WHERE r.back_at IS NULL;

COMMENT ON VIEW main.corrections IS 'What outlets corrected: notices (ralat, koreksi, hak jawab, pencabutan), edits in substance, and articles that are gone. An edit in substance changed a figure, a name, a quotation or a title; a typo, a wording, a date or a byline is none.';
COMMENT ON COLUMN main.corrections.corrected_at IS 'when the outlet says it changed the article, where that lies between two looks of ours; else when a look found it';
COMMENT ON COLUMN main.corrections.kind IS 'notice (as first seen), edit (in substance) or withdrawal (gone by two looks, and not back)';
COMMENT ON COLUMN main.corrections.edit_kind IS 'as in article_versions; null: nothing else was changed with the notice, or the article is gone';
COMMENT ON COLUMN main.corrections.edit_share IS 'as in article_versions; null when edit_kind is';
COMMENT ON COLUMN main.corrections.version IS 'the version that brought it, for article_versions; null: a withdrawal';

CREATE OR REPLACE VIEW main.uncorrected_copies AS
WITH copied AS (
    SELECT original_id, copy_id FROM kept.copies UNION SELECT original_id, copy_id FROM kept.former_copies
), candidate AS (
    SELECT r.article_id AS original_id, r.version, r.kind, r.corrected_at, k.copy_id, c.source AS copy_source, c.notice_type, c.published_at,
           r.kind = 'withdrawal' OR coalesce(v.notice_type = 'pencabutan', false) AS is_withdrawn,
           c.title AS title, c.text AS text, o.title AS original_title, o.text AS original_text
    FROM main.corrections r
    JOIN copied k ON k.original_id = r.article_id
    JOIN kept.articles c ON c.article_id = k.copy_id AND c.removed_at IS NULL
    JOIN kept.articles o ON o.article_id = r.article_id
    LEFT JOIN kept.versions v ON v.article_id = r.article_id AND v.version = r.version
), said AS (
    -- The words of both newest texts, parted by spaces, as pipelines.retractions parts them: whatever the typography.
    SELECT original_id, copy_id, version,
           list_transform([concat_ws(' ', title, text), concat_ws(' ', original_title, original_text)], lambda one:
               ' ' || replace(replace(array_to_string(regexp_extract_all(
                   lower(translate(one, '’‘ʼ´`−–—', '''''''''''---')),
                   '-?\pN+(?:[.,:]\pN+)*|\pL+(?:''\pL+)*|[%‰°+±$€£¥]'), ' ') || ' ', '-', '- '), ' persen ', ' % ')) AS words
    FROM candidate WHERE NOT is_withdrawn AND notice_type IS NULL
), phrase AS (
    -- Of an edit its own phrases, of a notice those of all edits of its article, for they may have come before it.
    SELECT article_id AS original_id, version, ' ' || unnest(retracted) || ' ' AS words FROM kept.versions WHERE retracted IS NOT NULL
), carried AS (
    SELECT DISTINCT c.original_id, c.copy_id, c.version
    FROM said s
    JOIN candidate c ON c.original_id = s.original_id AND c.copy_id = s.copy_id AND c.version = s.version
    JOIN phrase p ON p.original_id = c.original_id AND (c.kind = 'notice' OR p.version = c.version)
    WHERE contains(s.words[1], p.words) AND NOT contains(s.words[2], p.words)
), newest AS (
    SELECT greatest((SELECT max(last_seen_at) FROM kept.articles), (SELECT max(fetched_at) FROM kept.fetches)) AS instant
)
SELECT c.original_id, c.copy_id, c.copy_source, min(c.corrected_at) AS corrected_at,
       floor((epoch(any_value(n.instant)) - epoch(min(c.corrected_at))) / 86400)::INTEGER AS days_since
FROM candidate c
CROSS JOIN newest n
LEFT JOIN carried w ON w.original_id = c.original_id AND w.copy_id = c.copy_id AND w.version = c.version
WHERE CASE WHEN c.is_withdrawn THEN c.notice_type IS DISTINCT FROM 'pencabutan'
           WHEN w.copy_id IS NOT NULL THEN true
           -- A notice alone does not say what it corrected: who copied before it and has none carries that still.
           ELSE c.kind = 'notice' AND c.notice_type IS NULL AND coalesce(c.published_at < c.corrected_at, true)
                AND c.original_id NOT IN (SELECT original_id FROM phrase) END
GROUP BY c.original_id, c.copy_id, c.copy_source;

COMMENT ON VIEW main.uncorrected_copies IS 'Who still carries what the original corrected (corrections): one row per original and copy whose newest text has words that the original took back, or has no notice where the original has one, or stands where the original was withdrawn. A copy that was corrected alike, or is gone, is not listed.';
COMMENT ON COLUMN main.uncorrected_copies.original_id IS 'article_id of the original';
COMMENT ON COLUMN main.uncorrected_copies.copy_id IS 'article_id of the copy';
COMMENT ON COLUMN main.uncorrected_copies.copy_source IS 'outlet of the copy';
COMMENT ON COLUMN main.uncorrected_copies.corrected_at IS 'the first correction of the original that the copy lacks';
COMMENT ON COLUMN main.uncorrected_copies.days_since IS 'whole days from then to the newest instant at which any outlet was looked at: not to now, so that a file always says the same';

CREATE OR REPLACE VIEW main.rejections AS
SELECT url, source, fetched_at, reason, detail FROM kept.rejections;

COMMENT ON VIEW main.rejections IS 'Pages and documents that did not become an article, with the reason.';
COMMENT ON COLUMN main.rejections.url IS 'address; null for a file without one';
COMMENT ON COLUMN main.rejections.source IS 'source name';
COMMENT ON COLUMN main.rejections.fetched_at IS 'when it was fetched';
COMMENT ON COLUMN main.rejections.reason IS 'not_html, http_error, too_large, empty, too_short, listing_page, not_an_article, wrong_language, undecodable, parser_error, soft_404, off_site, forgotten or out_of_window';
COMMENT ON COLUMN main.rejections.detail IS 'what exactly was found; null: the reason says it all';

CREATE OR REPLACE VIEW main.fetches AS
SELECT url, source, fetched_at, status, bytes, outcome FROM kept.fetches;

COMMENT ON VIEW main.fetches IS 'Every request for a page or document, and what came of it.';
COMMENT ON COLUMN main.fetches.url IS 'address asked for; null for a file without one';
COMMENT ON COLUMN main.fetches.source IS 'source name';
COMMENT ON COLUMN main.fetches.fetched_at IS 'when it was asked for';
COMMENT ON COLUMN main.fetches.status IS 'HTTP status; null: no answer came';
COMMENT ON COLUMN main.fetches.bytes IS 'size of the decoded body; null: no answer came';
COMMENT ON COLUMN main.fetches.outcome IS 'article, rejected, discovery, unchanged, gone, failed or excluded';

CREATE OR REPLACE VIEW main.segments AS
SELECT segment, split_part(segment, '/', 1) AS source, merged_at, pruned_at, moved_to FROM kept.segments;

COMMENT ON VIEW main.segments IS 'The archive files that articles and article_versions name: a page whose segment has pruned_at can be read again no more.';
COMMENT ON COLUMN main.segments.segment IS 'archive file, relative to DATA_DIR/segments; one whose name ends in -quiet-01 and so on holds no page of an article';
COMMENT ON COLUMN main.segments.source IS 'source or host whose pages it holds';
COMMENT ON COLUMN main.segments.merged_at IS 'when its rows, or the last of them, came into the database';
COMMENT ON COLUMN main.segments.pruned_at IS 'when scrapy prune took the file out of the archive; null: it was not';
COMMENT ON COLUMN main.segments.moved_to IS 'the folder that it was moved to, with its source as a folder in there; null: it was removed, or pruned_at is null';

CREATE OR REPLACE VIEW main.crawls AS
SELECT crawl_id, source, started_at, finished_at, outcome, entry, requests, discovered, fetched, stored, known, rejected, failed, pending, message, covered_from, covered_to, fault, fault_detail FROM kept.crawls;

COMMENT ON VIEW main.crawls IS 'One row per source and run; that of a run that was killed comes with the next one, and has only source and beginning.';
COMMENT ON COLUMN main.crawls.crawl_id IS 'identifies the run';
COMMENT ON COLUMN main.crawls.source IS 'source name';
COMMENT ON COLUMN main.crawls.started_at IS 'when the run began, by the machine''s clock';
COMMENT ON COLUMN main.crawls.finished_at IS 'when it ended; null: it was killed';
COMMENT ON COLUMN main.crawls.outcome IS 'done, failed (something kept it from its work: message), stopped (before its end, e.g. by Ctrl-C) or killed (then all figures are null)';
COMMENT ON COLUMN main.crawls.entry IS 'the entry that led to articles, e.g. rss https://…; null: none';
COMMENT ON COLUMN main.crawls.requests IS 'requests sent, robots.txt included';
COMMENT ON COLUMN main.crawls.discovered IS 'links met for the first time';
COMMENT ON COLUMN main.crawls.fetched IS 'articles fetched in this run: new or changed';
COMMENT ON COLUMN main.crawls.stored IS 'new articles and new versions stored';
COMMENT ON COLUMN main.crawls.known IS 'articles seen again, unchanged';
COMMENT ON COLUMN main.crawls.rejected IS 'pages that did not become an article';
COMMENT ON COLUMN main.crawls.failed IS 'requests that failed';
COMMENT ON COLUMN main.crawls.pending IS 'links left for later runs';
COMMENT ON COLUMN main.crawls.message IS 'what went wrong, in one line, or needs attention though the run is done; null: nothing';
COMMENT ON COLUMN main.crawls.covered_from IS 'first day, in the outlet''s zone, that the run looked at; null: none, no entry led to articles';
COMMENT ON COLUMN main.crawls.covered_to IS 'last day that it looked at; null when covered_from is';
COMMENT ON COLUMN main.crawls.fault IS 'what stood in its way: refused (by the site), certificate (one that has ended, or cannot be used), moved_host (the site leads to another), other_page (it answers, but with another page in the place of a list of articles: maintenance, or a domain that was given up), clock, disk_filling, store_stuck or unanswered (no request got an answer); null: nothing of these';
COMMENT ON COLUMN main.crawls.fault_detail IS 'the same in words; null when fault is';

CREATE OR REPLACE VIEW main.coverage_daily AS
WITH days AS (
    SELECT s.source, s.followed, d.day
    FROM kept.sources s,
        (SELECT unnest(generate_series(min(covered_from), max(covered_to), INTERVAL 1 DAY))::DATE AS day FROM kept.covered) d
    WHERE s.source IN (SELECT source FROM kept.covered)
), looks AS (
    SELECT source, day, count(*) AS looks
    FROM (SELECT source, unnest(generate_series(covered_from, covered_to, INTERVAL 1 DAY))::DATE AS day FROM kept.covered)
    GROUP BY ALL
), led AS (
    SELECT l.source, l.day, l.state, k.article_id
    FROM kept.links l LEFT JOIN kept.keys k ON k.key = 'url:' || coalesce(l.led_to, l.key)
), outcomes AS (
    -- Every article once, by its own day; further links to it are "known". What was ingested no link led to.
    SELECT
        a.source,
        a.day,
        'stored' AS became,
        greatest(coalesce(n.links, 1) - 1, 0) AS more
    FROM kept.article_days a
    SEMI JOIN kept.sources s ON s.source = a.source
    LEFT JOIN (SELECT article_id, count(*) AS links FROM led WHERE article_id IS NOT NULL GROUP BY ALL) n ON n.article_id = a.article_id
    UNION ALL
    SELECT source, day, CASE state WHEN 'fetched' THEN 'rejected' ELSE state END, 0 FROM led WHERE article_id IS NULL
), counts AS (
    SELECT
        source,
        day,
        (count(*) + sum(more))::BIGINT AS discovered,
        (count(*) FILTER (became IN ('stored', 'rejected')) + sum(more))::BIGINT AS fetched,
        count(*) FILTER (became = 'stored') AS stored,
        sum(more)::BIGINT AS known,
        count(*) FILTER (became = 'rejected') AS rejected,
        count(*) FILTER (became = 'failed') AS failed,
        count(*) FILTER (became = 'pending') AS pending,
        count(*) FILTER (became = 'gone') AS gone,
        count(*) FILTER (became = 'excluded') AS excluded
    FROM outcomes
    GROUP BY ALL
)
SELECT
    d.source,
    d.day,
    d.followed,
    coalesce(o.looks, 0) AS looks,
    p.published,
    CASE WHEN o.looks > 0 THEN coalesce(c.discovered, 0) END AS discovered,
    CASE WHEN o.looks > 0 THEN coalesce(c.fetched, 0) END AS fetched,
    CASE WHEN o.looks > 0 THEN coalesce(c.stored, 0) END AS stored,
    CASE WHEN o.looks > 0 THEN coalesce(c.known, 0) END AS known,
    CASE WHEN o.looks > 0 THEN coalesce(c.rejected, 0) END AS rejected,
    CASE WHEN o.looks > 0 THEN coalesce(c.failed, 0) END AS failed,
    CASE WHEN o.looks > 0 THEN coalesce(c.pending, 0) END AS pending,
    CASE WHEN o.looks > 0 THEN coalesce(c.gone, 0) END AS gone,
    CASE WHEN o.looks > 0 THEN coalesce(c.excluded, 0) END AS excluded
FROM days d
LEFT JOIN looks o USING (source, day)
LEFT JOIN counts c USING (source, day)
LEFT JOIN kept.published p ON p.source = d.source AND p.day = d.day
ORDER BY d.source, d.day;

COMMENT ON VIEW main.coverage_daily IS 'One row per outlet that was ever looked at and day, from the first to the last day that any run looked at: how much the outlet says it published, and what became of it here. Links count by the day of their publication, those without one by that of their discovery. discovered = fetched + failed + pending + gone + excluded; fetched = stored + known + rejected.';
COMMENT ON COLUMN main.coverage_daily.source IS 'source name';
COMMENT ON COLUMN main.coverage_daily.day IS 'day in the outlet''s zone';
COMMENT ON COLUMN main.coverage_daily.followed IS 'whether the user follows the outlet today (setting FOLLOW)';
COMMENT ON COLUMN main.coverage_daily.looks IS 'runs whose discovery reached that day, on it or later; 0: nobody looked, so nothing is known of the day';
COMMENT ON COLUMN main.coverage_daily.published IS 'how many articles the outlet''s own list names (REST, sitemap, dated index), as read last; null: no list was read that can know';
COMMENT ON COLUMN main.coverage_daily.discovered IS 'articles'' addresses met; null: nobody looked';
COMMENT ON COLUMN main.coverage_daily.fetched IS 'of those, answered with a document that was read; null: nobody looked';
COMMENT ON COLUMN main.coverage_daily.stored IS 'of the fetched, articles in this database, ingested ones included; null: nobody looked';
COMMENT ON COLUMN main.coverage_daily.known IS 'of the fetched, further addresses of stored articles; null: nobody looked';
COMMENT ON COLUMN main.coverage_daily.rejected IS 'of the fetched, no articles: rejections has the reasons; null: nobody looked';
COMMENT ON COLUMN main.coverage_daily.failed IS 'of the discovered, without an answer so far; null: nobody looked';
COMMENT ON COLUMN main.coverage_daily.pending IS 'of the discovered, left for later runs; null: nobody looked';
COMMENT ON COLUMN main.coverage_daily.gone IS 'of the discovered, removed before anybody could read them; null: nobody looked';
COMMENT ON COLUMN main.coverage_daily.excluded IS 'of the discovered, not asked for: forbidden by robots.txt, or outside the days of every run; null: nobody looked';

CREATE OR REPLACE VIEW main.sources AS
SELECT source, title, home, region, province, timezone, platform, network, status, notice, enabled, followed, verified_at, differences
FROM kept.sources;

COMMENT ON VIEW main.sources IS 'The outlets, as their source files described them at the last command.';
COMMENT ON COLUMN main.sources.source IS 'source name: the file''s name';
COMMENT ON COLUMN main.sources.title IS 'the outlet''s name';
COMMENT ON COLUMN main.sources.home IS 'its front page';
COMMENT ON COLUMN main.sources.region IS 'the place it covers; null: not said';
COMMENT ON COLUMN main.sources.province IS 'BPS code of the province; null: not said';
COMMENT ON COLUMN main.sources.timezone IS 'zone of the place: decides the outlet''s day';
COMMENT ON COLUMN main.sources.platform IS 'what its site runs on, e.g. wordpress: supplies entries and rules';
COMMENT ON COLUMN main.sources.network IS 'the group it belongs to; null: none known';
COMMENT ON COLUMN main.sources.status IS 'how certain the facts of its source file are: seed (read from articles of its own), documented (told by public code or pages) or inferred (concluded from its network or system)';
COMMENT ON COLUMN main.sources.notice IS 'a notice that the outlet prints about re-use; null: none known';
COMMENT ON COLUMN main.sources.enabled IS 'whether its source file lets it be crawled together with others';
COMMENT ON COLUMN main.sources.followed IS 'whether the user follows it, as of the last crawl or harvest: named by the setting FOLLOW, or enabled where that names none; scrapy harvest crawls those';
COMMENT ON COLUMN main.sources.verified_at IS 'when its source file was last held against the live site: by its first crawl, by scrapy sources --verify, or by hand; null: never';
COMMENT ON COLUMN main.sources.differences IS 'what differed then, a sentence each, with what a crawl does about it; empty: all agreed; null: never looked at, or by hand only';

CREATE OR REPLACE VIEW main.incidents AS
SELECT source, kind, opened_at, closed_at, detail FROM kept.incidents ORDER BY opened_at, source NULLS FIRST, kind;

COMMENT ON VIEW main.incidents IS 'What scrapy report and scrapy harvest found broken: opened once, closed once, kept. Expected and reported what: docs/report.md.';
COMMENT ON COLUMN main.incidents.source IS 'source name; null: the machine that crawls, not one outlet';
COMMENT ON COLUMN main.incidents.kind IS 'silent (no article where some were to be expected), fewer_articles, field_gone (articles lack their date, author or dateline), layout_changed (pages cannot be read any more, or lose their text), refused (by the site), certificate (ended, or unusable), moved_host (the site leads to another), clock, disk_filling, no_network (no outlet answered), store_stuck (what was archived is not merged) or failed (the last crawl, for another reason)';
COMMENT ON COLUMN main.incidents.opened_at IS 'when it was found';
COMMENT ON COLUMN main.incidents.closed_at IS 'when it was found mended; null: it is open';
COMMENT ON COLUMN main.incidents.detail IS 'what was found beside what was expected, in one line';

CREATE OR REPLACE VIEW main.source_health AS
WITH moment AS (
    SELECT max(coalesce(finished_at, started_at)) AS at FROM kept.crawls
), outlet AS (
    SELECT c.source, any_value(s.title) AS title, coalesce(any_value(s.followed), false) AS followed,
           max(c.finished_at) FILTER (c.covered_to IS NOT NULL) AS last_success,
           (any_value(m.at) AT TIME ZONE coalesce(any_value(s.timezone), 'Asia/Jakarta'))::DATE AS today
    FROM kept.crawls c CROSS JOIN moment m LEFT JOIN kept.sources s ON s.source = c.source
    GROUP BY c.source
), volume AS (
    SELECT d.source, count(*) AS days, sum(d.stored)::BIGINT AS articles,
           CASE WHEN count(d.least) = count(*) THEN sum(d.least)::BIGINT END AS articles_least,
           CASE WHEN count(d.most) = count(*) THEN sum(d.most)::BIGINT END AS articles_most,
           sum(d.published)::BIGINT AS listed,
           sum(CASE WHEN d.published > d.stored THEN d.published - d.stored WHEN d.published IS NOT NULL THEN 0 END)::BIGINT AS missed
    FROM kept.outlet_days d JOIN outlet o ON o.source = d.source
    WHERE d.day BETWEEN o.today - 7 AND o.today - 1 AND d.is_whole AND d.holiday IS NULL
    GROUP BY d.source
), facts AS (
    SELECT
        source,
        avg(has_date::INTEGER) FILTER (is_newest) AS share_with_date,
        avg(has_date::INTEGER) FILTER (NOT is_newest) AS share_with_date_before,
        avg(has_author::INTEGER) FILTER (is_newest) AS share_with_author,
        avg(has_author::INTEGER) FILTER (NOT is_newest) AS share_with_author_before,
        avg(has_dateline::INTEGER) FILTER (is_newest) AS share_with_dateline,
        avg(has_dateline::INTEGER) FILTER (NOT is_newest) AS share_with_dateline_before,
        median(word_count) FILTER (is_newest) AS words,
        median(word_count) FILTER (NOT is_newest) AS words_before
    FROM kept.samples GROUP BY source
), junk AS (
    SELECT source, arg_max(line, with_newest) AS junk_line, max(with_newest / newest) AS share_junk_line,
           arg_max(with_before / nullif(before, 0), with_newest) AS share_junk_line_before
    FROM kept.junk_lines GROUP BY source
), asked AS (
    SELECT f.source,
           count(*) FILTER (f.outcome = 'rejected') / nullif(count(*) FILTER (f.outcome IN ('article', 'rejected')), 0) AS share_rejected,
           count(*) FILTER (f.outcome = 'failed') / count(*) AS share_failed
    FROM kept.fetches f CROSS JOIN moment m WHERE f.fetched_at > m.at - INTERVAL 7 DAY
    GROUP BY f.source
), waited AS (
    SELECT source, to_seconds(median(latency_s)) AS latency, to_seconds(quantile_cont(latency_s, 0.9)) AS latency_90
    FROM kept.article_facts CROSS JOIN moment m WHERE first_seen_at > m.at - INTERVAL 7 DAY AND latency_s IS NOT NULL
    GROUP BY source
), broken AS (
    SELECT source, list(kind ORDER BY opened_at, kind) AS open_incidents FROM kept.incidents WHERE closed_at IS NULL GROUP BY source
)
SELECT
    o.source, o.title, o.followed,
    coalesce(v.days, 0) AS days, v.articles, v.articles_least, v.articles_most, v.listed, v.missed,
    f.* EXCLUDE (source), j.junk_line, j.share_junk_line, j.share_junk_line_before,
    a.share_rejected, a.share_failed, w.latency, w.latency_90,
    o.last_success, coalesce(b.open_incidents, []::VARCHAR[]) AS open_incidents
FROM outlet o
LEFT JOIN volume v ON v.source = o.source
LEFT JOIN facts f ON f.source = o.source
LEFT JOIN junk j ON j.source = o.source
LEFT JOIN asked a ON a.source = o.source
LEFT JOIN waited w ON w.source = o.source
LEFT JOIN broken b ON b.source = o.source
ORDER BY o.source;

COMMENT ON VIEW main.source_health IS 'How each outlet that was ever crawled fares, in the seven days before that of the newest crawl of any: its articles against what was to be expected, its fields, texts, refusals and delay. What is now is said of its twenty newest articles, what was before of up to two hundred before them; articles of days that were first looked at later count in neither.';
COMMENT ON COLUMN main.source_health.source IS 'source name';
COMMENT ON COLUMN main.source_health.title IS 'the outlet''s name; null: no source file has it any more';
COMMENT ON COLUMN main.source_health.followed IS 'whether the user follows it today';
COMMENT ON COLUMN main.source_health.days IS 'of the seven, days that a run looked at after they had ended, holidays, joint leave and the days around Idul Fitri left out; 0: nothing is known of its volume';
COMMENT ON COLUMN main.source_health.articles IS 'stored, of those days; null when days is 0';
COMMENT ON COLUMN main.source_health.articles_least IS 'least to be expected of those days: what its source file says ([expect]), else of each day the least of the last eight same weekdays; null: there are fewer than four, or no days';
COMMENT ON COLUMN main.source_health.articles_most IS 'most to be expected, likewise; null when articles_least is';
COMMENT ON COLUMN main.source_health.listed IS 'what did we miss? Articles of those days that the outlet''s own lists name, where one is known; null: of no day';
COMMENT ON COLUMN main.source_health.missed IS 'of the listed, those that are not here; null when listed is';
COMMENT ON COLUMN main.source_health.share_with_date IS 'newest articles with a date of publication, 0 to 1; null: none is here';
COMMENT ON COLUMN main.source_health.share_with_date_before IS 'the same of those before; null: there are none';
COMMENT ON COLUMN main.source_health.share_with_author IS 'newest articles with an author, 0 to 1; null: none is here';
COMMENT ON COLUMN main.source_health.share_with_author_before IS 'the same of those before; null: there are none';
COMMENT ON COLUMN main.source_health.share_with_dateline IS 'newest articles with a dateline, 0 to 1; null: none is here';
COMMENT ON COLUMN main.source_health.share_with_dateline_before IS 'the same of those before; null: there are none';
COMMENT ON COLUMN main.source_health.words IS 'median words of the newest articles; null: none is here';
COMMENT ON COLUMN main.source_health.words_before IS 'the same of those before; null: there are none';
COMMENT ON COLUMN main.source_health.junk_line IS 'the line that stands in most of the newest articles, figures as #: junk that no rule knows yet, or a formula of the outlet (macro recurring_lines); null: none stands in more than half of them';
COMMENT ON COLUMN main.source_health.share_junk_line IS 'newest articles that have it, 0 to 1; null when junk_line is';
COMMENT ON COLUMN main.source_health.share_junk_line_before IS 'of the forty before them, those that have it; null: there are none';
COMMENT ON COLUMN main.source_health.share_rejected IS 'pages read in the seven days that became no article, 0 to 1; null: none was read';
COMMENT ON COLUMN main.source_health.share_failed IS 'requests of the seven days without a usable answer, 0 to 1; null: none was made';
COMMENT ON COLUMN main.source_health.latency IS 'median time from publication to the first row here, of articles first seen in the seven days; null: none has a time of publication';
COMMENT ON COLUMN main.source_health.latency_90 IS 'the time that 90% of them kept below; null when latency is';
COMMENT ON COLUMN main.source_health.last_success IS 'end of the last run that looked at it; null: none did';
COMMENT ON COLUMN main.source_health.open_incidents IS 'kinds of its open incidents, the oldest first; empty: none is open';

CREATE OR REPLACE VIEW main.actors AS
SELECT actor_id, name, kind, party, office, candidacy, gender, valid_from, valid_until, spellings
FROM kept.actors ORDER BY position;

COMMENT ON VIEW main.actors IS 'The list of actors in force: the people, parties, offices and organisations that scrapy actors took from the user''s file, in its order. Empty: none was given.';
COMMENT ON COLUMN main.actors.actor_id IS 'as the list has it; unique';
COMMENT ON COLUMN main.actors.name IS 'the name, which is the first spelling too';
COMMENT ON COLUMN main.actors.kind IS 'person, party, office or organisation';
COMMENT ON COLUMN main.actors.party IS 'the party that a person belongs to; null: the list does not say';
COMMENT ON COLUMN main.actors.office IS 'the office that a person holds; null: the list does not say';
COMMENT ON COLUMN main.actors.candidacy IS 'what a person stands for; null: the list does not say';
COMMENT ON COLUMN main.actors.gender IS 'as the list has it; null: it does not say';
COMMENT ON COLUMN main.actors.valid_from IS 'first day of publication whose articles count; null: from the beginning';
COMMENT ON COLUMN main.actors.valid_until IS 'last day of publication whose articles count; null: to this day';
COMMENT ON COLUMN main.actors.spellings IS 'further spellings that are looked for; empty: the name alone';

CREATE OR REPLACE VIEW main.actor_mentions AS
SELECT article_id, actor_id, source, published_on, in_title, in_lead, mentions, paragraphs, words, share
FROM kept.actor_mentions;

COMMENT ON VIEW main.actor_mentions IS 'One row per article and actor named in it, over the newest versions: in any spelling, as whole words, of overlapping names the longest. An article outside an actor''s days has none; one whose day is not known counts.';
COMMENT ON COLUMN main.actor_mentions.actor_id IS 'in actors';
COMMENT ON COLUMN main.actor_mentions.in_title IS 'the title names the actor';
COMMENT ON COLUMN main.actor_mentions.in_lead IS 'the first paragraph names the actor';
COMMENT ON COLUMN main.actor_mentions.mentions IS 'places of title and text that name the actor';
COMMENT ON COLUMN main.actor_mentions.paragraphs IS 'paragraphs of the text that name the actor; 0: the title alone does';
COMMENT ON COLUMN main.actor_mentions.words IS 'words of those paragraphs';
COMMENT ON COLUMN main.actor_mentions.share IS 'words as a share of the text''s words, 0 to 1; the title counts in neither';

CREATE OR REPLACE VIEW main.places AS
SELECT place_id, name, level, parent_id, bps_code, kemendagri_code FROM kept.places ORDER BY place_id;

COMMENT ON VIEW main.places IS 'The places that articles are searched for: provinces, regencies and cities of all Indonesia, districts of Kalimantan and Sulawesi, and Ibu Kota Nusantara.';
COMMENT ON COLUMN main.places.place_id IS 'the Kemendagri code, e.g. 64.72 for Samarinda, whose districts are 64.72.01 and so on';
COMMENT ON COLUMN main.places.name IS 'without its level: Samarinda, Kutai Timur';
COMMENT ON COLUMN main.places.level IS 'province, capital (Ibu Kota Nusantara), city, regency or district';
COMMENT ON COLUMN main.places.parent_id IS 'place_id of the place that it lies in; null: a province';
COMMENT ON COLUMN main.places.bps_code IS 'of the statistics office, e.g. 6403 for Kutai Kartanegara, as in sources.province; null: not known for certain';
COMMENT ON COLUMN main.places.kemendagri_code IS 'of the ministry of home affairs, e.g. 64.02 for Kutai Kartanegara; null: it has none';

CREATE OR REPLACE VIEW main.article_places AS
SELECT article_id, place_id, mentions, is_dateline FROM kept.article_places;

COMMENT ON VIEW main.article_places IS 'One row per article and place named in it, over the newest versions. Names that are words (Damai, Medan) count in a context only; of places of one name that whose region the article names, else the outlet''s province, else none.';
COMMENT ON COLUMN main.article_places.place_id IS 'in places; the regions that it lies in have rows where they are named themselves';
COMMENT ON COLUMN main.article_places.mentions IS 'how often title, text and dateline name it';
COMMENT ON COLUMN main.article_places.is_dateline IS 'the dateline names it';

CREATE OR REPLACE VIEW main.paragraphs AS
SELECT article_id, n, text, len(regexp_extract_all(text, '[^\s\p{Z}]+'))::INTEGER AS words
FROM (
    SELECT article_id, unnest(string_split(text, chr(10))) AS text, generate_subscripts(string_split(text, chr(10)), 1)::INTEGER AS n
    FROM kept.articles
);

COMMENT ON VIEW main.paragraphs IS 'The paragraphs of the newest version of every article.';
COMMENT ON COLUMN main.paragraphs.n IS '1, 2, … in the order of the text';
COMMENT ON COLUMN main.paragraphs.text IS 'the paragraph';
COMMENT ON COLUMN main.paragraphs.words IS 'words of the paragraph';

CREATE OR REPLACE VIEW main.segment_chain AS
SELECT number, previous, sha256, records, segment, closed_at, instead, tombstone FROM kept.chain;

COMMENT ON VIEW main.segment_chain IS 'The chain of archive files, as segments/chain.txt has it: each line holds the digest of the line before, so none can be changed or left out unseen.';
COMMENT ON COLUMN main.segment_chain.number IS '1, 2, … in the order in which they were closed';
COMMENT ON COLUMN main.segment_chain.previous IS 'SHA-256 of the line before in segments/chain.txt, its line end included; 64 zeros in the first';
COMMENT ON COLUMN main.segment_chain.sha256 IS 'SHA-256 of the file';
COMMENT ON COLUMN main.segment_chain.records IS 'SHA-256 of the list of its records, a line for each: offset, length, SHA-256; so one record is proved without the others';
COMMENT ON COLUMN main.segment_chain.segment IS 'archive file, relative to DATA_DIR/segments';
COMMENT ON COLUMN main.segment_chain.closed_at IS 'when the line was written';
COMMENT ON COLUMN main.segment_chain.instead IS 'SHA-256 of the file that stood there before scrapy forget wrote it anew; null: it replaces none';
COMMENT ON COLUMN main.segment_chain.tombstone IS 'article_id of the article that was forgotten then; null when instead is';

CREATE OR REPLACE VIEW main.forgotten AS
SELECT article_id, source, reason, forgotten_at FROM kept.forgotten;

COMMENT ON VIEW main.forgotten IS 'Articles that scrapy forget erased for good: what stood here and does no more.';
COMMENT ON COLUMN main.forgotten.article_id IS 'the id that it had';
COMMENT ON COLUMN main.forgotten.source IS 'source name';
COMMENT ON COLUMN main.forgotten.reason IS 'why, as the operator put it';
COMMENT ON COLUMN main.forgotten.forgotten_at IS 'when it was erased';

CREATE OR REPLACE VIEW main.calendar AS
SELECT stage, first_day, last_day, legal_source FROM kept.calendar;

COMMENT ON VIEW main.calendar IS 'The stages of the regional election of 2024 (Pilkada), with the regulation that sets their days. Stages overlap.';
COMMENT ON COLUMN main.calendar.stage IS 'name of the stage, e.g. campaign, quiet days, vote';
COMMENT ON COLUMN main.calendar.first_day IS 'first day, of each outlet''s own zone: compare it with published_on';
COMMENT ON COLUMN main.calendar.last_day IS 'last day, inclusive';
COMMENT ON COLUMN main.calendar.legal_source IS 'regulation of the election commission (PKPU) that sets the days, with the stage''s name there';

CREATE OR REPLACE VIEW main.article_stages AS
SELECT a.article_id, a.source, c.stage, a.published_on
FROM kept.articles a JOIN kept.calendar c ON a.published_on BETWEEN c.first_day AND c.last_day;

COMMENT ON VIEW main.article_stages IS 'One row per article and stage of the election that its day of publication lies in, by the outlet''s own zone; an article whose day is not known has none.';
COMMENT ON COLUMN main.article_stages.stage IS 'in calendar';

CREATE OR REPLACE VIEW main.about AS
SELECT
    (SELECT value FROM kept.facts WHERE name = 'kabar_version') AS kabar_version,
    (SELECT max(number) FROM kept.migrations) AS schema_version,
    (SELECT count(*) FROM kept.articles) AS articles,
    (SELECT count(*) FROM kept.versions) AS versions,
    (SELECT max(published_at) FROM main.articles) AS newest_article_at,
    (SELECT max(last_seen_at) FROM kept.articles) AS last_seen_at,
    (SELECT count(*) FROM kept.sources WHERE enabled) AS enabled_sources,
    (SELECT list(source ORDER BY source) FROM kept.sources WHERE enabled) AS sources,
    (SELECT max(known_at) FROM kept.known_versions) AS as_of,
    (SELECT count(*) FROM kept.forgotten) AS forgotten,
    (SELECT sha256(concat_ws(chr(9), number, previous, sha256, records, strftime(closed_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'),
                             segment, instead, CASE WHEN instead IS NOT NULL THEN coalesce(tombstone, '') END) || chr(10))
     FROM kept.chain ORDER BY number DESC LIMIT 1) AS chain_head;

COMMENT ON VIEW main.about IS 'What this database is, in one row: what a paper cites.';
COMMENT ON COLUMN main.about.kabar_version IS 'version of Kabar that wrote it last';
COMMENT ON COLUMN main.about.schema_version IS 'number of the newest migration';
COMMENT ON COLUMN main.about.articles IS 'articles held';
COMMENT ON COLUMN main.about.versions IS 'versions of articles held';
COMMENT ON COLUMN main.about.newest_article_at IS 'latest publication; null: no article states one';
COMMENT ON COLUMN main.about.last_seen_at IS 'latest successful answer of an outlet; null: none yet';
COMMENT ON COLUMN main.about.enabled_sources IS 'outlets whose source files let them be crawled together';
COMMENT ON COLUMN main.about.sources IS 'their names';
COMMENT ON COLUMN main.about.as_of IS 'when the newest of its versions became known: articles_as_of(that) gives these articles again, less what was forgotten since; null: it holds none';
COMMENT ON COLUMN main.about.forgotten IS 'articles that were erased for good (forgotten)';
COMMENT ON COLUMN main.about.chain_head IS 'SHA-256 of the newest line of segments/chain.txt, its line end included: whoever notes it can tell later that nothing before it was changed; null: no file is closed';

COMMENT ON MACRO TABLE main.article_history IS 'article_history(article): the versions of an article, given its address or id, with what changed in each since the one before that is kept (versions_left_out: how many are not): lines that left (-) and lines that came (+).';
COMMENT ON MACRO TABLE main.articles_as_of IS 'articles_as_of(instant): the articles as they were known then, each in its newest version by that time, as the outlet published it: what better rules read later (reprocessed) is left out, and so is what changes afterwards (story, removal, last look). The same instant gives the same rows later, less articles that were forgotten since (view forgotten) and the middle versions of articles with more than 20. versions: how many versions were known then.';
COMMENT ON MACRO TABLE main.recurring_lines IS 'recurring_lines(outlet, least := 3): lines that stand in several articles of a source (of a story and its copies one counts), with figures as #; junk that no rule knows yet, or a formula of the outlet. share: of its articles, 0 to 1; at_end: share of places among an article''s last two lines, 0 to 1; example, urls: where to look; collected, published, days_looked, days: of the outlet, from its first to its last day (collection).';
COMMENT ON MACRO TABLE main.collection IS 'collection(since, until): what a number is held against, of each outlet that was ever crawled or has an article; join it to whatever you count. Days are inclusive; null: from the first or to the last day that any run looked at. collected: articles stored that the outlet published then (without a date: first seen then); published: how many its own lists name on the days looked at, null where one of them is not known; days_looked: of the days of the span, those that a run looked at; coverage: the lesser of days_looked / days and, where published is known, collected / published; followed: whether the user follows it today.';
COMMENT ON MACRO TABLE main.thinly_covered IS 'thinly_covered(since, until, least := 0.8): the outlets of collection(since, until) whose coverage is below least, thinnest first: whoever ranks outlets leaves these out, and names them.';
COMMENT ON MACRO TABLE main.silent_on IS 'silent_on(story): the outlets that had no copy of a story, given its story_id, or the id or address of an article of it, although they cover its place (the province of its original''s outlet), were looked at for its day and published something then. Collected, published, days_looked and days are those of that one day. An outlet may have told the story in other words: that is no copy.';
COMMENT ON MACRO TABLE main.search_articles IS 'search_articles(words, best := NULL): the articles in whose newest title or text all of these words occur, best first, with a snippet of some 200 characters around one of them. Case, accents, quotes and spacing do not matter; a word finds its family (dukungan: mendukung, pendukung, didukung), a name itself alone. score: the higher the better, comparable within one answer only. best: only so many, taken before any text is read, which is quicker than LIMIT. Phrases, OR, -not and prefix* are those of scrapy search.';

COMMENT ON MACRO TABLE main.share_of_voice IS 'share_of_voice(kind, since, until): who is named how much and where: one row per actor of a kind (person, party, office, organisation) and outlet that names it, on days of publication (inclusive; null: from the first, to the last). articles: that name it; words: of their paragraphs that do; share_of_words: of such words of all actors of the kind in that outlet, 0 to 1. collected: articles of the outlet stored for those days; published: how many the outlet itself lists, null: not known for every day that was looked at; days_looked of days: without a look nothing is known.';
COMMENT ON MACRO TABLE main.quiet_days_content IS 'quiet_days_content(): paid content and polls that outlets published in the quiet days of the calendar, by their own zone; one row per article and kind. kind: paid (marked as such: told_from as advertorial_from) or poll (told_from: title, tag or text; its title or a tag speaks of electability, a quick count, an exit poll or an opinion poll, or of a survey while the text speaks of candidates and respondents; or the text does all of that). sponsor: who paid, where the mark says. A lower bound: what bears no mark and uses other words is not found, and a poll may be old news or a report on the ban: read it. Hold it against collection(first_day, last_day).';
COMMENT ON MACRO TABLE main.mentions IS 'mentions(words): articles per outlet and day whose title or text has these words side by side: exact and whole, in any case, with one kind of apostrophe and space. published_on: null: the day is not known. collected: articles of the outlet stored for that day; published: how many the outlet itself lists, null: not known; days_looked of days: 0 of 1 is a day that nobody looked at; null with published_on.';

CREATE OR REPLACE VIEW main.dictionary AS
SELECT name, column_name, type, meaning FROM (
SELECT 1 AS place, 'start here' AS name, NULL::VARCHAR AS column_name, 'note' AS type, 'FROM articles: the newest version of every article, one row per outlet and article; FROM unique_articles: one row per story. SUMMARIZE articles shows what stands in each column.' AS meaning
UNION ALL
SELECT 2, 'start here', NULL, 'note', 'Say with every number what is missing: FROM coverage_daily, outlet by day; FROM collection(since, until), outlets of a span; FROM thinly_covered(since, until), those that no ranking should have.'
UNION ALL
SELECT 3, 'start here', NULL, 'note', 'Who took a story from whom: copies, stories, silent_on(story). What was changed or withdrawn: article_history(article), corrections, uncorrected_copies, removals. What is broken: incidents, source_health.'
UNION ALL
SELECT 4, 'start here', NULL, 'note', 'FROM about: what to cite. Every view, column and macro is explained below; tables of schema kept are internal, and change without notice.'
UNION ALL
SELECT 5, view_name AS name, NULL::VARCHAR AS column_name, 'view' AS type, comment AS meaning
FROM duckdb_views() WHERE database_name IN (SELECT database_name FROM duckdb_tables() WHERE schema_name = 'kept' AND table_name = 'migrations') AND schema_name = 'main' AND NOT internal
UNION ALL
SELECT 5, table_name, column_name, data_type, comment
FROM duckdb_columns() WHERE database_name IN (SELECT database_name FROM duckdb_tables() WHERE schema_name = 'kept' AND table_name = 'migrations') AND schema_name = 'main' AND NOT internal
UNION ALL
SELECT DISTINCT 5, function_name, NULL, 'macro', comment
FROM duckdb_functions() WHERE database_name IN (SELECT database_name FROM duckdb_tables() WHERE schema_name = 'kept' AND table_name = 'migrations') AND schema_name = 'main' AND function_type IN ('macro', 'table_macro') AND NOT internal
) ORDER BY place, name, column_name NULLS FIRST;

COMMENT ON VIEW main.dictionary IS 'Where to start, then every view, column and macro, with its meaning.';
COMMENT ON COLUMN main.dictionary.name IS 'name of the view or macro; start here: where to begin';
COMMENT ON COLUMN main.dictionary.column_name IS 'name of the column; null: the row describes the view or macro itself';
COMMENT ON COLUMN main.dictionary.type IS 'note (where to start), view, macro, or the column''s type';
COMMENT ON COLUMN main.dictionary.meaning IS 'what it means, and what null means';

-- Where the comment of a table of our own sends, but to the view of its name; its columns get the same one, and a table
-- that is not named here is sent to the dictionary.
COMMENT ON VIEW kept.covered IS 'internal: use main.coverage_daily';
COMMENT ON VIEW kept.article_days IS 'internal: use main.coverage_daily';
COMMENT ON VIEW kept.articles IS 'internal: use main.articles';
COMMENT ON VIEW kept.quiet_days IS 'internal: use main.source_health';
COMMENT ON VIEW kept.outlet_days IS 'internal: use main.source_health';
COMMENT ON VIEW kept.article_facts IS 'internal: use main.source_health';
COMMENT ON VIEW kept.known_versions IS 'internal: use main.article_versions';
COMMENT ON VIEW kept.samples IS 'internal: use main.source_health';
COMMENT ON VIEW kept.junk_lines IS 'internal: use main.source_health';
COMMENT ON TABLE kept.versions IS 'internal: use main.article_versions';
COMMENT ON TABLE kept.keys IS 'internal: use main.articles';
COMMENT ON TABLE kept.claims IS 'internal: use main.articles';
COMMENT ON TABLE kept.discredited IS 'internal: use main.articles';
COMMENT ON TABLE kept.readings IS 'internal: use main.article_versions';
COMMENT ON TABLE kept.bands IS 'internal: use main.copies';
COMMENT ON TABLE kept.pairs IS 'internal: use main.copies';
COMMENT ON TABLE kept.copies IS 'internal: use main.copies';
COMMENT ON TABLE kept.former_copies IS 'internal: use main.uncorrected_copies';
COMMENT ON TABLE kept.absences IS 'internal: use main.removals';
COMMENT ON TABLE kept.sightings IS 'internal: use main.removals';
COMMENT ON TABLE kept.search_documents IS 'internal: use main.articles';
COMMENT ON TABLE kept.search_words IS 'internal: use main.articles';
COMMENT ON TABLE kept.search_postings IS 'internal: use main.articles';
COMMENT ON TABLE kept.search_recent IS 'internal: use main.articles';
COMMENT ON TABLE kept.search_names IS 'internal: use main.articles';
COMMENT ON TABLE kept.removals IS 'internal: use main.removals';
COMMENT ON TABLE kept.rejections IS 'internal: use main.rejections';
COMMENT ON TABLE kept.fetches IS 'internal: use main.fetches';
COMMENT ON TABLE kept.crawls IS 'internal: use main.crawls';
COMMENT ON TABLE kept.links IS 'internal: use main.coverage_daily';
COMMENT ON TABLE kept.published IS 'internal: use main.coverage_daily';
COMMENT ON TABLE kept.sources IS 'internal: use main.sources';
COMMENT ON TABLE kept.segments IS 'internal: use main.segments';
COMMENT ON TABLE kept.ingested IS 'internal: use main.articles';
COMMENT ON TABLE kept.actors IS 'internal: use main.actors';
COMMENT ON TABLE kept.actor_mentions IS 'internal: use main.actor_mentions';
COMMENT ON TABLE kept.places IS 'internal: use main.places';
COMMENT ON TABLE kept.article_places IS 'internal: use main.article_places';
COMMENT ON TABLE kept.incidents IS 'internal: use main.incidents';
COMMENT ON TABLE kept.expectations IS 'internal: use main.source_health';
COMMENT ON TABLE kept.holidays IS 'internal: use main.source_health';
COMMENT ON TABLE kept.forgotten IS 'internal: use main.forgotten';
COMMENT ON TABLE kept.chain IS 'internal: use main.segment_chain';
COMMENT ON TABLE kept.facts IS 'internal: use main.about';
COMMENT ON TABLE kept.migrations IS 'internal: use main.about';
