"""Scrapy's settings for this project, and Kabar's own. What they mean stands in docs/settings.md."""

from scrapy.settings.default_settings import DEFAULT_REQUEST_HEADERS as _HEADERS

from crawler.console.text import ready_streams as _ready_streams

_ready_streams()  # here, for Scrapy reads this file before it opens or prints anything

BOT_NAME = "kabar"
SPIDER_MODULES = ["crawler.spiders"]
SPIDER_LOADER_CLASS = "crawler.spiders.loader.SourceLoader"
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.late_commands"
ADDONS = {"crawler.addon.KabarAddon": 0}

# --- Kabar's own -----------------------------------------------------------------------------------

DATA_DIR = None
SOURCE_DIRS: list[str] = []
REPLAY = None
CONTACT = ""
FOLLOW: list[str] = []
ALLOW_PRIVATE_HOSTS: list[str] = []
FIRST_RUN_DAYS = 7
RECHECK_HOURS = [1, 6, 24, 72, 720]
RECHECKS_PER_RUN = 200
COPY_WINDOW_DAYS = 30
ACTORS = None
NOTIFY: list[str] = []
LANGUAGE = None
TIMESTAMP_URL = None
READ_WORKERS = 2
READ_TIMEOUT_S = 30
READ_MEMORY_MB = 1024
MAX_PAGES_PER_RUN = 5000
HEADERS_MAX_BYTES = 262_144
MAX_LINKS_PER_PAGE = 1000
MAX_ROBOTS_BYTES = 512_000
SITEMAP_MAX_LINKS = 50_000
SITEMAP_MAX_BYTES = 50_000_000
SITEMAP_MAX_DEPTH = 3
LOCK_WAIT_S = 60
PUBLISH_EVERY_S = 0
PUBLISH_LOOKS_EVERY_S = 3600
RETRY_BACKOFF_S = 5
SAME_PAGE_LIMIT = 20  # so many new articles of one text in a row no outlet has
HARVEST_AT_ONCE = 8
HARVEST_BUDGET_S = 1200
HOST_SILENCE_S = 300

# --- what happens to an Article --------------------------------------------------------------------

ITEM_PIPELINES = {
    "crawler.pipelines.ValidatePipeline": 100,
    "crawler.pipelines.DedupePipeline": 500,
    "crawler.pipelines.StorePipeline": 900,
}
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # an article seen again is no news

# --- politeness ------------------------------------------------------------------------------------

ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Kabar"
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 2.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 0  # DOWNLOAD_DELAY is where it starts, and its floor
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # the ledger knows, and tries again in a later run
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 10 << 20
DOWNLOAD_WARNSIZE = 8 << 20
REDIRECT_MAX_TIMES = 5
URLLENGTH_LIMIT = 2083
COOKIES_ENABLED = False
DEFAULT_REQUEST_HEADERS = {**_HEADERS, "Accept-Language": "id,en;q=0.5"}
EXTENSIONS = {
    "crawler.downloader.throttle.CrawlDelay": 0,
    "crawler.downloader.throttle.Patience": 0,
    "crawler.downloader.throttle.Throttle": 0,
    "scrapy.extensions.throttle.AutoThrottle": None,
}
DOWNLOADER = "crawler.downloader.slots.PoliteDownloader"

# --- where a crawl may go --------------------------------------------------------------------------

DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "crawler.downloader.handler.Transport"),
    **dict.fromkeys(("data", "file", "ftp", "s3")),
}
TWISTED_DNS_RESOLVER = "crawler.downloader.resolver.PublicResolver"

# --- Scrapy's traps --------------------------------------------------------------------------------

DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.AccessGuard": 50,
    "crawler.middlewares.HostGuard": 60,
    "crawler.middlewares.OwnLogin": 70,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.downloader.robotstxt.Robots": 100,
    "crawler.middlewares.Remembered": 110,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.downloader.compression.Compression": 590,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "crawler.middlewares.PausingRetryMiddleware": 550,
    "crawler.middlewares.ResolvedGuard": 560,  # before a retry: it would be refused again
}
HTTPERROR_ALLOW_ALL = True  # a 404 is an answer too: it is archived and counted
METAREFRESH_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # a local server that runs what it is sent
TELNETCONSOLE_ENABLED = False
CONCURRENT_ITEMS = 4  # of one answer; Scrapy makes so many tasks for each, whatever it yields
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 50_000_000  # the default starves the reading workers
LOG_LEVEL = "INFO"
STATS_DUMP = False  # a crawl says in one line what it brought; -s STATS_DUMP=1 shows every figure
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS = {"csv": "crawler.exporters.CsvExporter"}  # a headline may look like a spreadsheet's formula
