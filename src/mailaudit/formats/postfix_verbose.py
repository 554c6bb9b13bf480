"""What Postfix's daemons write with `-v`, for hosts in `debug_peer_list`, and at TLS log levels above 1.

From the calls of `msg_info` in the sources of 3.7.  Hardly any log has such lines, so they are found by one pattern,
after everything else; they say nothing that the daemons' ordinary lines do not say.
"""

from __future__ import annotations

from mailaudit.formats.table import ANY, Kind

_WORDS = (
    # conversations between daemons
    r"(?:[a-z]+ socket|(?:private|public)/[a-z-]+(?: socket)?): |(?:send|recv|input) attr|input attribute ",
    r"(?:connect to subsystem|connection (?:established|closed)|master disconnect|report connect|process generation)",
    r"(?:request: |request ignored|wakeup |trigger |watchdog |got sigchld|spawn command |time to retire|idle timeout)",
    r"(?:fd=|fsspace: |record |chroot |loaded |running: |source=|database |lookup |proxy_map|set_eugid|setugid)",
    # queue manager
    r"(?:start|end|done|begin|move|enable|defer|skip|skipping|pausing|trying\.\.\.|throttl\w+|remove|removed|renamed) ",
    r"(?:recipient limit |[^ ]+ feedback type |old-style scan |qmgr_|queue: |site |transport_event)",
    # queue files, and what stands in them
    r"(?:open |close |read [A-Z](?: |$)|uid [0-9]+: file has |placed in hold queue|no trace file )",
    r"(?:enter |leave |event: SMFI|--- (?:start|end) request|client socket not found|received master trigger)",
    r"[a-z_]+ (?:= [a-z_]+$|stream disconnect$)",
    # cleanup, rewriting, the delivery agents
    r"(?:(?:initial|extracted) envelope |(?:PUSH|POP) boundary|cleanup flags|before |after |masquerade: |rewrite_\w+)",
    r"(?:GOT |PROBE |garbage in |flags for |send initial response|deliver_\w+|forward |spool_uid|been_here)",
    r"(?:level|path|fp|offset|sender|recipient|recip|domain|local|user|extension|unmatched|owner|delivered|relay): ",
    r"(?:exp_type|exp_from|why|queue_name|queue_id|name|type|flags|wakeup|children|next|arg\[[0-9]+\]): ",
    r"(?:delivered_hdr|header_token|local_deliver|sendmsg )",
    # SMTP, both sides
    r"[<>] ?[^ ]*\[[^\]]*\](?::[0-9]+)?: |[<>] |>>> ",
    r"(?:(?:begin|end) [^ ]* address list|pref +[0-9]+ host |connecting to |server features: )",
    r"(?:Using |global TLS level|smtp_|v6_target=|starting new SASL|disposing SASL|SASL authentication )",
    r"(?:sasl_exceptions|host name lookup methods: |name_mask: |allowlisting |time-out|dns_|res_n)",
    # filters
    r"(?:reply: SMFI|milter |free (?:milter|all)|report \w+|query milter|inspect content|abort all|disconnect event)",
    r"(?:override |send |receive )",
    # TLS
    r"(?:SSL_\w+|Read|Write|read from|write to|save session|looking |Reusing|Issuing|Decrypting|SNI hostname|Matched)",
    r"(?:TLS cipher list|depth=|subject=|issuer=|certificate |subject_CN=|tls_|xsasl_|verify error|SSL3 alert)",
    r"[^ ]*\[[^\]]*\](?::[0-9]+)?: (?:subject_CN=|issuer=|certificate |Matched |depth=|save session|looking |re-using)",
    r"[^ ]*\[[^\]]*\](?::[0-9]+)?: (?:Reusing|Issuing|Decrypting|TLS cipher list|SNI hostname|TLS session)",
    r"[^ ]*\[[^\]]*\](?::[0-9]+)?: (?:remove session|discarding EHLO keywords|replacing command )",
    r"(?:[0-9A-F]{4} (?:[0-9a-f]{2}[ -])|no (?:ciphers|shared)|cannot (?:seek|read) entropy)",
    # tables
    r"(?:dict_\w+|maps_\w+|mail_addr_\w+|match_\w+|ctable_\w+|[a-z0-9]+:[^ ]+ (?:lookup|update|delete|sequence)): ?",
    r"(?:Compiled against|Run-time linked against|ni_lookup|dynamicmaps|====|`)",
    # The functions of Postfix's sources have an underscore in their names, which no queue id has.
    r"[a-z0-9]+(?:_[a-z0-9]+)+: ",
)
VERBOSE = "^(?:" + "|".join(_WORDS) + ")"

KINDS = (
    Kind("verbose", (ANY,), (), "< mx.example[192.0.2.1]: EHLO mx.example", VERBOSE, noise=True),
    # Where such a line holds a word that mail's own lines have, it is read as text: noise must not look like mail.
    Kind(
        "verbose_text",
        (ANY,),
        (),
        "send attr reason = host mx.example[192.0.2.1] said: 550 5.7.1 rejected",
        VERBOSE.replace("^(?:", "^(?<text>(?:", 1) + ".*)$",
    ),
)
