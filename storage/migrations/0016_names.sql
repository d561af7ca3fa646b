-- The list of actors in force, in its order. Null: the list does not say.
CREATE TABLE kept.actors (
    position    INTEGER NOT NULL,
    actor_id    VARCHAR NOT NULL,
    name        VARCHAR NOT NULL,
    kind        VARCHAR NOT NULL,        -- person | party | office | organisation
    party       VARCHAR,
    office      VARCHAR,
    candidacy   VARCHAR,
    gender      VARCHAR,
    valid_from  DATE,
    valid_until DATE,
    spellings   VARCHAR[] NOT NULL,
    context     VARCHAR[] NOT NULL,
    note        VARCHAR
);

-- Index: which articles name whom. One row per article and actor.
CREATE TABLE kept.actor_mentions (
    article_id   VARCHAR NOT NULL,
    actor_id     VARCHAR NOT NULL,
    source       VARCHAR NOT NULL,
    published_on DATE,
    in_title     BOOLEAN NOT NULL,
    in_lead      BOOLEAN NOT NULL,
    mentions     INTEGER NOT NULL,
    paragraphs   INTEGER NOT NULL,
    words        INTEGER NOT NULL,
    share        DOUBLE NOT NULL
);

-- The gazetteer, as this code has it.
CREATE TABLE kept.places (
    place_id        VARCHAR NOT NULL,
    name            VARCHAR NOT NULL,
    level           VARCHAR NOT NULL,    -- province | capital | city | regency | district
    parent_id       VARCHAR,             -- null: a province
    bps_code        VARCHAR,             -- null: not known for certain
    kemendagri_code VARCHAR              -- null: it has none
);

-- Index: which articles name which places. One row per article and place.
CREATE TABLE kept.article_places (
    article_id  VARCHAR NOT NULL,
    place_id    VARCHAR NOT NULL,
    mentions    INTEGER NOT NULL,
    is_dateline BOOLEAN NOT NULL
);
