SELECT count(*) AS articles FROM found
