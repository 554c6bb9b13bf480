"""The mail systems that report in words of their own, in the order in which they are asked.

A report in fields (RFC 3464) is read before any of these: its maker is no matter then. The rows go from what names its
maker to what several makers share, so an early row never takes what belongs to a later one; `tests/mails` holds each
row's example against all rows before it. A system whose notices the guess reads as well needs no row.
"""

from __future__ import annotations

from mailaudit.formats.mails.system import System

_ALONE = r"^\W{0,6}<?ADDRESS>?:?\s*$"
"""A line that is one address."""
_EITHER = r"^\W{0,6}<?ADDRESS>?(?:\s*[:(\[-]\s*(?P<r>.*?)[\])]?)?\s*$"
"""The same, or an address and what is said of it."""

SYSTEMS = (
    # Exim, and who took over its words: mail.ru, Zoho, 1&1, GMX, Yandex. The address is indented, what was said of it more.
    System(
        "zoho",
        "This message was created automatically by mail delivery software.\n"
        "A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.\n\n"
        "ann@recv.example Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <ann@recv.example>... User Unknown\n",
        mark=r"ERROR_CODE ?:|^\[Status: ",
        address=r"(?:^|Address: <)ADDRESS>?,?\s+(?P<r>.+)$",
    ),
    System(
        "gmx",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to\none or more of its recipients. The following address\nfailed:\n\n"
        '"ann@recv.example":\nSMTP error from remote server after RCPT command:\nhost: mx1.recv.example\n'
        "5.1.1 <ann@recv.example>... User Unknown\n",
        mark=r"created automatically by mail delivery software[^\0]*(?:^\"[^\"\s]+@[^\"\s]+\":|^(?:For the following )?reason:)",
        start=r"failed:|created automatically",
        address=r"^\s*[\"<]?ADDRESS[\">]?:?\s*$",
        remote=r"host:\s+(?P<h>\S+)",
    ),
    System(
        "exim",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  ann@recv.example\n    SMTP error from remote mail server after RCPT TO:<ann@recv.example>:\n"
        "    host mx1.recv.example [192.0.2.25]: 550 Unrouteable address\n",
        mark=r"created automatically by mail delivery (?:software|system)|message that you (?:have )?sent "
        r"(?:could not be|has not yet been) delivered|delivery attempts will continue",
        start=r"address(?:\(es\)|es)? (?:failed|to which)|failed:|is(?: not)?:|recipients? after more than|has not yet been"
        r"|could not be",
        stop=r"^No action is required|^The following text was generated",
        address=r"^\s{0,6}(?!.*\b(?:Date|Subject|identifier)\b[^@\n]*:)(?:<ADDRESS>: (?P<r>.+)|<?ADDR>?(?:\s+\(generated from .*\))?:?\s*)$",
        remote=r"host:?\s+(?P<h>[^\s\[]+)(?:\s+\[(?P<i>[^\]]+)\])?",
    ),
    System(
        "exim, malformed",
        "A message that you sent contained one or more recipient addresses that were\nincorrectly constructed:\n\n"
        "  bob@shop.example <ann@recv.example>: malformed address: <ann@recv.example> may not follow bob@shop.example\n",
        mark=r"addresses that were\s+incorrectly constructed:",
        start=r"incorrectly constructed:",
        address=r"^\s{1,6}(?:[^<\n]{0,200}<)?ADDRESS>?:\s*(?P<r>.+)$",
    ),
    # qmail and its kin (QSBMF): a paragraph for each recipient, the first line `<address>:`.
    System(
        "yahoo",
        "Sorry, we were unable to deliver your message to the following address.\n\n<ann@recv.example>:\n"
        "554: delivery error: dd Not a valid recipient - mta1.recv.example\n",
        mark=r"unable to deliver your message to the following address",
        start=r"unable to deliver your message to",
        address=r"^<ADDRESS>:?\s*(?P<r>.*)$",
    ),
    System(
        "qmail",
        "Hi. This is the qmail-send program at out1.shop.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<ann@recv.example>:\n"
        "192.0.2.25 does not like recipient.\nRemote host said: 550 sorry, no mailbox here by that name. (#5.7.17)\n"
        "Giving up on 192.0.2.25.\n",
        mark=r"^(?:To ?:)?<[^\s<>]+@[^\s<>]+>:(?:\s|$)",
        address=r"^(?:To ?:)?<ADDRESS>:\s*(?P<r>.*)$",
        remote=r"(?:giving up on|connected to|remote host)\s+(?:(?P<i>(?:\d+\.){3}\d+)|(?P<h>[a-z0-9-]+(?:\.[a-z0-9-]+)+))",
        common=True,
    ),
    # Sendmail without a report, and its copies (Active!hunter, BIGLOBE, McAfee, Courier): sections between dashes.
    System(
        "sendmail",
        "The original message was received at Mon, 2 Jun 2025 09:14:01 GMT\nfrom app.shop.example [198.51.100.20]\n\n"
        "   ----- The following addresses had permanent fatal errors -----\n<ann@recv.example>\n"
        "    (reason: 550 5.1.1 <ann@recv.example>... User unknown)\n\n   ----- Transcript of session follows -----\n"
        "... while talking to mx1.recv.example.:\n>>> RCPT To:<ann@recv.example>\n<<< 550 5.1.1 User unknown\n",
        mark=r"(?<!-)-{3,}\s*The following addresses had .{0,60}-{3,}",
        start=r"(?<!-)-{3,}\s*The following addresses had",
        stop=r"(?<!-)-{3,} ?(?:Unsent|Original|Message header)",
        address=r"^\s*(?!(?:<<<|\(|-|\d{3}[ -]))(?:>>>\s+\S+@\S+\s+)?(?:[^<>@\n]{1,80}<|<)?ADDRESS>?(?:\s*[\[(](?P<r>.*)[\])])?\s*$",
        remote=r"while talking to (?P<h>[^\s:]+?)\.?:",
    ),
    System(
        "sendmail 5",
        "   ----- Transcript of session follows -----\nWhile talking to mx1.recv.example:\n>>> RCPT To:<ann@recv.example>\n"
        "<<< 550 <ann@recv.example>, User Unknown\n550 <ann@recv.example>... User unknown\n",
        mark=r"(?<!-)-{3,}\s*Transcript of session follows\s*-{3,}",
        start=r"(?<!-)-{3,}\s*Transcript of session follows",
        address=r"^(?P<r>\d{3}(?: \d\.\d\.\d)? <?ADDRESS>?\.\.\..*)$",
        remote=r"while talking to (?P<h>[^\s:]+?)\.?:",
        reason="before",
    ),
    # Microsoft: Exchange since 2007 in HTML and text, in the language of the server; 2003 and older; MS SMTP service.
    System(
        "exchange 2007",
        "Delivery has failed to these recipients or groups:\n\nAnn Example\n\nDiagnostic information for administrators:\n\n"
        "Generating server: ex1.recv.example\n\nann@recv.example\n"
        "#550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient ##\n",
        mark=r"^(?:Generating server|Serveur de g.n.ration|Generierender Server|Servidor de generaci.n|Server di generazione"
        r"|Servidor de gera..o|生成サーバー|生成服务器|Genererende server|Remote Server returned)",
        start=r"^(?:Generating server|Serveur de g|Generierender|Servidor de g|Server di g|生成|Genererende|Diagnostic info)",
        stop=r"^(?:Original message headers|En-t.tes de message|Urspr.ngliche|Received:)",
        address=_EITHER,
        remote=r"(?:remote server at|server) (?P<h>\S+) (?:\((?P<i>[0-9.]+)\) )?returned",
    ),
    System(
        "exchange online",
        "Your message to ann@recv.example couldn't be delivered.\n\nann wasn't found at recv.example.\n",
        mark=r"^(?:Your message to |Delivery has failed to these recipients)",
        address=r"^(?:Your message to )?<?ADDRESS>?(?: (?:couldn't|could not|wasn't|has been|was) .*|\s*(?:\(.*\))?)?$",
        reason="whole",
        common=True,
    ),
    System(
        "exchange 2003",
        "Your message\n\n  To:      ann@recv.example\n  Subject: Your June statement\n  Sent:    Mon, 2 Jun 2025 09:14:01 +0000\n"
        "\ndid not reach the following recipient(s):\n\nann@recv.example on Mon, 2 Jun 2025 09:14:03 +0000\n"
        "    The recipient name is not recognized\n    MSEXCH:IMS:RECV:EX:SRV 0 (000C05A6) Unknown Recipient\n",
        mark=r"did not reach (?:the following recipient|some or all of the intended)|konnte (?:den|die) folgende[n]? Empf.nger nicht",
        start=r"did not reach the following recipient|following recipient(?:s|\(s\))? could not be reached|folgende[n]? Empf.nger nicht",
        address=r"^\s*(?:.*SMTP=|'?)ADDRESS'?;?(?: on \S.*)?\s*$",
    ),
    # Lotus: Domino tells `was not delivered to:` … `because:`; Notes has sections.
    System(
        "domino",
        "Your message\n\n  Subject: Your June statement\n\nwas not delivered to:\n\n  ann@recv.example\n\nbecause:\n\n"
        "  User ann (ann@recv.example) not listed in Domino Directory\n",
        mark=r"^(?:was not delivered to|because|konnte nicht zugestellt werden an|wegen|n'a pu .tre remis . ?|non . stato "
        r"consegnato a|no se (?:pudo entregar|ha entregado) a|n.o foi entregue a|is niet bezorgd bij) ?: *$",
        start=r"^(?:was not delivered to|konnte nicht zugestellt|n'a pu .tre|non . stato|no se |n.o foi|is niet bezorgd)",
        address=_ALONE,
    ),
    System(
        "notes",
        "------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\nann@recv.example\n\n",
        mark=r"^-+ Failure Reasons",
        start=r"^-+ Failure Reasons",
        stop=r"^-+ Returned Message",
        address=_ALONE,
        reason="before",
    ),
    # Sun, iPlanet and Oracle: `Recipient address:`, `Reason:`, `Diagnostic code:`.
    System(
        "messaging server",
        "Your message cannot be delivered to the following recipients:\n\n  Recipient address: ann@recv.example\n"
        "  Reason: Remote SMTP server has rejected address\n"
        "  Diagnostic code: smtp;550 5.1.1 <ann@recv.example>... User Unknown\n",
        mark=r"^\s*(?:Recipient|Original) address: ",
        address=r"^\s*(?:Recipient|Original) address:\s*(?:@\S+:)?ADDRESS",
        remote=r"Remote system: dns;(?P<h>[^\s(]+)(?: \(TCP\|[^|]*\|\d*\|(?P<i>[0-9.]+))?",
        common=True,
    ),
    System(
        "m-filter",
        "ann@recv.example\n\n-------server message\n550 5.1.1 unknown user <ann@recv.example>\n\n-------SMTP command\nRCPT\n",
        mark=r"^-+ ?server message",
        address=_ALONE,
    ),
    System(
        "mailmarshal",
        "Your message:\n   From:    news@shop.example\n   Subject: Your June statement\n\nCould not be delivered because of\n\n"
        "550 5.1.1 User unknown\n\nThe following recipients were affected:\n    ann@recv.example\n",
        mark=r"The following recipients were affected",
        start=r"could not be delivered because",
        stop=r"^Additional Information",
        address=_ALONE,
        reason="before",
    ),
    System(
        "mailfoundry",
        "Unable to deliver message to: <ann@recv.example>\nDelivery failed for the following reason:\n"
        "Server mx1.recv.example[192.0.2.25] failed with: 550 <ann@recv.example> No such user here\n",
        mark=r"Unable to deliver message to:? <",
        address=r"Unable to deliver message to:? <?ADDRESS",
        remote=r"Server (?P<h>[^\s\[]+)\[(?P<i>[^\]]+)\]",
    ),
    System(
        "imail",
        "Unknown user: ann@recv.example\n\n",
        mark=r"^(?:Unknown user|User mailbox exceeds|Invalid final delivery|undeliverable to|Unknown host|Delivery failed \d|"
        r"Body of message generated response|Requested action not taken)",
        address=r"^(?P<r>(?:undeliverable to|[A-Z][^:@]{3,80}:)\s*<?ADDRESS.*)$",
        common=True,
    ),
    System(
        "surfcontrol",
        "Your message could not be sent.\nA transcript of the attempts to send the message follows.\nAddressed To: "
        "ann@recv.example\n\nFailed to send to identified host,\nann@recv.example: [192.0.2.25], 550 No such user\n",
        mark=r"^Addressed To:",
        address=r"^(?:Addressed To:\s*ADDRESS)\s*$",
        remote=r"\[(?P<i>[0-9.]+)\]",
    ),
    System(
        "fml",
        "Duplicated Message-ID in <ann@recv.example>.\n",
        mark=r"Duplicated Message-ID in <|not a member of this mailing list|has detected a loop condition so|NOT MEMBER article",
        address=r"^(?P<r>.*<ADDRESS>.*)$",
        reason="whole",
    ),
    System(
        "netscape, each with its reason",
        "This Message was undeliverable due to the following reason:\n\nEach of the following recipients was rejected by a "
        "remote mail server.\n\n    Recipient: <ann@recv.example>\n    Reason:    <ann@recv.example>... Invalid recipient\n",
        mark=r"^\s*Recipient:\s*<[^<>\s]+>\s*\n\s*Reason:",
        stop=r"^Please reply to",
        address=r"^\s*Recipient:\s*<ADDRESS>\s*$",
    ),
    System(
        "netscape",
        "This Message was undeliverable due to the following reason:\n\nYour message was not delivered because the destination "
        "computer refused it.\n\nThe following recipients did not receive this message:\n\n     <ann@recv.example>\n",
        mark=r"This Message was undeliverable due to the following reason",
        start=r"undeliverable due to the following reason",
        stop=r"^Please reply to",
        address=r"^\s*(?:Recipient:?\s*)?<?ADDRESS>?\s*$",
        reason="before",
    ),
    System(
        "ezweb",
        "Each of the following recipients was rejected by a remote\nmail server.\n\n   Recipient: <ann@recv.example>\n"
        "   >>> RCPT TO:<ann@recv.example>\n   <<< 550 <ann@recv.example>: User unknown\n",
        mark=r"^\s*Recipient: <|^The user\(s\) account|^The following recipients did not receive",
        start=r"^(?:The user\(s\)|Each of the following|Your message|The following recipients)",
        address=r"^\s*(?:Recipient: )?<ADDRESS>:?\s*(?P<r>.*)$",
    ),
    System(
        "interscan",
        "Sent <<< RCPT TO:<ann@recv.example>\nReceived >>> 550 5.1.1 <ann@recv.example>... user unknown\n",
        mark=r"(?:<<<|>>>|-->|->|>|C:) ?RCPT TO:\s?<",
        address=r"(?:<<<|>>>|-->|->|>|C:) ?RCPT TO:\s*<ADDRESS>",
        common=True,
    ),
    # Japanese carriers.
    System(
        "kddi",
        "Your mail sent on: Mon, 2 Jun 2025 18:14:01 +0900\n    Could not be delivered to: <ann@recv.example>\n"
        "    As their mailbox is full.\n",
        mark=r"Could not be delivered to: <",
        address=r"Could not be delivered to: <ADDRESS>",
    ),
    # Gmail before it wrote reports; Google Groups has no address of its own in the text.
    System(
        "gmail",
        "Delivery to the following recipient failed permanently:\n\n     ann@recv.example\n\n"
        "Technical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the server for "
        "the recipient domain recv.example by mx1.recv.example. [192.0.2.25].\n\n"
        "The error that the other server returned was:\n550 5.1.1 <ann@recv.example>... User Unknown\n",
        mark=r"Delivery to the following recipients? (?:failed|has been delayed)|Google tried to deliver",
        start=r"Delivery to the following recipient",
        address=r"^\s+(?:\* )?<?ADDRESS>?(?::\s*(?P<r>.*))?\s*$",
        remote=r"by (?P<h>[a-z0-9.-]+?)\.? \[(?P<i>[^\]]+)\]",
    ),
    System(
        "google",
        "** Address not found **\n\nYour message wasn't delivered to ann@recv.example because the address couldn't be found, "
        "or is unable to receive mail.\n\nThe response from the remote server was:\n550 5.1.1 User unknown\n",
        mark=r"^\s*\*\* .{3,60} \*\*",
        address=r"(?:delivered|deliver(?:ing)?|message) (?:your message )?to <?ADDRESS>?",
        reason="whole",
    ),
    # Smail, which T-Online still speaks like, and the DragonFly Mail Agent.
    System(
        "smail",
        "|------------------------- Failed addresses follow: ---------------------|\n <ann@recv.example>\n"
        "   552 5.2.2 <ann@recv.example> Quota exceeded (mailbox for user is full)\n",
        mark=r"^\|-+ Failed addresses follow: -+\|",
        start=r"^\|-+ Failed addresses follow",
        stop=r"^\|-+ Message ",
        address=r"^ <?ADDRESS>?(?: \.\.\. (?P<r>.*))?\s*$",
    ),
    System(
        "dragonfly",
        "This is the DragonFly Mail Agent v0.13 at out1.shop.example.\n\nThere was an error delivering your mail to "
        "<ann@recv.example>.\n\nmx1.recv.example [192.0.2.25] did not like our RCPT TO:\n552 5.2.2 Mailbox full\n",
        mark=r"error delivering your mail to <",
        address=r"error delivering your mail to <ADDRESS>",
        remote=r"(?P<h>\S+\.\S+) \[(?P<i>[^\]]+)\] did not like",
    ),
    # Others that name the recipient after a phrase of their own.
    System(
        "groupwise",
        "The message that you sent was undeliverable to the following:\n\tann@recv.example (mailbox is full)\n",
        mark=r"message that you sent was undeliverable to the following",
        start=r"undeliverable to the following",
        address=_EITHER,
    ),
    System(
        "processed",
        "- These recipients of your message have been processed by the mail server:\nann@recv.example; Failed; 4.2.2 (mailbox "
        "full)\n\n    Remote MTA mx1.recv.example: SMTP diagnostic: 552 RCPT TO:<ann@recv.example> Mailbox disk quota exceeded\n",
        mark=r"recipients of your message have been processed by the mail server",
        address=r"^\s*ADDRESS; (?P<r>(?:Failed|Delayed|Delivered|Relayed).*)$",
    ),
    System(
        "haraka",
        "Hi. This is the Haraka Mailer program at out1.shop.example.\n\nIntended Recipients: <ann@recv.example>\n"
        "Failure Reason: 421 4.7.0 [TSS04] Messages temporarily deferred\n",
        mark=r"^Intended Recipients?: ",
        address=r"^Intended Recipients?: <?ADDRESS",
    ),
    System(
        "opensmtpd",
        "    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while attempting to "
        "deliver a message for\n    the following list of recipients:\n\nann@recv.example: 550 5.1.1 User unknown\n",
        mark=r"(?:the following\s+(?:list of )?|successfully delivered to these )recipients",
        start=r"(?:following (?:list of )?|delivered to these )recipients|^\s*list of recipients:",
        stop=r"^\s+(?:Below is a copy|Please note that this is only)",
        address=r"^\s{0,8}[*<]?\s?ADDRESS>?(?:\s*:\s*(?P<r>.*))?\s*$",
        common=True,
    ),
    System(
        "listserv",
        "The following subscriber was deleted from the CLUB-L list today:\n\nErr First Last  Address\n--- ----- ----- -------\n"
        " 14 03/01 03/11 ann@recv.example\n      Last error: 5.1.1 550 User unknown\n",
        mark=r"^\s+Last error: ",
        address=r"^(?!.*Last error).*[\s\[<]ADDRESS[\]>]?(?:\s+\d.*)?$",
        common=True,
    ),
    System(
        "unnamed",
        "1 error(s):\n\nSMTP Server <mx1.recv.example> rejected recipient <ann@recv.example>\n"
        "  (Error following RCPT command). It responded as follows: [550 5.1.1 User unknown]\n",
        mark=r"^\d+ *error\(s\):|returned permanent errors:",
        address=r"(?P<r>.*(?:recipient <|errors: *)ADDRESS.*)",
        remote=r"SMTP Server <(?P<h>[^>]+)>",
    ),
)
