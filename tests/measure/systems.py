"""Composed mail of several systems: what each writes of it, and what commands tell of that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests import program

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STAMP = 1772438400
"""2026-03-02T08:00:00Z, when all mail here is handed in."""


def stamp(second: float) -> str:
    """Returns an RFC 3339 stamp so many seconds after eight."""
    minutes, rest = divmod(second, 60)
    return f"2026-03-02T{8 + int(minutes) // 60:02}:{int(minutes) % 60:02}:{rest:09.6f}+00:00"


def postfix(  # noqa: PLR0913 (one per field)
    queue_id: str,
    recipients: Iterable[str],
    reply: str,
    *,
    at: float = 0,
    host: str = "out1",
    relay: str = "relay.example[192.0.2.9]:25",
    message_id: str | None = "m1@shop.example",
    client: str = "pc.shop.example[198.51.100.20]",
    status: str = "sent",
    program: str = "postfix/smtp",
) -> list[str]:
    """The lines of one message that Postfix takes and hands on a second later."""
    begin = f"{stamp(at)} {host} "
    lines = [f"{begin}postfix/smtpd[1]: {queue_id}: client={client}"]
    if message_id is not None:
        lines.append(f"{begin}postfix/cleanup[2]: {queue_id}: message-id=<{message_id}>")
    lines.append(f"{begin}postfix/qmgr[3]: {queue_id}: from=<news@shop.example>, size=1000, nrcpt=1 (queue active)")
    lines += [
        f"{stamp(at + 1)} {host} {program}[4]: {queue_id}: to=<{recipient}>, relay={relay}, delay=1, delays=0/0/0/1, "
        f"dsn=2.0.0, status={status} ({reply})"
        for recipient in recipients
    ]
    return [*lines, f"{stamp(at + 2)} {host} postfix/qmgr[3]: {queue_id}: removed"]


def sendgrid(
    event: str, recipient: str, at: float, stem: str = "Kd8sLq2nQ01aVx3mPz7Rxx", **more: object
) -> dict[str, Any]:
    """One event of mail that came to SendGrid by SMTP."""
    return {
        "email": recipient,
        "timestamp": STAMP + at,
        "event": event,
        "sg_event_id": f"{event}{recipient}{at}",
        "sg_message_id": f"{stem}.recvd-7f9c-1-67C4-1F.0",
        "smtp-id": "<m1@shop.example>",
        "category": "june",
        "raised_by": "j.smith",
        **more,
    }


def mailgun(event: str, recipient: str, at: float, **more: object) -> dict[str, Any]:
    """One event of Mailgun's log."""
    return {
        "id": f"{event}{recipient}{at}",
        "event": event,
        "timestamp": STAMP + at,
        "log-level": "info",
        "recipient": recipient,
        "message": {"headers": {"message-id": "m1@shop.example", "from": "news@shop.example"}},
        **more,
    }


def ses(event: str, to: list[str], at: float, **more: object) -> dict[str, Any]:
    """One event as SES publishes it."""
    when = stamp(at)[:19] + ".000Z"
    return {
        "eventType": event,
        "mail": {
            "timestamp": stamp(2)[:19] + ".000Z",
            "messageId": "0100018e1a2b3c4d-93fdd7ea-f039-43d6-91ed-653e8547867c-000000",
            "source": "news@shop.example",
            "destination": to,
            "headers": [{"name": "Message-ID", "value": "<m1@shop.example>"}],
            "commonHeaders": {"messageId": "0100018e1a2b3c4d-93fdd7ea-f039-43d6-91ed-653e8547867c-000000"},
        },
        event.lower(): {"timestamp": when, **more},
    }


def write(tmp_path: Path, **files: Iterable[str | dict[str, Any]]) -> list[Path]:
    """Files of lines and records."""
    paths = []
    for name, lines in files.items():
        path = tmp_path / name
        path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
        paths.append(path)
    return paths


def told(command: str, *arguments: object) -> list[dict[str, Any]]:
    """The rows of a command."""
    return program.rows(command, *arguments)


def shown(rows: Iterable[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Some fields of rows, in order."""
    return sorted((tuple(row.get(name) for name in names) for row in rows), key=str)


def joins(paths: Iterable[Path], about: str = "m1@shop.example") -> list[tuple[Any, ...]]:
    """The joins that trace shows."""
    rows = [row for row in told("trace", about, *paths) if row["table"] == "joins"]
    return shown(rows, "from_host", "to_host", "known_by", "certainty")


def count(name: str, *arguments: object) -> int:
    """A number of the summary."""
    return counts(*arguments)[name]


def counts(*arguments: object) -> dict[str, int]:
    """The numbers of messages and recipients of the summary."""
    rows = told("stats", "--table", "summary", *arguments)
    return {row["name"]: row["count"] for row in rows if row["section"] in {"messages", "recipients"}}
