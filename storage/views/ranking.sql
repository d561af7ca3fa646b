-- The articles in which every slot of `asked` occurs, each with its score: BM25 over text and title. A slot of
-- asked(slot, word, kind) is filled by any of its words: by its family, by itself alone (exact) or by all that begin so
-- (prefix). A row of `ranked` is an article; `shown` is its most telling word that stands in the text.
, strange AS (
    -- Words that no article has and that are no names: their stem is a known one that is left without affixes.
    SELECT DISTINCT a.slot, a.word FROM asked a
    WHERE a.kind = 'family'
      AND a.word NOT IN (SELECT word FROM {tables}kept.search_words)
      AND a.word NOT IN (SELECT word FROM {tables}kept.search_names)
), bare AS (
    SELECT s.slot, s.word, p.root || substring(s.word, length(p.prefix) + 1, length(s.word) - length(p.prefix) - length(e.ending)) AS stem
    FROM strange s, (VALUES
        ('', ''), ('di', ''), ('ke', ''), ('se', ''), ('ter', ''), ('te', ''), ('ber', ''), ('be', ''), ('bel', ''), ('per', ''),
        ('pe', ''), ('pel', ''), ('me', ''), ('mem', ''), ('mem', 'p'), ('men', ''), ('men', 't'), ('meng', ''), ('meng', 'k'),
        ('meny', 's'), ('menge', ''), ('pem', ''), ('pem', 'p'), ('pen', ''), ('pen', 't'), ('peng', ''), ('peng', 'k'),
        ('peny', 's'), ('penge', ''), ('memper', ''), ('member', ''), ('pember', ''), ('diper', ''), ('diber', ''),
        ('teper', ''), ('keber', ''), ('keter', ''), ('seper', ''), ('berke', ''), ('berpe', '')) p(prefix, root), (VALUES
        (''), ('i'), ('an'), ('kan'), ('nya'), ('annya'), ('kannya'), ('inya'), ('lah'), ('kah'), ('pun'), ('ku'), ('mu'),
        ('wan'), ('wati')) e(ending)
    WHERE starts_with(s.word, p.prefix) AND ends_with(s.word, e.ending)
      AND length(s.word) - length(p.prefix) - length(e.ending) >= CASE WHEN p.prefix = '' OR e.ending = '' THEN 4 ELSE 3 END
), stems AS (
    SELECT a.slot, w.stem FROM asked a JOIN {tables}kept.search_words w USING (word) WHERE a.kind = 'family'
    UNION
    SELECT slot, word FROM asked WHERE kind IN ('family', 'stem')
    UNION
    SELECT slot, max_by(b.stem, length(b.stem)) FROM bare b
    WHERE b.stem IN (SELECT stem FROM {tables}kept.search_words) GROUP BY slot, b.word
), wanted AS (
    SELECT slot, word_id, bool_or(is_exact) AS is_exact FROM (
        SELECT s.slot, w.word_id, false AS is_exact FROM stems s JOIN {tables}kept.search_words w USING (stem)
        UNION ALL
        SELECT a.slot, w.word_id, true FROM asked a JOIN {tables}kept.search_words w USING (word) WHERE a.kind IN ('family', 'exact')
        UNION ALL
        SELECT a.slot, w.word_id, w.word = a.word
        FROM asked a JOIN {tables}kept.search_words w ON starts_with(w.word, a.word) WHERE a.kind = 'prefix'
    ) GROUP BY slot, word_id
), postings AS (
    SELECT word_id, document, in_text, in_title FROM {tables}kept.search_postings WHERE word_id IN (SELECT word_id FROM wanted)
    UNION ALL
    SELECT word_id, document, in_text, in_title FROM {tables}kept.search_recent WHERE word_id IN (SELECT word_id FROM wanted)
), found AS (
    SELECT
        w.slot,
        p.document,
        sum(p.in_text)::DOUBLE AS in_text,
        sum(p.in_title)::DOUBLE AS in_title,
        coalesce(sum(p.in_text) FILTER (w.is_exact), 0)::DOUBLE AS exact_in_text,
        coalesce(sum(p.in_title) FILTER (w.is_exact), 0)::DOUBLE AS exact_in_title,
        max_by(p.word_id, w.is_exact::INTEGER) FILTER (p.in_text > 0) AS shown
    FROM postings p JOIN wanted w USING (word_id)
    GROUP BY w.slot, p.document
), whole AS (
    SELECT count(*) AS articles, avg(text_words) AS text_words, avg(title_words) AS title_words FROM {tables}kept.search_documents
), rarity AS (
    SELECT slot, ln(1 + (any_value(a.articles) - count(*) + 0.5) / (count(*) + 0.5)) AS idf
    FROM found, whole a GROUP BY slot
), weighed AS (
    -- A word of the title counts as {title_weight} of the text; long texts and titles have more words by chance.
    SELECT
        f.document,
        f.shown,
        r.idf,
        f.in_text / t.text_norm + {title_weight} * f.in_title / t.title_norm AS family,
        f.exact_in_text / t.text_norm + {title_weight} * f.exact_in_title / t.title_norm AS exact,
        t.article_id
    FROM found f JOIN rarity r USING (slot) JOIN (
        SELECT d.document, d.article_id,
               0.25 + 0.75 * d.text_words / greatest(a.text_words, 1) AS text_norm,
               0.5 + 0.5 * d.title_words / greatest(a.title_words, 1) AS title_norm
        FROM {tables}kept.search_documents d, whole a
    ) t USING (document)
), ranked AS (
    SELECT
        article_id,
        round(sum(idf * (2.2 * family / (1.2 + family) + 1.1 * exact / (1.2 + exact))), 4) AS score,
        max_by(shown, idf) FILTER (shown IS NOT NULL) AS shown
    FROM weighed
    GROUP BY document, article_id
    HAVING count(*) = (SELECT count(DISTINCT slot) FROM asked)
)
