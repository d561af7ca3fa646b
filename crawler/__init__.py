"""Everything that knows the network and Scrapy."""

__version__ = "0.1.0"
