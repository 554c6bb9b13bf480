"""A slow, obvious reading of mail logs, written from the descriptions of the formats and from nothing in `src`.

The tests compare the product with it line by line. It knows one file at a time, read from its first line to its last,
and keeps everything in dictionaries.
"""
