-- The search: which words stand in the newest version of each article. An article has a number here, which is never
-- seen outside, because millions of postings name it.
CREATE TABLE kept.search_documents (
    document    INTEGER NOT NULL,
    article_id  VARCHAR NOT NULL,
    text_words  INTEGER NOT NULL,
    title_words INTEGER NOT NULL
);
-- Every word that was ever met, folded. Its stem may change when it is met in another case: then this row does alone.
CREATE TABLE kept.search_words (
    word_id  INTEGER NOT NULL,
    word     VARCHAR NOT NULL,
    stem     VARCHAR NOT NULL,      -- shared by the words of a family
    is_lower BOOLEAN NOT NULL,      -- it was met in lower case
    is_name  BOOLEAN NOT NULL       -- it was met capitalised within a sentence
);
-- How often a word stands in an article: runs that are sorted by word, so that a word's rows lie together.
CREATE TABLE kept.search_postings (
    word_id  INTEGER NOT NULL,
    document INTEGER NOT NULL,
    in_text  USMALLINT NOT NULL,
    in_title UTINYINT NOT NULL
);
-- The same of the last merges, until there are enough for a run.
CREATE TABLE kept.search_recent (
    word_id  INTEGER NOT NULL,
    document INTEGER NOT NULL,
    in_text  USMALLINT NOT NULL,
    in_title UTINYINT NOT NULL
);
-- Names that pass unstemmed beside those that the code knows: of the actors in force.
CREATE TABLE kept.search_names (
    word VARCHAR NOT NULL
);
