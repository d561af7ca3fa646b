"""Delivery, to real programs and a real server; and what happens to what cannot be delivered."""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from crawler.notify import deliver
from crawler.notify.notice import Notice
from crawler.notify.tell import tell
from storage.data_dir import DataDir
from tests.kit.loopback import Answer, Loopback, Raw
from tests.kit.reported import AGAIN, FEWER, SILENT, report

NOTICE = Notice.of(report())


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "data")


Program = Callable[[str, str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes a small program of that name."""

    def make(name: str, body: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\n{body}\n")
        path.chmod(0o755)
        return path

    return make


KEEP = "Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"


def test_a_program_gets_it_on_stdin(data_dir: DataDir, program: Program, tmp_path: Path) -> None:
    """As JSON, its arguments as they were quoted."""
    out = tmp_path / "what it got"
    assert tell(NOTICE, [f"command:{program('keep', KEEP)} '{out}'"], data_dir) == []
    assert json.loads(out.read_bytes()) == NOTICE.as_json()
    assert not data_dir.untold.exists()


def test_nothing_new_reaches_nobody(data_dir: DataDir, server: Loopback) -> None:
    """What has been broken for days is no news."""
    assert tell(Notice(), [server.home], data_dir) == []
    assert tell(NOTICE, [], data_dir) == []
    assert server.asked == []
    assert not data_dir.untold.exists()


def test_a_webhook_gets_json(data_dir: DataDir, server: Loopback) -> None:
    """By POST, with the user of the address in its header; the fragment stays here."""
    server.pages["/hook?key=1"] = Answer("", 204, content_type=None)
    address = f"http://meja:s3cret%21@{server.host}/hook?key=1#part"
    assert tell(NOTICE, [address], data_dir) == []
    [asked] = server.asked
    assert json.loads(asked.body) == NOTICE.as_json()
    assert asked.headers["content-type"] == "application/json"
    assert base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")) == b"meja:s3cret!"


def test_the_mailer_of_the_machine_gets_a_mail(
    data_dir: DataDir, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole, in ASCII, to that address alone."""
    body = f"Path({str(tmp_path)!r}, 'mail').write_bytes(sys.stdin.buffer.read())\nassert sys.argv[1:] == ['-i', '--', 'desk@media.example']"
    monkeypatch.setenv("PATH", str(program("sendmail", body).parent))
    assert tell(NOTICE, ["mailto:desk@media.example"], data_dir) == []
    sent = (tmp_path / "mail").read_bytes()
    assert sent.isascii()
    mail = message_from_bytes(sent, policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("desk@media.example", "Kabar: 3 broken, 1 works again")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == NOTICE.text + "\n"


def test_a_machine_without_a_mailer_says_so(data_dir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line."""
    monkeypatch.setattr(deliver, "_MAILERS", "")
    monkeypatch.setenv("PATH", "/nowhere")
    [line] = tell(NOTICE, ["mailto:desk@media.example"], data_dir)
    assert line == (
        "mailto:desk@media.example could not be told, the next run tries again: this machine has no sendmail"
    )


def test_apprise_tells_every_other_address(data_dir: DataDir, server: Loopback) -> None:
    """Here by its own json://, with the subject as title and the lines as text."""
    server.otherwise = Answer("{}")
    assert tell(NOTICE, [f"json://{server.host}/hook"], data_dir) == []
    [asked] = server.asked
    told = json.loads(asked.body)
    assert told["title"] == NOTICE.subject
    assert told["message"].rstrip() == NOTICE.text


def test_without_apprise_a_line_says_how_to_install_it(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is told otherwise needs it not."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    [line] = tell(NOTICE, ["tgram://s3cret/12"], data_dir)
    assert line == (
        "tgram:// by Apprise could not be told, the next run tries again: this address needs Apprise: "
        'pip install "kabar[notify]"'
    )


def test_what_cannot_be_delivered_is_told_by_the_next_run(data_dir: DataDir, server: Loopback) -> None:
    """To that address alone, with what has happened since; another that failed costs it nothing."""
    well, ill = server.url("well"), server.url("ill")
    server.pages["/well"], server.pages["/ill"] = Answer(), Answer(status=500)
    [line] = tell(Notice((SILENT, FEWER)), [ill, well], data_dir)
    assert line == "webhook 127.0.0.1 could not be told, the next run tries again: it answered 500"
    assert len(tell(Notice(), [ill, well], data_dir)) == 1
    server.pages["/ill"] = Answer()
    server.forget()
    assert tell(Notice(closed=(AGAIN,)), [ill, well], data_dir) == []
    told = {asked.path: json.loads(asked.body)["subject"] for asked in server.asked}
    assert told == {"/well": "Kabar: 1 works again", "/ill": "Kabar: 2 broken, 1 works again"}
    assert not data_dir.untold.exists()


def test_who_is_killed_while_telling_tells_again(data_dir: DataDir, server: Loopback) -> None:
    """What is to be told waits on the disk before it is sent; what waits is no secret."""

    def look(_: object) -> Answer:
        waiting.append(data_dir.untold.read_text(encoding="utf-8"))
        return Answer()

    waiting: list[str] = []
    server.pages["/s3cret"] = look
    assert tell(NOTICE, [server.url("s3cret")], data_dir) == []
    assert "0 articles since Friday" in waiting[0]
    assert "s3cret" not in waiting[0]


def test_an_address_that_is_no_more_is_forgotten(data_dir: DataDir, server: Loopback) -> None:
    """Nothing waits for ever."""
    tell(NOTICE, [server.url("gone")], data_dir)
    assert data_dir.untold.exists()
    server.otherwise = Answer()
    server.forget()
    assert tell(Notice(), [server.url("new")], data_dir) == []
    assert server.asked == []
    assert not data_dir.untold.exists()


def test_a_spoilt_file_is_said_and_keeps_nobody_from_telling(data_dir: DataDir, server: Loopback) -> None:
    """What waited there is lost; what is new is not."""
    data_dir.root.mkdir()
    data_dir.untold.write_text('{"a": [')
    server.otherwise = Answer()
    [line] = tell(NOTICE, [server.home], data_dir)
    assert line.endswith("untold.json cannot be read, what waited there is not told: JSONDecodeError")
    assert len(server.asked) == 1


def test_a_data_dir_that_cannot_be_written_keeps_nobody_from_telling(
    data_dir: DataDir, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full is what there is to tell."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crawler.notify.tell.put_text", full)
    server.otherwise = Answer()
    [line] = tell(NOTICE, [server.home], data_dir)
    assert "No space left on device" in line
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("sys.exit(3)", "it ended with 3"),
        ("sys.stdin.close(); print('s3cret'); sys.exit('s3cret')", "it ended with 1"),
        ("import time; time.sleep(600)", "it had not ended after 0.5 s"),
    ],
)
def test_a_program_that_fails_is_one_line(
    data_dir: DataDir, program: Program, body: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it prints is not repeated, and what hangs is ended."""
    monkeypatch.setattr(deliver, "PATIENCE_S", 0.5 if "sleep" in body else 30)
    path = program("fails", body)
    [line] = tell(NOTICE, [f"command:{path} --key s3cret"], data_dir)
    assert line == f"command {path} could not be told, the next run tries again: {why}"


def test_a_program_that_is_not_there_is_one_line(data_dir: DataDir) -> None:
    """With the system's words."""
    [line] = tell(NOTICE, ["command:/nowhere/tell s3cret"], data_dir)
    assert line.endswith("again: it cannot be run: No such file or directory")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(status=404), "it answered 404"),
        (Answer(status=302, headers={"Location": "/elsewhere?s3cret"}), "it answered 302"),
        (Raw([b"s3cret s3cret\r\n\r\n"]), "BadStatusLine"),
        (Raw([], end="close"), "RemoteDisconnected"),
        (Raw([], end="hang"), "no answer within 0.5 s"),
    ],
)
def test_a_webhook_that_fails_is_one_line(
    data_dir: DataDir,
    server: Loopback,
    answer: Answer | Raw,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A redirect is no delivery; nothing of the address is repeated, nor of what was answered."""
    monkeypatch.setattr(deliver, "PATIENCE_S", 0.5)
    caplog.set_level(logging.DEBUG)
    server.pages["/s3cret"] = answer
    server.otherwise = Answer()
    [line] = tell(NOTICE, [server.url("s3cret?s3cret=1")], data_dir)
    assert line == f"webhook 127.0.0.1 could not be told, the next run tries again: {why}"
    assert [asked.path for asked in server.asked] == ["/s3cret?s3cret=1"]
    assert "s3cret" not in caplog.text


def test_a_webhook_on_which_nobody_listens_is_one_line(data_dir: DataDir) -> None:
    """As is an address that no client understands."""
    with Loopback() as gone:
        address = gone.url("s3cret")
    [line] = tell(NOTICE, [address], data_dir)
    assert line.endswith("again: Connection refused")
    [line] = tell(NOTICE, ["http://127.0.0.1:s3cret/"], data_dir)
    assert line.endswith("again: InvalidURL")


@pytest.mark.parametrize("address", ["json://{host}/s3cret", "nosuchservice://s3cret"])
def test_apprise_that_fails_is_one_line(
    data_dir: DataDir, server: Loopback, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its own log, in which addresses stand, and its client's stay out of ours."""
    caplog.set_level(logging.DEBUG)
    server.otherwise = Answer(status=500)
    [line] = tell(NOTICE, [address.format(host=server.host)], data_dir)
    assert line.split(": ")[-1] in ("Apprise could not deliver it", "Apprise knows no such address")
    assert "s3cret" not in line + caplog.text


def test_a_service_that_breaks_within_apprise_is_one_line(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs no other address its notice."""

    def breaks(*_: object, **__: object) -> bool:
        raise RuntimeError("s3cret")

    monkeypatch.setattr("apprise.Apprise.notify", breaks)
    [line] = tell(NOTICE, ["json://127.0.0.1/s3cret", "command:true"], data_dir)
    assert line.endswith("again: Apprise failed: RuntimeError")
