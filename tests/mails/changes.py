"""Changes of a mail that do not change what it says: as mail readers, lists, filters and archives make them."""

from __future__ import annotations

import base64
import html
import quopri
import re
import textwrap
from email import message_from_bytes, policy
from email.message import Message
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[bytes], bytes]

SUBJECTS = {
    "de": "=?utf-8?q?Zustellung_fehlgeschlagen?=",
    "fr": "=?utf-8?q?=C3=89chec_de_la_remise?=",
    "ru": "=?utf-8?b?0J3QtdC00L7RgdGC0LDQstC70LXQvdC90L7QtSDRgdC+0L7QsdGJ0LXQvdC40LU=?=",
    "spam": "***SPAM*** {}",
    "list": "[bounces] {}",
}
FOOTER = (
    "\n\n-- \nThis e-mail is confidential. If you are not the intended recipient, you must not use it; write to\n"
    "legal@office.example or call 550 123. Unsubscribe: leave-club@lists.example\n"
)
LIST = "\n_______________________________________________\nclub mailing list\nclub@lists.example\nhttps://lists.example/club\n"


def _parsed(raw: bytes) -> Message:
    return message_from_bytes(raw, policy=policy.compat32)


def _texts(mail: Message) -> list[Message]:
    """Returns the text parts that are the notice's own: none of the copied message."""
    if mail.get_content_type().startswith("multipart/") and isinstance(mail.get_payload(), list):
        return [text for part in mail.get_payload() if isinstance(part, Message) for text in _texts(part)]
    return [mail] if mail.get_content_type() == "text/plain" and isinstance(mail.get_payload(), str) else []


def _with_text(raw: bytes, change: Callable[[str], tuple[str, str, str]]) -> bytes:
    """Returns the mail with its own texts changed: text, charset, encoding."""
    mail = _parsed(raw)
    for part in _texts(mail):
        data = part.get_payload(decode=True)
        text, charset, encoding = change(bytes(data or b"").decode("utf-8", "replace"))
        for name in ("Content-Type", "Content-Transfer-Encoding"):
            del part[name]
        part["Content-Type"] = f"text/plain; charset={charset}"
        part["Content-Transfer-Encoding"] = encoding
        part.set_payload(text)
    return mail.as_bytes(unixfrom=False)


def _coded(text: str) -> tuple[str, str, str]:
    return base64.encodebytes(text.encode()).decode(), "utf-8", "base64"


def _wrapped(text: str) -> str:
    """Wraps the lines that are sentences; what is indented, a header or a server's reply stays."""
    return "\n".join(
        "\n".join(textwrap.wrap(line, 50, break_long_words=False, break_on_hyphens=False))
        if len(line) > 50 and not re.match(r"\s|>|<|\d{3}|[\w-]+:", line)
        else line
        for line in text.split("\n")
    )


def titled(subject: str) -> Change:
    """Returns a change of the subject."""

    def change(raw: bytes) -> bytes:
        head, blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        old = re.search(rb"(?im)^subject:[ \t]*(.*(?:\n[ \t].*)*)", head)
        new = subject.format(old[1].decode("utf-8", "replace") if old else "").encode()
        head = re.sub(rb"(?im)^subject:.*(?:\n[ \t].*)*\n?", b"", head).rstrip(b"\n")
        return head + b"\nSubject: " + new + blank + body

    return change


def attached(raw: bytes) -> bytes:
    """Forwards the mail as an attachment."""
    return (
        b"From: Eve <eve@office.example>\nTo: news@shop.example\nSubject: Fwd: see this\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="outer-1"\n\n--outer-1\nContent-Type: text/plain\n\nSee the attached mail.\n\n'
        b"--outer-1\nContent-Type: message/rfc822\n\n" + raw.replace(b"\r\n", b"\n") + b"\n--outer-1--\n"
    )


def _inline(raw: bytes) -> tuple[str, str]:
    mail = _parsed(raw)
    text = "\n".join(
        bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace").strip("\n") for part in _texts(mail)
    )
    head = "".join(f"{name}: {mail[name]}\n" for name in ("From", "To", "Subject", "Date") if mail[name])
    return head, text


def forwarded(raw: bytes) -> bytes:
    """Forwards the mail as text."""
    head, text = _inline(raw)
    return (
        f"From: Eve <eve@office.example>\nTo: news@shop.example\nSubject: Fwd: see this\n\nFYI\n\n"
        f"---------- Forwarded message ---------\n{head}\n{text}\n"
    ).encode()


def quoted(raw: bytes) -> bytes:
    """Answers the mail and quotes it: a person writes of it."""
    _, text = _inline(raw)
    lines = "\n".join(f"> {line}" for line in text.split("\n"))
    return (
        "From: Eve <eve@office.example>\nTo: news@shop.example\nSubject: Re: Undelivered mail\nIn-Reply-To: <n@x.example>\n\n"
        f"Do you know why?\n\nOn Monday it said:\n{lines}\n"
    ).encode()


def page(raw: bytes) -> bytes:
    """Leaves nothing but the text, as a page of HTML."""
    mail = _parsed(raw)
    _, text = _inline(raw)
    head = "".join(
        f"{name}: {value}\n" for name, value in mail.items() if not name.lower().startswith(("content-", "mime-"))
    )
    lines = "<br>\n".join(html.escape(line) for line in text.split("\n"))
    return f"{head}MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>{lines}</p></body></html>\n".encode()


def without_report(raw: bytes) -> bytes:
    """Leaves out the machine-readable part."""
    mail = _parsed(raw)
    if isinstance(mail.get_payload(), list):
        mail.set_payload([part for part in mail.get_payload() if "delivery-status" not in part.get_content_type()])
    return mail.as_bytes(unixfrom=False)


def cut_off(share: float) -> Change:
    """Returns a change that keeps the first part of a mail."""
    return lambda raw: raw[: int(len(raw) * share)]


SAME: dict[str, Change] = {
    "CR LF": lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "CR CR LF": lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\r\n"),
    "byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "wrapped": lambda raw: _with_text(raw, lambda text: _coded(_wrapped(text))),
    "base64": lambda raw: _with_text(raw, _coded),
    "quoted-printable": lambda raw: _with_text(
        raw, lambda text: (quopri.encodestring(text.encode()).decode(), "utf-8", "quoted-printable")
    ),
    "UTF-16": lambda raw: _with_text(
        raw, lambda text: (base64.encodebytes(text.encode("utf-16")).decode(), "utf-16", "base64")
    ),
    "footer": lambda raw: _with_text(raw, lambda text: _coded(text.rstrip("\n") + FOOTER)),
    "list footer": lambda raw: raw.rstrip(b"\n") + LIST.encode(),
    "attached": attached,
    "attached with its subject": lambda raw: attached(raw).replace(b"see this", b"Undelivered Mail Returned to Sender"),
    **{f"subject {name}": titled(subject) for name, subject in SUBJECTS.items()},
}
"""Changes that leave all that a mail says."""
LESS: dict[str, Change] = {
    "forwarded": forwarded,
    "page": page,
    "without report": without_report,
    **{f"cut off at {share}": cut_off(share) for share in (0.3, 0.5, 0.7, 0.9)},
}
"""Changes that leave less of it."""
CHANGES = SAME | LESS
