"""What list servers write to somebody whose message they refuse: the list is the recipient, and often not named.

From: club-bounces@lists.example
Subject: Request to mailing list Club rejected

Your request to the Club mailing list has been rejected by the list moderator.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailaudit.formats.mails import signs
from mailaudit.formats.mails.addresses import addresses, of_header
from mailaudit.formats.mails.reading import Reading, Recipient
from mailaudit.formats.mails.report import tell
from mailaudit.formats.mails.wording import Wording

if TYPE_CHECKING:
    from mailaudit.formats.mails.mime import Mail
    from mailaudit.formats.mails.notice import Notice

_OFFICE = re.compile(
    r"(?i)(?:owner-(?P<a>[\w.+-]{1,64})|(?P<b>[\w.+-]{1,64}?)-(?:bounces?|owner|request|help|admin|moderators?|return))"
    r"(?:[+-][^@]{0,120})?@(?P<site>[^@\s]{3,253})"
)
"""Addresses that a list server writes from in a list's name."""
_REFUSED = Wording(
    r"""(?x)\b(?:your|the|this)\ (?:message|post(?:ing)?|e-?mail|mail|request|submission)\b.{0,160}
        \b(?:reject|refus|den(?:y|ied)|not\ accept|not\ (?:be\ )?post)|
    \b(?:are\ not|you're\ not|not|aren't)\ (?:allowed|permitted|authori[sz]ed|eligible)\ to
        \ (?:post|send|write|submit)|
    \b(?:only|restricted\ to|limited\ to)\b.{0,40}\b(?:subscribers|members)\b.{0,40}
        \b(?:post|send|write|submit)|
    \bnot\ a\ (?:subscriber|member)\b"""
)
_OF_A_LIST = Wording(r"\b(?:mailing |discussion |e-?mail )?lists?\b|\bgroup\b|\bezmlm\b")
_HELD = Wording(
    r"\b(?:held|awaits?|awaiting|pending)\b.{0,80}\b(?:moderat|approv|review)|\bwill be (?:reviewed|posted)\b"
)
"""Words of a list that has not decided yet."""
_AHEAD = 3000
"""Characters of a notice in which it says what it is about."""


def refusal(mail: Mail, notice: Notice) -> Reading | None:
    """Reads a refusal that a list sent to the author; what a list reports to its owner is none."""
    found = _OFFICE.fullmatch(of_header(mail.header("from")) or "")
    if found is None or _OFFICE.fullmatch(of_header(mail.header("to")) or "") or signs.is_sent_to_many(mail):
        return None
    pieces = [" ".join(piece.split()) for piece in re.split(r"\n[ \t]*\n", notice.text[:_AHEAD])]
    said = f"{mail.header('subject')} {' '.join(pieces)}"
    if not (_REFUSED.search(said) and _OF_A_LIST.search(said)) or _HELD.search(said):
        return None
    name = (found["a"] or found["b"]).lower()
    written = [each for value in notice.copied.get("to", []) for each in addresses(value)]
    named = [each for each in (*written, *addresses(notice.text[:_AHEAD])) if each.lower().partition("@")[0] == name]
    recipient = Recipient(named[0] if named else f"{name}@{found['site']}")
    told = [at for at, piece in enumerate(pieces) if _REFUSED.search(piece)]
    # A reason that the moderator gives stands in a paragraph of its own.
    told += [at + 1 for at in told if pieces[at].endswith(":")]
    reply = "\n".join(piece for at, piece in enumerate(pieces) if at in told) or mail.header("subject")
    tell(recipient, reply, notice, mail.header("subject"), alone=True)
    if recipient.action != "failed":
        return None
    return Reading("bounce", "list", [recipient])
