"""Settings that follow from other settings."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings

from crawler.addon import SWITCHED_OFF, KabarAddon


@pytest.mark.parametrize("switch", SWITCHED_OFF)
@pytest.mark.parametrize("is_on", [False, True])
def test_what_is_switched_off_is_not_there_to_be_imported(switch: str, is_on: bool) -> None:
    """And what is switched on is: the switch means what it always means. Scrapy's own list has it, by this name."""
    setting, component = SWITCHED_OFF[switch]
    settings = Settings({switch: is_on})
    assert component in settings[setting]
    KabarAddon().update_settings(settings)
    assert (component in settings[setting]) == is_on
    assert component in Settings()[setting], "other crawlers of the process have lists of their own"
