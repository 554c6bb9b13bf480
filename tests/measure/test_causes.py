"""The table of causes is made once, whoever asks for it first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mailaudit import flow
from mailaudit.measure.causes import causes, refusal_causes
from mailaudit.model.request import Request

if TYPE_CHECKING:
    from pathlib import Path

    from mailaudit.measure.engine import Engine, Row

SAID = "550 5.1.1 User unknown (in reply to RCPT TO command)"
LOG = (
    "2026-03-02T10:00:00+00:00 mail postfix/qmgr[8]: 4A0000000A: from=<a@example.com>, size=9, nrcpt=1 (queue active)\n"
    "2026-03-02T10:00:01+00:00 mail postfix/smtp[9]: 4A0000000A: to=<b@example.net>, relay=mx[192.0.2.1]:25, delay=1, "
    f"delays=0/0/1/0, dsn=5.1.1, status=bounced (host mx[192.0.2.1] said: {SAID})\n"
    "2026-03-02T10:00:02+00:00 mail postfix/smtpd[7]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 450 4.7.25 "
    "Client host rejected: cannot find your hostname, [192.0.2.7]; from=<c@example.org> to=<a@example.com> "
    "proto=SMTP helo=<x>\n"
)


def asked(engine: Engine) -> list[Row]:
    """All causes that there are."""
    causes(engine)
    refusal_causes(engine)
    return engine.rows("select category from causes union all select category from refusal_causes")


def test_many_questions_at_once(tmp_path: Path) -> None:
    """Questions that run beside each other and need the causes all find them whole."""
    path = tmp_path / "mail.log"
    path.write_text(LOG)
    for _ in range(5):
        run = flow.read(Request(paths=(str(path),)))
        try:
            answers = run.engine.together([partial(asked, run.engine)] * 8)
        finally:
            run.close()

        assert [sorted(answer) for answer in answers] == [[("host_identity",), ("recipient_unknown",)]] * 8


LOGINS = (
    "Feb  3 10:00:00 mx sm-mta[41]: 613A0000041: AUTH failure (LOGIN): user not found (-20) SASL(-13): user not found: "
    "checkpass failed, relay=[192.0.2.9]\n"
    "Feb  3 10:00:02 mx postfix/smtpd[7]: warning: unknown[192.0.2.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6\n"
    "Feb  3 10:00:03 mx postfix/smtpd[7]: warning: unknown[192.0.2.9]: SASL PLAIN authentication failed\n"
)


def test_a_failed_login_is_no_unknown_recipient(tmp_path: Path) -> None:
    """Whatever SASL says of it, it is the login that failed."""
    path = tmp_path / "mail.log"
    path.write_text(LOGINS)
    with flow.read(Request(paths=(str(path),))) as run:
        refusal_causes(run.engine)

        judged = run.engine.rows("select category, type, count(*) from refusal_causes group by all")

    assert judged == [("smtp_auth_required", "config", 3)]
