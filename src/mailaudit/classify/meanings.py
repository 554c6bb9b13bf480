"""What codes mean in plain words, what other programs call a cause, and what receivers ask of bulk senders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.classify.tables import categories, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailaudit.classify.verdicts import Verdict

PROGRAMS = {
    "sisimai": "Sisimai",
    "kumomta": "KumoMTA",
    "powermta": "PowerMTA",
    "ses": "Amazon SES",
    "sparkpost": "SparkPost",
}
"""Programs whose names for a cause are known."""

CODE = re.compile(r"(?:[2-7]\d\d)?[ -]*(?:[245]\.\d{1,3}\.\d{1,3})?")
RANGES = (("7.606", 606, 649), ("7.501", 501, 503), ("7.500", 500, 699), ("7.700", 700, 749), ("7.850", 850, 899))


def status(code: str) -> str | None:
    """The meaning of an enhanced status code; None if nobody has given it one."""
    digit, _, rest = code.partition(".")
    table = read("codes.toml")
    subject, _, detail = rest.partition(".")
    meaning = table["status"].get(rest) or table["receiver"].get(rest)
    if meaning is None and subject == "7" and detail.isdigit():
        key = next((key for key, low, high in RANGES if low <= int(detail) <= high), "")
        meaning = table["receiver"].get(key)
    kind = table["class"].get(digit)
    return f"{meaning}; {kind}" if meaning and kind else meaning


def smtp(code: str) -> str | None:
    """The meaning of a reply code; None for one that is not known."""
    meaning: str | None = read("codes.toml")["smtp"].get(code)
    return meaning


def services(found: Verdict) -> dict[str, str]:
    """What each of the four services shows for this cause, by the service's title."""
    shown = {}
    for table in read("services.toml").values():
        word = table.get(found.category) or table.get(found.type) or table.get(found.permanence or "")
        shown[table["title"]] = word or table["transient" if found.type == "soft" else "permanent"]
    return shown


def names(category: str, vocabulary: str) -> str | None:
    """What a program or service calls a category; None if it has no word for it."""
    return categories()[category].names.get(vocabulary) if category in categories() else None


def limits(found: Verdict, text: str, relay_host: str | None = None) -> Iterator[str]:
    """What the receiver asks of bulk senders, where this cause is about that."""
    for limit in read("limits.toml")["limit"]:
        if found.category in limit["categories"] and (
            re.search(limit["words"], text, re.IGNORECASE) or re.search(limit["host"], (relay_host or "").lower())
        ):
            yield limit["text"]
