-- What Kabar keeps. Schema `kept` is the writer's; analysts query the views of storage/views/.

-- One row per outlet and article: what holds for all its versions.
CREATE TABLE kept.articles (
    article_id    VARCHAR NOT NULL,
    source        VARCHAR NOT NULL,
    version       INTEGER NOT NULL,      -- the newest
    first_seen_at TIMESTAMPTZ NOT NULL,  -- earliest fetch
    last_seen_at  TIMESTAMPTZ NOT NULL,  -- latest successful answer, an unchanged one included
    removed_at    TIMESTAMPTZ,           -- when it was found gone; null: not found gone
    story_id      VARCHAR NOT NULL,      -- smallest article_id of its group of copies
    duplicate_of  VARCHAR                -- earliest copy; null when this is it
);

-- Every version, numbered 1, 2, … in the order of fetching.
CREATE TABLE kept.versions (
    article_id          VARCHAR NOT NULL,
    version             INTEGER NOT NULL,
    version_reason      VARCHAR NOT NULL,   -- published | edited | reprocessed
    document            VARCHAR NOT NULL,   -- page | rest | feed | text
    source              VARCHAR NOT NULL,
    host                VARCHAR,
    url                 VARCHAR,
    title               VARCHAR,
    description         VARCHAR,
    text                VARCHAR NOT NULL,
    authors             VARCHAR[] NOT NULL,
    editors             VARCHAR[] NOT NULL,
    tags                VARCHAR[] NOT NULL,
    section             VARCHAR,
    dateline            VARCHAR,
    image_url           VARCHAR,
    credited_source     VARCHAR,
    published_at        TIMESTAMPTZ,
    modified_at         TIMESTAMPTZ,
    published_on        DATE,
    published_precision VARCHAR,
    published_raw       VARCHAR,
    published_from      VARCHAR,
    published_conflict  BOOLEAN NOT NULL,
    is_advertorial      BOOLEAN NOT NULL,
    advertorial_from    VARCHAR,
    advertorial_sponsor VARCHAR,
    is_complete         BOOLEAN NOT NULL,
    language            VARCHAR,
    language_confidence DOUBLE,
    word_count          INTEGER NOT NULL,
    fetched_at          TIMESTAMPTZ NOT NULL,
    notice_type         VARCHAR,
    fingerprint         VARCHAR NOT NULL,
    rules_version       VARCHAR NOT NULL,
    segment             VARCHAR,
    record_offset       BIGINT
);

-- What identifies an article: addresses, platform ids, fingerprints of texts. No index: a batch is
-- looked up by one hash join over the column.
CREATE TABLE kept.keys (
    key        VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL
);

-- The latest reading of an article by kind of document: an edit is a difference between two of one kind.
CREATE TABLE kept.readings (
    article_id    VARCHAR NOT NULL,
    document      VARCHAR NOT NULL,
    title         VARCHAR,
    fingerprint   VARCHAR NOT NULL,
    rules_version VARCHAR NOT NULL
);

-- MinHash bands of the newest version: candidates for copies.
CREATE TABLE kept.bands (
    article_id VARCHAR NOT NULL,
    band       UTINYINT NOT NULL,
    hash       BIGINT NOT NULL,
    day        DATE NOT NULL             -- of publication, else of first sight
);

-- Pairs of articles whose texts were compared and found to be copies. article_a < article_b.
CREATE TABLE kept.pairs (
    article_a   VARCHAR NOT NULL,
    article_b   VARCHAR NOT NULL,
    jaccard     DOUBLE NOT NULL,
    containment DOUBLE NOT NULL
);

CREATE TABLE kept.rejections (
    url        VARCHAR,
    source     VARCHAR NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    reason     VARCHAR NOT NULL,
    detail     VARCHAR
);

CREATE TABLE kept.fetches (
    url        VARCHAR,
    source     VARCHAR NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    status     INTEGER,                  -- null: no answer
    bytes      BIGINT,
    outcome    VARCHAR NOT NULL
);

CREATE TABLE kept.crawls (
    crawl_id    VARCHAR NOT NULL,
    source      VARCHAR NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    outcome     VARCHAR NOT NULL,
    entry       VARCHAR,
    requests    INTEGER NOT NULL,
    discovered  INTEGER NOT NULL,
    fetched     INTEGER NOT NULL,
    stored      INTEGER NOT NULL,
    known       INTEGER NOT NULL,
    rejected    INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    pending     INTEGER NOT NULL,
    message     VARCHAR
);

CREATE TABLE kept.sources (
    source   VARCHAR NOT NULL,
    title    VARCHAR NOT NULL,
    home     VARCHAR NOT NULL,
    region   VARCHAR,
    province VARCHAR,
    timezone VARCHAR NOT NULL,
    platform VARCHAR NOT NULL,
    network  VARCHAR,
    status   VARCHAR,
    notice   VARCHAR,
    enabled  BOOLEAN NOT NULL
);

-- A segment stands here in the transaction that stored its rows: merging it again changes nothing.
CREATE TABLE kept.segments (
    segment   VARCHAR NOT NULL,
    merged_at TIMESTAMPTZ NOT NULL
);

-- Facts about the store itself, e.g. the text of the views it was last given.
CREATE TABLE kept.facts (
    name  VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);
