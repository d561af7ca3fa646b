-- The best articles of one case of a question. $phrase_0, $phrase_1 …: patterns that the article has, or has not;
-- $left_out: words, by number, of which it has none. Null: no such bound.
WITH asked AS (
    SELECT unnest($slots_of::BIGINT[]) AS slot, $slots::BIGINT AS slots, unnest($words::VARCHAR[]) AS word, unnest($exact::BOOLEAN[]) AS is_exact
)
{ranking}
, chosen AS (
    SELECT d.article_id, r.score, r.shown, a.published_at
    FROM ranked r JOIN kept.search_documents d USING (document) JOIN main.articles a USING (article_id)
    WHERE ($source IS NULL OR a.source = $source)
      AND ($since IS NULL OR a.published_on >= $since)
      AND ($until IS NULL OR a.published_on <= $until)
      AND {place}
      AND {phrases}
      AND ($left_out IS NULL OR article_id NOT IN (
        SELECT d.article_id FROM kept.search_documents d JOIN (
            SELECT document FROM kept.search_postings WHERE word_id IN (SELECT unnest($left_out::INTEGER[]))
            UNION ALL
            SELECT document FROM kept.search_recent WHERE word_id IN (SELECT unnest($left_out::INTEGER[]))) USING (document)))
    ORDER BY r.score DESC, a.published_at DESC NULLS LAST, d.article_id
    LIMIT $number
)
-- as it is shown
SELECT article_id, source, published_at, title, url, score, {snippet} AS snippet
FROM (
    SELECT c.article_id, a.source, a.published_at, a.title, a.url, c.score, a.text, {found_at} AS found_at
    FROM chosen c JOIN main.articles a USING (article_id) LEFT JOIN words_shown w ON w.letters = c.shown & ({most_words} - 1)
)
ORDER BY score DESC, published_at DESC NULLS LAST, article_id
