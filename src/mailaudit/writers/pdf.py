"""HTML as PDF, by WeasyPrint, which is told to fetch nothing."""

from __future__ import annotations

import re
from typing import NoReturn

from mailaudit.errors import OutputError

VARIABLE = re.compile(r"var\((--[a-z-]+)\)")
DECLARED = re.compile(r"(--[a-z-]+):([^;}]+)")
PAPER = (
    "<style>@page{size:A4 landscape;margin:1.2cm;"
    "@bottom-right{content:counter(page) ' / ' counter(pages);font:8pt sans-serif}}"
    "body{font-size:9pt;max-width:none;padding:0}table{font-size:7.5pt}.wide{overflow:visible}.data{min-width:0}"
    ".basis{font-size:7pt}.figures{display:flex;flex-wrap:wrap}.figures div{width:11rem}"
    "nav,.filter,.skip{display:none}</style>"
)


def made(html: str) -> bytes:
    """The PDF of a page of ours."""
    import weasyprint  # noqa: PLC0415 (an extra)

    # The light colours stand first in the style; drawings inside a page know no variables in WeasyPrint.
    colours = dict(reversed(DECLARED.findall(html.partition("@media")[0])))
    plain = VARIABLE.sub(lambda found: colours.get(found[1], "black"), html.replace("</head>", f"{PAPER}</head>", 1))
    found: bytes = weasyprint.HTML(string=plain, url_fetcher=_refused).write_pdf()
    return found


def _refused(url: str, *_: object, **__: object) -> NoReturn:
    """Fetches nothing: a page of ours refers to nothing."""
    raise OutputError(f"the page must not load {url}")
