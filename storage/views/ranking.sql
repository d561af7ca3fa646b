-- The articles in which every slot of `asked` occurs, each with its score: BM25 over text and title. A slot of
-- asked(slot, slots, word, is_exact) is filled by the family of any of its words, or by the word alone; there are `slots`
-- of them. `shown` is the most telling word that stands in the text, of equals the last by letters. Averages are constants, so that an article's score
-- does not move with others, and joins are few, for a plan costs more than its work.
, known AS (
    SELECT a.*, unnest(CASE WHEN w.stem IS NOT NULL THEN [w.stem] ELSE {stems} END) AS stem
    FROM asked a LEFT JOIN {tables}kept.search_words w USING (word)
), family AS (
    SELECT k.slot, k.slots, w.word_id, w.word, w.word = k.word AS is_whole
    FROM known k JOIN {tables}kept.search_words w USING (stem)
    WHERE NOT k.is_exact OR w.word = k.word
    QUALIFY length(k.stem) = max(length(k.stem)) OVER (PARTITION BY k.slot, k.word)
), wanted AS MATERIALIZED (
    SELECT slot, slots, word_id, word, bool_or(is_whole) AS is_whole FROM family GROUP BY ALL
), hits AS MATERIALIZED (
    SELECT w.*, p.document, p.in_text, p.in_title FROM {tables}kept.search_postings p JOIN wanted w USING (word_id)
    UNION ALL
    SELECT w.*, p.document, p.in_text, p.in_title FROM {tables}kept.search_recent p JOIN wanted w USING (word_id)
), filled AS MATERIALIZED (
    SELECT DISTINCT slot, slots, document FROM hits
), often AS (
    SELECT slot, ln(1 + (SELECT count(*) FROM {tables}kept.search_documents) / count(*)) AS idf FROM filled GROUP BY slot
), complete AS (
    -- Before anything is added up: a common word beside a rare one stands in thousands of others.
    SELECT document FROM filled GROUP BY document, slots HAVING count(*) = slots
), found AS (
    SELECT
        slot,
        slots,
        document,
        sum(in_text)::DOUBLE AS in_text,
        sum(in_title)::DOUBLE AS in_title,
        sum(CASE WHEN is_whole THEN in_text ELSE 0 END)::DOUBLE AS whole_in_text,
        sum(CASE WHEN is_whole THEN in_title ELSE 0 END)::DOUBLE AS whole_in_title,
        max_by(word, CASE WHEN is_whole THEN '1' ELSE '0' END || word) FILTER (in_text > 0) AS shown
    FROM hits SEMI JOIN complete USING (document)
    GROUP BY slot, slots, document
), rare AS (
    SELECT f.*, o.idf FROM found f JOIN often o USING (slot)
), weighed AS (
    -- A word of the title counts as {title_weight} of the text; long texts and titles have more words by chance.
    SELECT
        d.article_id,
        r.slots,
        r.shown,
        r.idf,
        r.in_text / (0.25 + d.text_words / 300) + {title_weight} * r.in_title / (0.5 + d.title_words / 18) AS family,
        r.whole_in_text / (0.25 + d.text_words / 300) + {title_weight} * r.whole_in_title / (0.5 + d.title_words / 18) AS whole
    FROM rare r JOIN {tables}kept.search_documents d USING (document)
), ranked AS (
    SELECT
        article_id,
        round(sum(idf * (2.2 * family / (1.2 + family) + 1.1 * whole / (1.2 + whole))), 4) AS score,
        max_by(shown, printf('%020.9f', idf) || shown) FILTER (shown IS NOT NULL) AS shown
    FROM weighed
    GROUP BY article_id
)
