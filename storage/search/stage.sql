-- The words of articles, as they are indexed: folded to lower case, without accents. A word with a quote inside stands
-- whole and in its parts (masud, mas, ud). is_lower, is_name: as in kept.search_words.
CREATE OR REPLACE TEMP TABLE search_staged AS
WITH given AS (
    SELECT
        unnest($documents::INTEGER[]) AS document,
        strip_accents(unnest($titles::VARCHAR[])) AS title,
        strip_accents(unnest($texts::VARCHAR[])) AS text
), tokens AS (
    SELECT document, true AS is_title, unnest(regexp_extract_all(title, '{token}')) AS token FROM given
    UNION ALL
    SELECT document, false, unnest(regexp_extract_all(text, '{token}')) FROM given
), met AS (
    -- A capital after a small letter, a figure or a comma begins no sentence; so do the words in capitals after it.
    SELECT document, is_title, token, token = lower(token) AS is_lower, false AS is_name FROM tokens
    UNION ALL
    SELECT document, NULL, unnest(string_split(array_to_string(regexp_extract_all(text,
        '[\p{Ll}\p{N},] +(\p{Lu}[\p{L}{quote}]*(?: +\p{Lu}[\p{L}{quote}]*)*)', 1), ' '), ' ')), false, true
    FROM given
), words AS (
    SELECT * EXCLUDE (token), unnest(CASE
        WHEN regexp_matches(token, '[{quote}]')
        THEN [regexp_replace(token, '[{quote}]', '', 'g')] || regexp_split_to_array(token, '[{quote}]')
        ELSE [token] END) AS word
    FROM met
)
SELECT
    document,
    lower(word) AS word,
    least(count(*) FILTER (NOT is_title), 65535)::USMALLINT AS in_text,
    least(count(*) FILTER (is_title), 255)::UTINYINT AS in_title,
    bool_or(is_lower) AS is_lower,
    bool_or(is_name) AS is_name
FROM words WHERE word <> ''
GROUP BY ALL;
