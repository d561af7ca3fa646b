SELECT c.*, s.title, s.home, s.region, s.timezone, s.platform, s.network, s.status, s.notice, s.verified_at, s.differences
FROM collection(NULL, NULL) c LEFT JOIN sources s ON s.source = c.source
WHERE c.source = $source
