"""From an unknown site to a source file: what the site says of itself, and what follows from it.

Pure but for `spider`, which asks and fills a `look`: `named` takes what a page names (feeds, REST root, links, pager),
`platforms` recognises the publishing system, `pattern` learns what an article's address looks like,
`place` weighs the evidence for zone and province, `names` finds title, brands and suffixes, `writing`
spells the file. Null beats a wrong value here too: what nothing supports is not written, but said.
"""
