"""What replies mean: cases whose truth stands in the standards or in the receivers' documentation."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effort import examples

from mailaudit import classify
from mailaudit.classify import bulk, marks, templates
from mailaudit.classify.readings import reading
from mailaudit.classify.ruleset import ours


@pytest.mark.parametrize(
    ("reply", "category", "kind"),
    [
        ("452 4.1.1 <ann@example.com> 4.2.2 mailbox full", "mailbox_full", "soft"),
        ("550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown", "recipient_unknown", "hard"),
        ("550 5.2.1 The user you are trying to contact is receiving mail at a rate", "recipient_rate_limited", "soft"),
        ("552 5.5.3 too many recipients", "too_many_recipients", "soft"),
        ("450 4.2.0 Greylisted, try again in 300 seconds", "greylisted", "soft"),
        ("554 5.7.1 Service unavailable; blocked using zen.spamhaus.org", "ip_blocked", "block"),
        ("550 5.7.26 This mail is unauthenticated (DMARC)", "auth_failed", "config"),
        ("552 5.3.4 Message size exceeds fixed limit", "message_too_large", "soft"),
        ("Host or domain name not found. Name service error for name=a.example type=MX: Host not found, try again",
         "dns_failure", "soft"),
        ("Host or domain name not found. Name service error for name=a.example type=A: Host not found",
         "domain_unknown", "hard"),
        ("connect to mx.example.com[192.0.2.1]:25: Connection refused", "connection_failed", "soft"),
        ("554 5.4.6 Too many hops", "routing_loop", "soft"),
        ("550 Rule imposed mailbox access for ann@example.com refused", "recipient_refused", "block"),
        ("Not delivering to previously bounced address", "suppressed", "info"),
        ("Not delivering to a user who marked your messages as spam", "suppressed", "info"),
        ("No MX for nowhere.example", "domain_unknown", "hard"),
        ("Message rejected due to possible spam content", "spam_content", "block"),
        ("Account is full (quota exceeded)", "mailbox_full", "soft"),
        ("SPF check failed", "auth_failed", "config"),
        ("Server temporarily unavailable", "system_error", "soft"),
    ],
)  # fmt: skip
def test_what_a_reply_means(reply: str, category: str, kind: str) -> None:
    """Words of known meaning go before codes; a temporary failure is no dead address."""
    found = classify.verdict(reply)

    assert (found.category, found.type) == (category, kind)


def test_a_bare_550_is_no_dead_address() -> None:
    """Without words or an enhanced code, nobody is called unknown."""
    found = classify.verdict("550 Error")

    assert (found.type != "hard", found.confidence) == (True, "low")


def test_no_domain_is_not_final_while_the_server_goes_on_trying() -> None:
    """The same words are soft with a temporary status: the cause stays."""
    said = "DNS Error: DNS type 'mx' lookup of a.example responded with code NXDOMAIN"

    permanent = classify.verdict(said, enhanced_status="5.1.2")
    temporary = classify.verdict(said, enhanced_status="4.0.0")

    assert (permanent.category, permanent.type, permanent.suppress) == ("domain_unknown", "hard", "now")
    assert (temporary.category, temporary.type, temporary.suppress) == ("domain_unknown", "soft", "repeat")


def test_a_provider_decides_where_the_words_do_not() -> None:
    """The service's own class counts for an unknown reply, and not against a plain one."""
    vague = classify.verdict("550 5.0.0 zzz", provider_verdict="sparkpost:22")
    plain = classify.verdict("550 5.1.1 User unknown", provider_verdict="sparkpost:22")

    assert (vague.category, vague.rule) == ("mailbox_full", "provider")
    assert plain.category == "recipient_unknown"


def test_directory_based_blocking_has_both_hints() -> None:
    """Microsoft's 5.4.1 is an address that its directory lacks; the recipient's administrator may have to look."""
    found = classify.verdict("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)")

    assert found.category == "recipient_unknown"
    assert "spelling" in found.action
    assert "administrator" in found.action


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ("554 Client host [192.0.2.1] blocked using zen.spamhaus.org", "zen.spamhaus.org"),
        ("550 part of their network is on our block list (S3150)", "S3150"),
        ("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", "TSS04"),
        ("554 cox 192.0.2.1 blocked. Error Code: CXBL", "CXBL"),
        ("554 Client host [192.0.2.1] blocked using rbl.example.net; see there", "rbl.example.net"),
        ("550 5.1.1 User unknown", None),
    ],
)
def test_the_list_that_a_reply_names(reply: str, name: str | None) -> None:
    """A known list, the receiver's own token, or the host that is called the list."""
    assert classify.verdict(reply).list == name


@given(st.lists(st.text(max_size=80) | st.sampled_from([rule.example for rule in ours().rules]), max_size=60))
@settings(max_examples=examples(10), deadline=None)
def test_one_reply_and_many_replies_are_read_alike(replies: list[str]) -> None:
    """The bulk path gives what the single path gives, whatever the text."""
    column = pl.Series("reply", replies, dtype=pl.String)
    frame = pl.DataFrame(
        {"reply": column, "smtp_code": None, "enhanced_status": None, "relay_host": None},
        schema={"reply": pl.String, "smtp_code": pl.Int32, "enhanced_status": pl.String, "relay_host": pl.String},
    )

    assert templates.templates(column).to_list() == [templates.template(reply) for reply in replies]
    assert marks.all_marks(column).to_list() == [marks.marks(reply) for reply in replies]
    assert bulk.verdicts(frame).select("category", "rule").rows() == [
        (found.category, found.rule) for found in map(classify.verdict, replies)
    ]
    said = [reading(reply) for reply in replies]
    assert ours().first_of_many(said) == [ours().first(one) for one in said]


def test_every_example_is_read_alike_in_bulk() -> None:
    """Both regular expression engines agree on every rule."""
    said = [reading(rule.example) for rule in ours().rules]

    assert [rule and rule.id for rule in ours().first_of_many(said)] == [rule.id for rule in ours().rules]


@pytest.mark.parametrize(
    ("reply", "category"),
    [
        ("host a.example[192.0.2.1] said: 550 Unrouteable address (in reply to RCPT TO command)", "recipient_unknown"),
        ("host a.example[192.0.2.1] said: 550 no valid recipient (in reply to DATA command)", "recipient_unknown"),
        ("host a.example[192.0.2.1] refused to talk to me: 554 Go away", "ip_blocked"),
        ("554 5.7.1 This message is spam (Service unavailable)", "spam_content"),
    ],
)
def test_what_the_sending_server_adds_is_no_word_of_the_receiver(reply: str, category: str) -> None:
    """`in reply to … command` of Postfix and the exit status in words of sendmail do not mislead rules."""
    assert classify.verdict(reply).category == category


def test_the_session_of_exchange_online_is_no_new_reply() -> None:
    """Its id may have any letters; replies that differ in it alone are one."""
    replies = [
        f"550 5.5.0 Requested action not taken: unavailable (S2.) [{name}.prod.protection.outlook.com {when} {name}]"
        for name, when in (
            ("08DDGJLIPZCZ", "2025-01-02T03:04:05.678Z"),
            ("08DDE2F5D0F4A6B1", "2026-11-02T13:04:05.678Z"),
        )
    ]

    assert len({templates.template(reply) for reply in replies}) == 1
