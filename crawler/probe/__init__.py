"""From an unknown site to a source file: what the site says of itself, and what follows from it.

Pure but for `spider`, which asks and fills a `result`: `homepage` takes what a page names (feeds, REST root, links,
pager), `platform` recognises the publishing system, `url_pattern` learns what an article's address looks like, `region`
weighs the evidence for zone and province, `branding` finds title, brands and suffixes, `draft` puts it together,
`source_file` writes the file. Null beats a wrong value here too: what nothing supports is not written but reported as missing.
"""
