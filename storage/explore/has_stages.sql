SELECT count(*) > 0 AS is_there FROM duckdb_columns() WHERE table_name = 'calendar' AND column_name = 'legal_source'
