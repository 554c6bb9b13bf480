"""What libraries write under the name of the program that loaded them: SASL, PAM, LDAP, Kerberos, OpenSSL.

They log with the program's tag and process id, but without its words.  From the calls of `_sasl_log` in Cyrus SASL 2.1
and of `syslog` in nss_ldap, OpenPAM and tcp_wrappers.  What a client sent may stand on these lines: they are no noise.
"""

from __future__ import annotations

BEGINNINGS = (
    "DIGEST-MD5 ",
    "GSSAPI ",
    "GSS-SPNEGO",
    "NTLM ",
    "OTP",
    "SRP ",
    "Kerberos ",
    "sql_select ",
    "sql plugin",
    "sql auxprop plugin",
    "auxpropfunc error",
    "begin transaction",
    "commit transaction",
    "could not find auxprop plugin",
    "unable to dlopen ",
    "unable to open Berkeley db ",
    "_sasl_plugin_load ",
    "looking for plugins in ",
    "ldapdb",
    "Error putting ",
    "Parse the username ",
    "no user in db",
    "canonuserfunc error",
    "Requested identity not authenticated identity",
    "nss_ldap: ",
    "nss_wins",
    "pam_",
    "PAM ",
    "in openpam_",
    "in try_dlopen(",
    "in pam_",
    "request_init: ",
    "verify return:",
    "starting TLS engine",
)
