a.article_id IN (SELECT article_id FROM article_versions WHERE version_reason = 'edited')
