-- The articles in which every slot of `asked` occurs, each by its number, with its score: BM25 over text and title. A slot of
-- asked(slot, slots, word, is_exact) is filled by the family of any of its words, or by the word alone; there are `slots`
-- of them. `shown` is the most telling word that stands in the text, of equals the last by letters: its number in `words_shown`,
-- beside a multiple of {most_words}.
-- Averages are constants, so that an article's score does not move with others. Joins are few, for a plan costs more than its
-- work; words are found by their keys, and what is added up for each article are numbers.
, known AS (
    SELECT a.*, md5_number_lower(a.word) AS word_key, w.stem_key, unnest(CASE WHEN w.stem_key IS NULL THEN {stems} ELSE [NULL] END) AS guess
    FROM asked a LEFT JOIN {tables}kept.search_words w ON w.word_key = md5_number_lower(a.word)
), family AS (
    SELECT k.slot, k.slots, w.word_id, w.word, w.word_key = k.word_key AS is_whole
    FROM known k JOIN {tables}kept.search_words w ON w.stem_key = coalesce(k.stem_key, md5_number_lower(k.guess))
    WHERE NOT k.is_exact OR w.word_key = k.word_key
    QUALIFY coalesce(length(k.guess), 0) = max(coalesce(length(k.guess), 0)) OVER (PARTITION BY k.slot, k.word_key)
), wanted AS MATERIALIZED (
    -- By letters; the very words of the question after all others.
    SELECT *, dense_rank() OVER (ORDER BY word) AS letters, CASE WHEN is_whole THEN {most_words} ELSE 0 END + letters AS place
    FROM (SELECT slot, slots, word_id, word, bool_or(is_whole) AS is_whole FROM family GROUP BY ALL)
), words_shown AS (
    SELECT DISTINCT letters, word FROM wanted
), hits AS MATERIALIZED (
    -- As narrow as can be: what is written down costs by its bytes.
    FROM (FROM {tables}kept.search_postings UNION ALL FROM {tables}kept.search_recent) SEMI JOIN wanted USING (word_id)
), often AS (
    -- An article counts once for each word of a family that it has.
    SELECT slot, count(*) AS met, ln(1 + (SELECT count(*) FROM {tables}kept.search_documents) / count(*)) AS idf
    FROM hits JOIN wanted USING (word_id) GROUP BY slot
), rarest AS (
    SELECT document FROM hits JOIN wanted USING (word_id) WHERE slot = (SELECT arg_min(slot, met) FROM often)
), weighed AS (
    -- Of common words those articles alone that have the rarest. A word of the title counts as {title_weight} of the text;
    -- long texts and titles have more words by chance.
    SELECT
        w.slot,
        w.slots,
        h.document,
        w.is_whole,
        CASE WHEN h.in_text > 0 THEN w.place END AS place,
        h.in_text / (0.25 + d.text_words / 300) + {title_weight} * h.in_title / (0.5 + d.title_words / 18) AS weight
    FROM hits h SEMI JOIN rarest USING (document) JOIN wanted w USING (word_id) JOIN {tables}kept.search_documents d USING (document)
), found AS (
    SELECT slot, slots, document, sum(weight) AS family, sum(CASE WHEN is_whole THEN weight ELSE 0 END) AS whole, max(place) AS place
    FROM weighed GROUP BY slot, slots, document
), ranked AS MATERIALIZED (
    SELECT
        document,
        round(sum(idf * (2.2 * family / (1.2 + family) + 1.1 * whole / (1.2 + whole))), 4) AS score,
        max((place & ({most_words} - 1)) - met * {most_words}) AS shown
    FROM found JOIN often USING (slot)
    GROUP BY document, slots
    HAVING count(*) = slots
)
