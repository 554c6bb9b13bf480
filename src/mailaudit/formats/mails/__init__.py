"""Mails that tell what became of mail: bounces, delay warnings, receipts, complaints, auto-replies.

`read_mail` (in `reading`) is the whole of it: the bytes of one mail in, what it reports out. It never raises.
"""
