"""How a site is asked: politely, within bounds, on its own hosts, or from a recording.

Every private name of Scrapy and Twisted stands in this room, so an upgrade concerns this room alone. The rooms
above decide what is asked for; a crawl registers what it knows of the site with `access`.
"""
