"""What a page means. Pure: no Scrapy, no DuckDB, no network, no clock, no files."""
