SELECT stage, first_day, last_day, legal_source FROM calendar ORDER BY first_day, last_day, stage
