a.article_id IN (
    SELECT p.article_id FROM article_places p JOIN (SELECT unnest($places) AS place_id) w
    ON p.place_id = w.place_id OR starts_with(p.place_id, w.place_id || '.')
)
