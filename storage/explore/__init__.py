"""What the pages of `scrapy explore` ask: the published copy that is open, and a `.sql` file for every list and chart."""
