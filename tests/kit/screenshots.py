"""Pictures of `scrapy explore` over the demo, for the README, in the system's Chromium.

make demo && make screenshots
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from tests.kit.explored import explored
from tests.kit.running import column

STORY = "SELECT story_id FROM stories ORDER BY len(outlets) DESC, story_id LIMIT 1"
PICTURES = {"explore-search.png": "/search?q=pilkada+bontang&lang=en", "explore-story.png": "/story/{story}"}


def main(data_dir: Path, folder: Path) -> None:
    """Take the pictures."""
    (story,) = column(data_dir, STORY)
    with explored(data_dir) as (home, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport=ViewportSize(width=1100, height=660), color_scheme="light")
        for name, path in PICTURES.items():
            page.goto(home.rstrip("/") + path.format(story=story))
            page.screenshot(path=folder / name)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
