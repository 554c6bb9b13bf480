"""What Postfix's daemons write with `-v`, for hosts in `debug_peer_list`, and at TLS log levels above 1.

From the calls of `msg_info` in the sources of 3.7.  Hardly any log has such lines, so they are looked for after
everything else; they say nothing that the daemons' ordinary lines do not say.  Each is written as the form that it is
printed by (see `formats.printed`).
"""

from __future__ import annotations

from mailaudit.formats.printed import either
from mailaudit.formats.table import ANY, Kind

# The functions of Postfix's sources that tell their names: what stands before the first underscore.
_FUNCTIONS = (
    "all anvil attr auto been bounce cfg check cleanup ctable deliver dgram dict dir dns dnsblog dsn event "
    "extract fail fifo find flush forward generic get haproxy has hbc header inet input listen local mac mail "
    "maps master match milter milter8 mynetworks name nbbio netstring normalize pass permit post proxy psc qmgr "
    "rbl rec resolve rewrite sane sasl scache scan set smtp smtpd sockaddr spawn stream tls tlsmgr tok822 "
    "transport trigger unix valid verify vmilter8 vstream watchdog xsasl"
)
# What one of them says of a client looks like a refusal; these do not.
_CHECKS = "invalid|maps|non|plaintext|rbl|unauth|unknown|unlisted|unverified"
FUNCTION = (
    "(?:"
    + "|".join(_FUNCTIONS.split())
    + rf"|reject_(?:{_CHECKS}))_[a-z0-9_]+(?:\[[0-9]+\]|\([^)]*\)| \([0-9,]+\))?(?:: | called ).*"
)

_TALK = (
    # What client and server say; `host[address]:port`, or the address of a proxy.
    r"/[<>] (?:[^ ]*\[[0-9A-Fa-f:.]+\](?::[0-9]+)?|[0-9.]+:[0-9]+|(?:inet|unix):[^ ]+): .*",
    ">>> START %s RESTRICTIONS <<<",
    ">>> END %s RESTRICTIONS <<<",
    ">>> CHECKING %s <<<",
)
_ATTRIBUTES = (
    "send attr %w = %s",
    "send attr name %w value %s",
    "%s socket: wanted attribute: %s",
    "input attribute name: %w",
    "input attribute value: %s",
    r"/(?:(?:private|public)/[a-z0-9-]+(?: socket)?|[a-z ]*socket): wanted attribute: (?:[a-z_]+|\([a-z ]+\))",
    r"/(?:(?:private|public)/[a-z0-9-]+(?: socket)?|[a-z ]*socket): (?:terminator \(consumed\)|EOF|non-terminator .*)",
    "connect to subsystem %s",
    "%w stream disconnect",
    "argv_attr_print %w",
    "argv_attr_scan %w",
)
_DAEMON = (
    "connection established",
    "connection established fd %d",
    "connection closed",
    "connection closed fd %d",
    "client socket not found for fd=%d",
    r"/(?:master disconnect|time to retire) -- (?:exiting|draining)",
    "idle timeout -- exiting",
    "process generation: %d (%d)",
    "daemon started",
    "--- start request ---",
    "--- end request ---",
    "got sigchld",
    "received master trigger",
    "spawn command %w; pid %d",
    "throttling command %w",
    "throttle released for command %w",
    "start conditional timer for %w",
    "ignoring status update from child pid %d generation %d",
    "====start service entry",
    "====end service entry",
    r"/(?:flags|wakeup|max_proc|avail_proc|total_proc|throttle_delay|listen_fd_count): -?[0-9]+",
    r"/(?:children|next): 0x[0-9a-f]+",
    "status_fd %d %d",
    "chroot %w user %w",
    "set_eugid: euid %d egid %d",
    "setugid: uid %d gid %d",
    "fsspace: %s",
    r"/(?:enter|leave) cleanup_[a-z]+",
    r"/[a-z_]+_action = [a-z_]+",
    "fd=%d: stream buffer size old=%d new=%d",
    "loaded %w = %w",
    "trying... [%w]",
    "trying... [%w]:%d",
    "sendmsg error (%s). Trying CMSG_LEN workaround.",
    "export %w=%s",
    "import_hostname=%w",
    "import_service_path=%w",
    "myhostname=%w",
    r"/report (?:connect|helo|sender|recipient|data|unknown command) to all milters(?: \(flags=0x[0-9a-f]+\))?",
    "source=%w address=%w - no match",
    "source=%w address=%w acl=%s",
)
_QUEUE = (
    "request: %d (%s)",
    "request ignored",
    "start sorted recipient list",
    "end sorted recipient list",
    "done %w queue scan",
    "start move queue %w -> %w",
    "end move queue %w -> %w",
    "enable site %w",
    "enable transport %w",
    "defer site %w: %s",
    "defer transport %w: %s",
    "wakeup %w after %d secs",
    "recipient limit %d",
    "%w feedback type %d value at %d: %w",
    "old-style scan record %w %s",
    r"/record [A-Z>](?: .*)?",
    r"/read [A-Z](?: .*)?",
    r"/open [a-z]+/[^ ]+",
    r"/open (?:hash|btree|dbm|cdb|lmdb|sdbm|fail) [^ ]+",
    "queue: %w",
    "uid %d: file has %d links",
    "placed in %w queue",
    "no trace file -- not sending a notification",
    r"/remove [a-z]+/[^ ]+",
    "remove directory %w",
    "remove subdirectory %w",
    "removed file %w",
    "renamed file %w as %w",
    "site %w to path %w",
    "skip logfile %w, unread for <%s",
    "flush_send_file: %s",
    "transport_event: %w",
    "qmgr_enable_all",
)
_CLEANUP = (
    r"/(?:initial|extracted) envelope [A-Za-z](?: .*)?",
    "PUSH boundary %s",
    "POP boundary %s",
    "cleanup flags = %s",
    "before %w: cleanup flags = %s",
    "after %w: cleanup flags = %s",
    "garbage in %w header",
    "masquerade: %s -> %s",
    "rewrite_clnt: %s",
    r"/`[^']*' (?:-> )?`[^']*' -> .*",
    "wildcard_{chan:hop}={%s:%s}",
    r"/(?:GOT|PUT|PROBE) [^ ]+ status=-?[0-9]+ probed=-?[0-9]+ updated=-?[0-9]+.*",
    "skipping event %w for milter %w",
    "skipping event %w after SMFIR_SKIP from milter %w",
    "skipping non-protocol event %w for milter %w",
    "skipping reply for event %w from milter %w",
    "event: SMFI%w; macros:%s",
    "reply: SMFI%w data %d bytes",
    "milter %w: event mask %x %s",
    'override %w macro list with "%s"',
    "query milter states for other event",
    "inspect content by all milters",
    "disconnect event to all milters",
    "abort all milters",
    "free all milters",
    "free milter %w",
    "receive %d milters",
    "send %d milters",
)
_DELIVERY = (
    # local(8) and virtual(8) list what they know of a delivery.
    r"/(?:level|offset|exp_type): -?[0-9]+",
    r"/(?:path|queue_name|queue_id|relay|domain|local|user|extension|unmatched|name|type): [^ ]*",
    r"/(?:sender|recipient|owner|delivered|exp_from): [^ ]*",
    "fp: 0x%x",
    "why: buffer",
    "forward delivered=%s sender=%s recip=%s",
    "spool_uid/gid %w chown_uid/gid %w",
    "been_here: %s: %d",
    "local_deliver: %s from %s",
    "delivered_hdr_init: %s",
    "header_token: %s",
)
_SMTP = (
    "begin %s address list",
    "end %s address list",
    r"/pref +[0-9]+ host [^ ]+",
    "connecting to %w port %d",
    "server features: 0x%x size %d",
    "Using %s PIPELINING, TCP send buffer size is %d, PIPELINING buffer size is %d",
    "%w TLS level: %w",
    "global TLS level: %w",
    "%w asciified to %w",
    "v6_target=%d, v4_target=%d",
    "starting new SASL client",
    "disposing SASL state information",
    r"/SASL authentication (?:debug|info|pass|trace): .*",
    "sasl_exceptions: %w, match=%d",
    "host name lookup methods: %s",
    "name_mask: %w",
    "lookup %w type %w flags %s",
    "dns_query: %s",
    "dns_lookup: %w aliased to %w",
    "res_nmkquery() failed",
    "res_nsend() failed",
    "skipping address family %d for %s",
    "allowlisting %w from %w",
    "flags for %w: %s",
    "skip %w test for %w",
)
# What OpenSSL calls the steps of a handshake, word by word.
_STATES = (
    "read|write|flush|client|server|hello|certificate|request|verify|key|exchange|done|finished|change|cipher|spec|session|"
    "ticket|status|encrypted|extensions|early|data|end|of|connect|accept|initialization|negotiation|successfully|state|next|"
    "proto|compressed|SSL|A|B|C|D"
)
_VERSION = r"SSL(?:v[23](?:/(?:v3|TLS))?)?|TLSv?[0-9.]*"
_TLS = (
    rf"/SSL_(?:connect|accept):(?:(?:error|failed) in )?(?:{_VERSION}|before|error|unknown)(?:[ /](?:{_STATES}))*",
    "SSL3 alert %w:%w:%s",
    r"/SSL3 alert (?:read|write):[a-z]+:[a-z ]+",
    r"/(?:Read|Write|read from|write to) [0-9A-Fa-f]+(?: \[[0-9A-Fa-f]+\])? \(.*\)",
    "Read %d chars: %s",
    "Write %d chars: %s",
    r"/[0-9a-f]{4} (?:[0-9a-f]{2}[ -]){1,16} .*",
    "%x - <SPACES/NULLS>",
    "open %w TLS cache %w",
    "close %w TLS cache %w",
    "read %w TLS cache entry %s",
    "write %w TLS cache entry %s",
    "lookup %w session id=%w",
    "put %w session id=%s",
    "delete %w session id=%w",
    "remove session %w from client cache",
    "save session %w to %w cache",
    "reloaded session %w from %w cache",
    "looking for session %w in %w cache",
    "read %d bytes from entropy file %s",
    "cannot read entropy file %s",
    "cannot seek entropy file %s",
    "subject=%s",
    "issuer=%s",
    r"/[^ ]*: (?:Reusing old session.*|(?:Issuing|Decrypting) session ticket, key expiration: [0-9]+)",
    r"/[^ ]*: (?:looking up|remove|reloaded|save) session [^ ]+ .*",
    r"/[^ ]*: (?:SNI hostname|matched peername|Matched (?:fingerprint|subject[^:]*|CommonName|DANE [^:]*)): .*",
    r"/[^ ]*: Matched (?:trust anchor at depth [0-9]+|CommonName .*|subject.*)",
    r'/[^ ]*: TLS cipher list ".*"',
    r"/[^ ]*: depth=[0-9]+ verify=[0-9]+ subject=.*",
    r"/[^ ]*: (?:certificate verification (?:depth|failed).*|re-using session with untrusted certificate.*)",
    r"/(?:[^ ]*: )?subject_CN=.*, issuer(?:_CN)?=.*, fingerprint=.*",
    r"/[^ ]*: [0-9] [0-9] [0-9] [0-9A-F].*",
    "begin tls_proxy_%w",
    "tls_proxy_%w %s",
    "EGD server %w reports zero bytes available",
)
_TABLES = (
    r'/[a-z0-9]+:[^ ]+ (?:lookup|update|delete|sequence): (?:"|found EOF).*',
    "dict_mysql: %s",
    "dict_pgsql: %s",
    r"/`[^']*' -> `.*",
    "Compiled against Berkeley DB%s",
    "Run-time linked against Berkeley DB%s",
    "ni_lookup %w %w=%s",
    "database %w: using size limit %d %s",
    "database %w: pausing after MDB_READERS_FULL",
    "pausing to let %s cool down",
    "%w: successful query result from host %w",
)


_LOCAL = ("local", "virtual", "master")
_TOPICS = (
    ("verbose_talk", (ANY,), _TALK, "< mx.example[192.0.2.1]: EHLO mx.example"),
    ("verbose_attributes", (ANY,), _ATTRIBUTES, "send attr request = rewrite"),
    ("verbose_function", (ANY,), (f"/{FUNCTION}",), "maps_find: recipient_canonical_maps: a@dst.example: not found"),
    ("verbose_daemon", (ANY,), _DAEMON, "master disconnect -- exiting"),
    ("verbose_queue", (ANY,), _QUEUE, "start sorted recipient list"),
    ("verbose_message", (ANY,), _CLEANUP, "initial envelope T 1764172000 12345"),
    ("verbose_delivery", _LOCAL, _DELIVERY, "queue_name: active"),
    ("verbose_smtp", (ANY,), _SMTP, "connecting to 192.0.2.1 port 25"),
    ("verbose_tls", (ANY,), _TLS, "SSL_connect:SSLv3/TLS write client hello"),
    ("verbose_table", (ANY,), _TABLES, 'hash:/etc/postfix/virtual lookup: "a@dst.example" = "b@dst.example"'),
)
_EVERY = tuple(form for _, _, forms, _ in _TOPICS for form in forms)

KINDS = (
    *(Kind(name, daemons, (), example, f"^{either(*forms)}$", noise=True) for name, daemons, forms, example in _TOPICS),
    # Where such a line holds a word that mail's own lines have, it is read as text: noise must not look like mail.
    Kind(
        "verbose_text",
        (ANY,),
        (),
        "send attr reason = host mx.example[192.0.2.1] said: 550 5.7.1 rejected",
        f"^(?<text>{either(*_EVERY)})$",
    ),
)
