"""How a site is asked: politely, within bounds, on its own hosts, or from a recording.

Every private name of Scrapy and Twisted stands in this room: it is the one to mend at an upgrade. What is asked for
is decided above; what the crawl knows of the site is registered with `access`.
"""
