"""The patterns of Postfix's longer lines: what stands where in deliveries and in what is refused at the door."""

from __future__ import annotations

from mailaudit.formats.table import ANY

# An address between <>: a quoted local part may hold anything, also `>` and `, status=sent (`.
ADDRESS = r'(?:"(?:[^"\\]|\\.)*"|[^>"])*'
CLIENT = r"(?<client_host>[^\[ ]*)\[(?<client_ip>[^\]]*)\](?::[0-9]+)?"
# Keys of later versions: none begins with `st`, so that no `status=` is passed over on the way to one inside a reply.
_KEYS = r"(?:(?:[a-rt-z_][a-z_]*|s(?:[a-su-z_][a-z_]*)?)=[^,]*, )*?"

DELIVERS = ("smtp", "lmtp", "local", "virtual", "pipe", "error", "retry", "discard", "spawn", ANY)
_DELIVERY = (
    r"^to=<(?<recipient>ADDRESS)>, (?:orig_to=<(?<original_recipient>ADDRESS)>, )?"
    r"relay=(?<relay_host>[^,\[:]*)(?:\[(?<relay_ip>[^\]]*)\])?(?::(?<relay_port>[0-9]+))?, "
    # No two alternatives begin alike (`d` is shared on purpose): such a pattern runs in one pass, at twice the speed.
    r"(?:conn_use=(?<conn_use>[0-9]+), )?delay=(?<delay>[0-9.e+-]+), "
    r"d(?:elays=(?<delay_a>[0-9.e+-]+)/(?<delay_b>[0-9.e+-]+)/(?<delay_c>[0-9.e+-]+)/(?<delay_d>[0-9.e+-]+), "
    r"(?:tls=(?<tls>[^,]*), )?d)?"
    r"sn=(?<enhanced_status>[0-9.]+), status=(?<status>[A-Za-z_-]+)(?: \((?<reply>.*))?$"
)
DELIVERY = _DELIVERY.replace("ADDRESS", r'[^>"]*')
DELIVERY_QUOTED = _DELIVERY.replace("ADDRESS", ADDRESS)
# `info_log_address_format = internal`: nothing is quoted, and only what follows tells where the address ends.
DELIVERY_INTERNAL = _DELIVERY.replace("ADDRESS", ".*?")
_OPEN = (
    rf"^to=RECIPIENT, (?:{_KEYS}orig_to=ORIGINAL, )?{_KEYS}"
    r"relay=(?<relay_host>[^,\[]*)(?:\[(?<relay_ip>[^\]]*)\])?(?::(?<relay_port>[0-9]+))?, "
    rf"(?:{_KEYS}conn_use=(?<conn_use>[0-9]+),? )?{_KEYS}delay=(?<delay>[0-9.e+-]+), "
    rf"(?:{_KEYS}delays=(?<delay_a>[0-9.e+-]+)/(?<delay_b>[0-9.e+-]+)/(?<delay_c>[0-9.e+-]+)/(?<delay_d>[0-9.e+-]+), )?"
    rf"(?:{_KEYS}tls=(?<tls>[^,]*), )?(?:{_KEYS}dsn=(?<enhanced_status>[0-9.]+), )?{_KEYS}"
    r"status=(?<status>[A-Za-z_-]+)(?: \((?<reply>.*))?$"
)
# The same keys with others between them.
DELIVERY_OPEN = _OPEN.replace("RECIPIENT", rf"<(?<recipient>{ADDRESS})>").replace(
    "ORIGINAL", rf"<(?<original_recipient>{ADDRESS})>"
)
# And with an unbalanced quote in the address, no brackets, or a cut line.
DELIVERY_LOOSE = _OPEN.replace("RECIPIENT", r"<?(?<recipient>[^>,]*(?:>[^,]+>)?|[^<>,]*<[^<>,]*>)>?").replace(
    "ORIGINAL", r"<?(?<original_recipient>[^>,]*)>?"
)
# What someone shortened: no relay or no delay. The address must be closed, and nothing before the status hold a `<`.
DELIVERY_SHORT = (
    r"^to=<(?<recipient>[^<>,]*)>, (?:orig_to=<(?<original_recipient>[^<>,]*)>, )?"
    r"(?:relay=(?<relay_host>[^<,\[:]*)(?:\[(?<relay_ip>[^<\]]*)\])?(?::(?<relay_port>[0-9]+))?, )?"
    r"(?:conn_use=(?<conn_use>[0-9]+), )?(?:delay=(?<delay>[0-9.e+-]+), )?"
    r"(?:delays=(?<delay_a>[0-9.e+-]+)/(?<delay_b>[0-9.e+-]+)/(?<delay_c>[0-9.e+-]+)/(?<delay_d>[0-9.e+-]+), )?"
    r"(?:tls=(?<tls>[^<,]*), )?(?:dsn=(?<enhanced_status>[0-9.]+), )?status=(?<status>[a-zA-Z_-]+) \((?<reply>.*)$"
)
# All fields are optional; HELO names cannot hold <>, addresses may hold anything inside quotes. VRFY
# `<a>` is told as `to=<<a>>`.
_FIELDS = (
    rf"(?:; (?:from=<(?<sender>{ADDRESS}|<[^<>]*>)> ?)?(?:to=<(?<recipient>{ADDRESS}|<[^<>]*>)> ?)?"
    r"(?:proto=(?<proto>[A-Z]*) ?)?"
    r"(?:helo=<(?<helo>[^>]*)> ?)?(?:sasl_method=(?<sasl_method>[^ ]*) ?)?(?:sasl_username=(?<sasl_user>[^ ]*) ?)?"
    r"(?:sasl_[a-z]+=.*)?)?$"
)
ACCESS = r"^(?<action>[a-z_-]+): (?<phase>[A-Z][A-Z-]*|[^:;]*?) from " + CLIENT + r": (?<reply>.*?)" + _FIELDS
# What nearly all such lines look like; the others (quotation marks, ports, no sender, other checks) are left to ACCESS.
ACCESS_PIECES = (
    (
        r"^(?<action>reject|reject_warning|milter-reject): (?<phase>[A-Z][A-Z-]*) from "
        r"(?<client_host>[^\[ ]*)\[(?<client_ip>[^\]]*)$"
    ),
    "]: ",
    "reply",
    "; from=<",
    (
        r'^(?<sender>[^>"]*)> to=<(?<recipient>[^>"]*)> proto=(?<proto>[A-Z]*) helo=<(?<helo>[^>]*)>'
        r"(?: sasl_method=(?<sasl_method>[^ ]*) sasl_username=(?<sasl_user>[^ ]*))?$"
    ),
)
PROXY = r"^(?<action>proxy-(?:accept|reject)): (?<phase>[^:;]*): (?<reply>.*?)" + _FIELDS
POSTSCREEN = (
    r"^(?<action>[a-z_-]+): (?<phase>[A-Z][A-Z-]*) from " + CLIENT + r": (?<reply>.*?)"
    r"; from=<(?<sender>.*?)>, to=<(?<recipient>.*?)>, proto=(?<proto>[A-Z]*), helo=<(?<helo>.*)>"
    r"(?:, sasl_method=(?<sasl_method>[^ ,]*))?(?:, sasl_username=(?<sasl_user>[^ ,]*))?$"
)
CHECK = (
    r"^(?<action>[a-z_-]+): (?<context>.*) from (?<client_host>[^\[; ]*)(?:\[(?<client_ip>[^\]]*)\])?(?::[0-9]+)?"
    r"(?::? (?<text>[^;]*))?; "
    rf"from=<(?<sender>{ADDRESS})>(?: to=<(?<recipient>{ADDRESS})>)?(?: proto=(?<proto>[A-Z]*))?"
    r"(?: helo=<(?<helo>[^>]*)>)?(?:: (?<reply>.*))?$"
)
ACTIONS = (
    "reject: ",
    "reject_warning: ",
    "warn: ",
    "warning: header ",
    "warning: body ",
    "hold: ",
    "discard: ",
    "redirect: ",
    "filter: ",
    "delay: ",
    "bcc: ",
    "hangup: ",
    "info: ",
    "prepend: ",
    "replace: ",
    "strip: ",
    "milter-reject: ",
    "milter-hold: ",
    "milter-discard: ",
    "milter-header-",
    "quarantine: ",
    "permit: ",
    "pass: ",
    "abort: ",
)
# A header is logged up to its 200th character, but a relay of lines may cut earlier: what was done stands in front.
CHECK_CUT = r"^(?<action>[a-z]+): (?<context>(?:(?:mime|nested) )?(?:header|body|mime-error|content) .*)$"
BAD_ADDRESS = (
    r"^warning: (?<reply>Illegal address syntax) from " + CLIENT + r" in (?<phase>[A-Z]+) command: (?<address>.*)$"
)
