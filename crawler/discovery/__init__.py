"""From what an outlet publishes about itself to the links worth fetching.

Pure: no Scrapy, no network, no clock.
`entry.start` says which documents of an entry to ask for first, `entry.read` turns each answer into
`Found` (links, and further documents) or `Unusable` (why it is not what the entry promises). The
formats have a module each: `wordpress`, `feed`, `sitemap`, `listing`, `json_list`. Asking, remembering and
falling through to the next entry are `crawler.crawl`'s.
"""
