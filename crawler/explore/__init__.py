"""`scrapy explore`: pages over the published database, for this machine's own reader. They read; nothing is written."""
