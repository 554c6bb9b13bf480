"""A server's reply means the same in whichever notice it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.mails.mails import notice, report

from mailaudit.classify import verdict
from mailaudit.formats.mails.recognise import read_mail

ANN = "ann@recv.example"
REPLIES = [
    line.partition("\t")[2].replace("ann@example.com", ANN)
    for line in Path(__file__).parents[1].joinpath("classify", "replies.tsv").read_text(encoding="utf-8").splitlines()
]
QUOTING = re.compile(
    r"@(?!recv)|said:|returned|<<<|>>>|\d -|respon|[45]\d\d-\S.*\s[45]\d\d |_|smtp;|reason:", re.IGNORECASE
)
"""Replies that quote another's, name another address, or whose lines were joined."""
PLAIN = [reply for reply in REPLIES if re.match(r"[45]\d\d [^<]", reply) and not QUOTING.search(reply)][::6]
FIELDS = f"Final-Recipient: rfc822; {ANN}\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; {{}}\n"
SHAPES = {
    "postfix": f"<{ANN}>: host mx1.recv.example[192.0.2.25] said: {{}} (in reply to RCPT TO command)\n",
    "qmail": f"<{ANN}>:\n192.0.2.25 does not like recipient.\nRemote host said: {{}}\nGiving up on 192.0.2.25.\n",
    "gmx": f"The following address\nfailed:\n\n{ANN}:\nSMTP error from remote server for RCPT TO command, host: mx1.recv.example "
    "(192.0.2.25) reason: {}\n",
    "gateway": f"Your mail to {ANN} could not be delivered.\n\nThe server answered:\n{{}}\n",
    "label": f"Recipient: {ANN}\nReason: {{}}\n",
    "french": f"Votre message n'a pas pu être remis.\n\nDestinataire : {ANN}\nErreur : {{}}\n",
    "dutch": f"Uw bericht kon niet worden afgeleverd bij {ANN}.\n\nAntwoord van de server: {{}}\n",
    "japanese": f"以下の宛先へのメールは配信できませんでした。\n\n宛先: {ANN}\n理由: {{}}\n",
    "smartermail": f"Could not deliver message to the following recipient(s):\n\nFailed Recipient: {ANN}\nReason: Remote host said: {{}}\n",
    "mailenable": f"The following recipient(s) could not be reached:\n\n\tRecipient: [SMTP:{ANN}]\n"
    "\tReason: Remote SMTP Server Returned: {}\n",
    "exchange": f"Delivery has failed to these recipients or groups:\n\n{ANN}<mailto:{ANN}>\n\nDiagnostic information for "
    f"administrators:\n\nGenerating server: ex1.shop.example\n\n{ANN}\nRemote Server returned '{{}}'\n",
    "domino": f"Your message\n\n  Subject: June\n\nwas not delivered to:\n\n  {ANN}\n\nbecause:\n\n  {{}}\n",
}


def meant(mail: bytes) -> list[str]:
    """Returns the causes that a notice tells."""
    told = read_mail(mail).recipients
    return [verdict(each.reply, smtp_code=each.smtp_code, enhanced_status=each.status).category for each in told]


@pytest.mark.parametrize("shape", [*SHAPES, "report"])
def test_a_reply_means_the_same(shape: str) -> None:
    """What a maker writes around it is not the server's."""
    mails = {reply: report(FIELDS.format(reply)) for reply in PLAIN}
    if shape != "report":
        mails = {reply: notice(SHAPES[shape].format(reply)) for reply in PLAIN}
    other = {reply: causes for reply, mail in mails.items() if (causes := meant(mail)) != [verdict(reply).category]}

    assert len(PLAIN) > 100
    assert not other
