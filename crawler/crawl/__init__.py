"""One crawl of one source: its requests, its intake, and its delivery to the store.

The way of a page goes down: `documents` and `articles` ask, `further_parts` completes, `intake` archives, reads and
marks, `delivery` merges. `plan`, `walk`, `ladder`, `queue`, `coverage` and `same_text` decide and ask for nothing.
`discovery` and `pipelines` decide what a document or a page means.
"""
