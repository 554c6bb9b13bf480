"""What a reply means and what to do about it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailaudit.advise.mail_flow import Result


def advice(result: Result) -> tuple[str | None, str | None]:
    """The meaning of a failure's reply and the recommended action; None where the log gives no reason."""
    from mailaudit import classify  # noqa: PLC0415 (the rules are read only where a failure is explained)
    from mailaudit.classify.tables import categories  # noqa: PLC0415

    if result.reply is None and result.smtp_code is None and result.enhanced_status is None:
        return None, None
    found = classify.verdict(
        result.reply,
        smtp_code=result.smtp_code,
        enhanced_status=result.enhanced_status,
        relay_host=result.relay_host,
    )
    return categories()[found.category].means, found.action
