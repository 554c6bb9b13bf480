"""What is secret is hidden even in the text of a record that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.providers.test_samples import events

from mailaudit.read.secrets import SECRETS, hidden

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"token":"S3","x":1}', '{"token":…,"x":1}'),
        (
            '{"signature":{"timestamp":"1","token":"S3","signature":"S',
            '{"signature":{"timestamp":"1","token":…,"signature":…',
        ),
        (r'{"Message":"{\"Signature\": \"S3\", \"a\": 1}"', r'{"Message":"{\"Signature\": …, \"a\": 1}"'),
        ('{"token":123,"x":1}', '{"token":…,"x":1}'),
        ("event=opened&token=S3&signature=S3&x=1", "event=opened&token=…&signature=…&x=1"),
        ('{"tokens":"S3"}', '{"tokens":"S3"}'),
    ],
)
def test_values_are_hidden(text: str, shown: str) -> None:
    """In JSON, in JSON inside a text, where it is cut, and in forms; other members stay."""
    assert hidden(text) == shown


@given(st.sampled_from(sorted(SECRETS)), st.from_regex(r"[A-Za-z0-9+/=]{20,40}", fullmatch=True), st.integers(0, 60))
def test_no_cut_shows_a_secret(name: str, secret: str, behind: int) -> None:
    """Wherever the text ends, no eight signs of the secret are left."""
    text = f'{{"event":"x","{name}":"{secret}","recipient":"a@dst.example"}}'
    cut = hidden(text[: len(text) - behind])

    assert not any(secret[at : at + 8] in cut for at in range(len(secret) - 7))


def test_a_file_that_is_cut_in_a_signature(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the answer nor the warning shows what was signed."""
    from mailaudit import cli  # noqa: PLC0415

    path = tmp_path / "hooks.jsonl"
    path.write_text('{"signature":{"timestamp":"1","token":"S3CRETS3CRET","signature":"S3CRETS3')
    code = cli.run(["events", str(path)])
    out, err = capsys.readouterr()

    assert code == 3
    assert events(path) == []
    assert "ends within a record" in err
    assert "S3CRET" not in out + err
