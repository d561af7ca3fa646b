SELECT version, version_reason, edit_kind, edit_share, versions_left_out, fetched_at, modified_at, title, text, segment, record_offset
FROM article_versions WHERE article_id = $article ORDER BY version
