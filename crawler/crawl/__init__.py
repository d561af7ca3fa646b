"""One crawl of one source: what it asks for, what it takes in, and what it brings to the store.

The way of a page goes down: `documents` and `articles` ask, `further_parts` completes, `intake` archives, reads and
marks, `delivery` merges. `plan`, `walk`, `ladder`, `queue`, `coverage` and `same_text` decide and ask for nothing.
What a document or a page means is decided in `discovery` and `pipelines`.
"""
