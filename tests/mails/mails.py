"""Mails for tests, made by hand."""

from __future__ import annotations

HEAD = (
    "Return-Path: <>\nFrom: MAILER-DAEMON@out1.shop.example\nTo: news@shop.example\nSubject: {subject}\n"
    "Date: Mon, 02 Jun 2025 09:14:09 +0000\nMessage-ID: <n1@out1.shop.example>\n{more}\n"
)


def notice(text: str, subject: str = "Mail failure", more: str = "") -> bytes:
    """Returns a mail from a mail system with a text."""
    return (HEAD.format(subject=subject, more=more) + text).encode()


def report(fields: str, text: str = "", kind: str = "delivery-status") -> bytes:
    """Returns a multipart/report with the fields given."""
    more = 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="b1"\n'
    body = f"--b1\n\n{text}\n\n--b1\nContent-Type: message/{kind}\n\nReporting-MTA: dns; out1.shop.example\n\n{fields}\n--b1--\n"
    return notice(body, more=more)
