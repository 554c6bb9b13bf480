"""What people name becomes files; what cannot be read is said with what to do about it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.read.files import TEXT, log

from mailaudit.errors import InputError
from mailaudit.read import sources, system


def test_missing_path_gets_a_suggestion(tmp_path: Path) -> None:
    """A mistyped name is answered with the names that are near."""
    log(tmp_path / "maillog")
    with pytest.raises(InputError) as error:
        sources.find([str(tmp_path / "mailog")])

    assert error.value.hint == f"did you mean {tmp_path / 'maillog'}?"


def test_missing_directory_gets_a_suggestion(tmp_path: Path) -> None:
    """So is a mistyped directory."""
    (tmp_path / "archive").mkdir()
    with pytest.raises(InputError) as error:
        sources.find([str(tmp_path / "archiv" / "maillog")])

    assert str(tmp_path / "archive") in str(error.value.hint)


def test_one_missing_path_among_several(tmp_path: Path) -> None:
    """The others are read, and the warning makes the run end with exit code 3."""
    found = sources.find([str(log(tmp_path / "a.log")), str(tmp_path / "b.log")])

    assert len(found.sources) == 1
    assert [warning.kind for warning in found.warnings] == ["unreadable"]
    assert str(tmp_path / "b.log") in found.warnings[0].text


def test_glob(tmp_path: Path) -> None:
    """A pattern that the shell left alone is expanded here; one that matches nothing is an error."""
    log(tmp_path / "a.log", 1)
    log(tmp_path / "b.log", 2)

    assert [Path(one.path).name for one in sources.find([str(tmp_path / "*.log")]).sources] == ["a.log", "b.log"]
    with pytest.raises(InputError, match="no file matches"):
        sources.find([str(tmp_path / "*.txt")])


def test_directory_of_a_log_host(tmp_path: Path) -> None:
    """Where a directory has no log itself, those of the directories below are read, which hosts have one each."""
    for place, name in (
        ("mx1", "mail.log"),
        ("mx2/2026/11", "maillog.1.gz"),
        ("mx2", "cron.log"),
        (".trash", "mail.log"),
    ):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        log(tmp_path / place / name, len(place))
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)

    places = {str(Path(one.path).relative_to(tmp_path)) for one in sources.find([str(tmp_path)]).sources}
    assert places == {"mx1/mail.log", "mx2/2026/11/maillog.1.gz"}

    log(tmp_path / "mail.log", 9)
    assert [one.path for one in sources.find([str(tmp_path)]).sources] == [str(tmp_path / "mail.log")]


def test_directory_by_names(tmp_path: Path) -> None:
    """Of a directory the mail logs are read, by their names."""
    for name in ("mail.log", "mail.log.1", "mail.log.2.gz", "syslog", "auth.log", ".hidden"):
        log(tmp_path / name)
    (tmp_path / "sub").mkdir()

    names_ = {Path(one.path).name for one in sources.find([str(tmp_path)]).sources}
    assert names_ == {"mail.log", "mail.log.1", "mail.log.2.gz"}


def test_directory_by_content(tmp_path: Path) -> None:
    """Without such names, whatever looks like a log."""
    log(tmp_path / "relay-1.txt")
    (tmp_path / "notes.md").write_text("# notes\n")
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")

    assert [Path(one.path).name for one in sources.find([str(tmp_path)]).sources] == ["relay-1.txt"]


def test_directory_without_logs(tmp_path: Path) -> None:
    """A directory without logs is an error."""
    (tmp_path / "notes.md").write_text("# notes\n")
    with pytest.raises(InputError, match="no mail log"):
        sources.find([str(tmp_path)])


def test_empty_file_is_a_note(tmp_path: Path) -> None:
    """An empty log is read as one without lines."""
    (tmp_path / "mail.log").touch()
    found = sources.find([str(tmp_path / "mail.log")])

    assert len(found.sources) == 1
    assert found.notes == [f"{tmp_path / 'mail.log'} is empty"]
    assert not found.warnings


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (bytes(range(256)) * 40, "binary data"),
        (b"\x7fELF" + bytes(100), "a program"),
        (b"PK\x03\x04" + bytes(100), "zip"),
        (b"LPKSHHRH" + bytes(100), "journalctl --file"),
    ],
)
def test_binary_file(tmp_path: Path, data: bytes, words: str) -> None:
    """A file that is no text is refused, with what to do about it where that is known."""
    path = tmp_path / "mail.log"
    path.write_bytes(data)
    with pytest.raises(InputError) as error:
        sources.find([str(path)])

    assert words in f"{error.value.text} {error.value.hint}"
    assert [w.kind for w in sources.find([str(path), str(log(tmp_path / "a.log"))]).warnings] == ["unreadable"]


def test_log_with_binary_rubbish(tmp_path: Path) -> None:
    """A log stays a log with rubbish in it."""
    (tmp_path / "a").write_bytes(b"\0" * 4096 + TEXT[:500] + bytes(range(256)) * 200)

    assert sources.find([str(tmp_path / "a")]).sources


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_names_the_group(tmp_path: Path) -> None:
    """Who may not read a log is told which group to join, and how."""
    path = log(tmp_path / "mail.log")
    path.chmod(0o040)
    with pytest.raises(InputError) as error:
        sources.find([str(path)])

    assert "usermod -aG" in str(error.value.hint)


def test_refusal_names_the_group(tmp_path: Path) -> None:
    """The group that may read the file is named with the command to join it."""
    path = log(tmp_path / "mail.log")
    path.chmod(0o640)
    error = system.refusal(str(path), PermissionError(13, "Permission denied"))

    assert f"usermod -aG {path.group()}" in str(error.hint)
    assert error.text == f"{path} cannot be read: Permission denied"
