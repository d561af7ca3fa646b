SELECT count(*) > 0 AS is_there FROM duckdb_views() WHERE view_name = 'calendar' AND schema_name = 'main'
