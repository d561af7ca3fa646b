"""The addresses of NOTIFY: what is one, how it is told, and what of it may be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler import settings as project
from crawler.config import recipients
from crawler.errors import ArgumentError
from crawler.known_settings import check_settings
from crawler.recipients import addresses_of, command_of, shown, way_of
from crawler.user_settings import from_environment, read

GOOD = {
    "command:/usr/local/bin/tell --to 'meja redaksi'": ("command", "command /usr/local/bin/tell"),
    "https://hooks.example/T0/s3cret?key=s3cret": ("webhook", "webhook hooks.example"),
    "http://user:s3cret@127.0.0.1:8080/": ("webhook", "webhook 127.0.0.1"),
    "mailto:desk@media.example": ("mail", "mailto:desk@media.example"),
    "mailto:root": ("mail", "mailto:root"),
    "mailto://user:s3cret@mail.example": ("apprise", "mailto:// by Apprise"),
    "TGRAM://s3cret/12": ("apprise", "tgram:// by Apprise"),
}
BAD: tuple[str, ...] = (
    "desk@media.example",
    "command:",
    "command:'",
    "https:///x",
    "mailto:",
    "mailto:-f@x.example",
)
BAD += ("mailto:a b@x.example", "tgram:x", "https://a.example/\nx", "https://[::1/", ":x", "ftp:")


@pytest.mark.parametrize("address", GOOD)
def test_an_address_says_how_it_is_told_and_no_secret_is_shown(address: str) -> None:
    """Users, paths, queries and arguments may hold one."""
    assert (way_of(address), shown(address)) == GOOD[address]
    assert "s3cret" not in shown(address)


@pytest.mark.parametrize("address", BAD)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Before anything is opened, and without repeating it: a token may stand in it."""
    with pytest.raises(ValueError, match=r"\w"):
        way_of(address)
    settings = Settings()
    settings.setmodule(project, "project")
    settings.set("NOTIFY", f"{address},mailto:a@b.example" if address != ":x" else address, "cmdline")
    with pytest.raises(ArgumentError, match=r"^NOTIFY=…: not addresses as docs/notify\.md has them$"):
        check_settings(settings)


def test_words_are_parted_as_a_shell_parts_them() -> None:
    """And nothing else of a shell is understood."""
    assert command_of("command:tell 'a b' $HOME;ls") == ["tell", "a b", "$HOME;ls"]


def test_a_text_holds_several_and_a_comma_within_one_parts_nothing() -> None:
    """In kabar.toml a list says it plainly."""
    several = "mailto:a@b.example, https://h.example/x,command:tell a,b,mailto://h.example?to=c,d"
    assert addresses_of(several) == [
        "mailto:a@b.example",
        "https://h.example/x",
        "command:tell a,b",
        "mailto://h.example?to=c,d",
    ]
    assert addresses_of("") == addresses_of([]) == []


def test_it_is_set_where_every_setting_is(tmp_path: Path) -> None:
    """In kabar.toml, in the environment, on the command line; what is wrong there is not repeated."""
    file = tmp_path / "kabar.toml"
    file.write_text('NOTIFY = ["mailto:a@b.example", "command:tell"]\n')
    assert recipients(Settings(read(file))) == ["mailto:a@b.example", "command:tell"]
    assert from_environment({"KABAR_NOTIFY": "mailto:a@b.example"}) == {"NOTIFY": "mailto:a@b.example"}
    assert recipients(Settings()) == []
    for wrong in ('"s3cret"', '["https://h.example/", 3]', "3"):
        file.write_text(f"NOTIFY = {wrong}\n")
        with pytest.raises(ArgumentError, match=r"NOTIFY=…: not addresses") as refused:
            read(file)
        assert "s3cret" not in str(refused.value)
    with pytest.raises(ArgumentError, match=r"^KABAR_NOTIFY=…: not addresses"):
        from_environment({"KABAR_NOTIFY": "s3cret"})
