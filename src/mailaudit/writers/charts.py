"""Charts as SVG to stand inside a page: drawn by pygal, without its scripts; colours come from the page's style."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from mailaudit.advise.bands import EDGES, of_rate, rounded
from mailaudit.writers.escapes import neutral

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from xml.etree.ElementTree import Element

    from mailaudit.advise.bands import Band
    from mailaudit.model.page import Chart

INK = ("var(--good)", "var(--bad)", "var(--warn)", "var(--accent)")
BANDS: dict[Band, str] = {
    "healthy": "var(--good)", "monitor": "var(--accent)", "investigate": "var(--warn)", "now": "var(--bad)",
}  # fmt: skip
"""Colours of rates."""
LABELS = 16
"""So many labels stand under a chart at most."""
FEW = 10
LYING = ("share", "bands")
"""Kinds of charts with bars that lie."""
CLOSE = 85
"""A scale from here on has room for all ends of bands."""
SVG = "{http://www.w3.org/2000/svg}"


def svg(chart: Chart, number: int) -> str:
    """The chart; every bar says its value when pointed at. The table beside it says the same."""
    from xml.etree.ElementTree import tostring  # noqa: PLC0415 (writes, reads nothing)

    if chart.kind in LYING:
        # pygal draws them from below; people read from above, as in the table.
        turned = tuple((name, values[::-1]) for name, values in chart.series)
        chart = replace(chart, labels=chart.labels[::-1], series=turned)
    drawn = _DRAWN[chart.kind](chart)
    drawn.uuid = f"chart{number}"  # the same page for the same log
    drawn.x_labels = _labels(chart)
    tree = drawn.render_tree()
    for parent in list(tree.iter()):
        # The library's name, and numbers of guides: they would be shown wherever one points at.
        for title in [child for child in parent if child.tag in ("title", f"{SVG}title")]:
            parent.remove(title)
    for at, (name, _) in enumerate(chart.series):
        for group in tree.iter():
            if f"serie-{at}" in group.get("class", "").split():
                _quiet(group, name if len(chart.series) > 1 else "")
    _quiet(tree)
    tree.set("role", "img")
    tree.set("aria-label", f"{chart.title} ({chart.unit})")
    return tostring(tree, encoding="unicode").replace("ns0:", "").replace(":ns0", "")


def _options(chart: Chart, height: int, **more: object) -> dict[str, Any]:
    from pygal.style import Style  # noqa: PLC0415

    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--ink)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--line)",
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        colors=INK,
        font_family="inherit",
        label_font_size=11,
        major_label_font_size=11,
        value_font_size=11,
        legend_font_size=12,
        opacity="1",
        opacity_hover=".8",
        transition="0s",
    )
    step = -(-len(chart.labels) // LABELS)
    turned = len(chart.labels) > 7  # noqa: PLR2004 (more do not stand beside one another)
    return {
        "style": style, "js": [], "width": 900, "height": height, "margin": 4, "spacing": 16 if turned else 6,
        "legend_at_bottom": True, "legend_box_size": 10, "show_legend": len(chart.series) > 1,
        "x_labels_major_every": step, "show_minor_x_labels": step == 1, "truncate_label": -1, "truncate_legend": -1,
        "x_label_rotation": 30 if turned else 0, "value_formatter": _number, **more,
    }  # fmt: skip


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}"


def _stacked(chart: Chart) -> Any:  # noqa: ANN401 (pygal has no types)
    import pygal  # noqa: PLC0415

    drawn = pygal.StackedBar(**_options(chart, 300))
    for name, values in chart.series:
        drawn.add(name, list(values))
    highest = max(
        (sum(value or 0 for value in bar) for bar in zip(*(v for _, v in chart.series), strict=True)), default=0
    )
    if highest <= FEW:
        drawn.y_labels = list(range(int(highest) + 1))  # there are no half recipients
    return drawn


def _bars(chart: Chart) -> Any:  # noqa: ANN401
    import pygal  # noqa: PLC0415

    name, values = chart.series[0]
    options = _options(chart, 240, print_values=True)
    decades = _decades(values)
    if decades:
        # Drawn from the decade below the least, so that the least has a bar, too.
        options |= {"logarithmic": True, "range": (decades[0], decades[-1]), "zero": decades[0]}
    drawn = pygal.Bar(**options)
    if decades:
        drawn.y_labels = decades
    drawn.add(name, [{"value": value, "color": "var(--accent)"} for value in values])
    return drawn


def _decades(values: Sequence[float | None]) -> list[float]:
    """The powers of ten around the values, one below the least; none where a logarithm has no place."""
    known = [value for value in values if value is not None and value > 0]
    if not known or len(known) < len(values):
        return []
    first, last = floor(log10(min(known))), ceil(log10(max(known)))
    if first >= log10(min(known)):
        first -= 1
    return [float(10**power) for power in range(first, max(last, first + 1) + 1)]


def _share(chart: Chart) -> Any:  # noqa: ANN401
    import pygal  # noqa: PLC0415

    name, values = chart.series[0]
    drawn = pygal.HorizontalBar(**_options(chart, 200, show_minor_x_labels=True, x_labels_major_every=1))
    drawn.add(name, [{"value": value, "color": "var(--accent)"} for value in values])
    drawn.show_y_guides = False
    drawn.show_x_labels = False
    return drawn


def _labels(chart: Chart) -> list[str]:
    """What stands under (or beside) the bars; of parts of a whole with its number, which short bars cannot hold."""
    if chart.kind != "share":
        return [neutral(label) for label in chart.labels]
    values = [value or 0 for value in chart.series[0][1]]
    whole = sum(values) or 1
    return [
        f"{neutral(label)}: {_number(value)} ({value / whole:.2%})"
        for label, value in zip(chart.labels, values, strict=True)
    ]


def _bands(chart: Chart) -> Any:  # noqa: ANN401
    import pygal  # noqa: PLC0415

    name, values = chart.series[0]
    lowest = min((value for value in values if value is not None), default=90)
    least = max(0, min(90, int(lowest) - 1))
    options = _options(chart, 60 + 26 * len(values), print_values=True, range=(least, 100), zero=least, margin_right=32)
    drawn = pygal.HorizontalBar(**options | {"value_formatter": lambda value: f"{rounded(value)} %"})
    drawn.add(
        name, [{"value": value, "color": INK[-1] if value is None else BANDS[of_rate(value)]} for value in values]
    )
    drawn.y_labels = sorted({least, *(EDGES if least >= CLOSE else (EDGES[0], EDGES[-1]))})
    return drawn


_DRAWN: dict[str, Callable[[Chart], Any]] = {
    "stacked": _stacked,
    "bars": _bars,
    "share": _share,
    "bands": _bands,
}


def _quiet(tree: Element, series: str = "") -> None:
    """Takes out scripts, and turns what pygal's scripts would show into titles, which browsers show themselves."""
    for parent in list(tree.iter()):
        told: dict[str, str] = {}
        for child in list(parent):
            kind: object = child.tag  # a function, for comments
            tag = kind.removeprefix(SVG) if isinstance(kind, str) else ""
            if tag in {"script", ""}:
                parent.remove(child)
            elif tag == "desc":
                told[child.get("class", "").split(" ")[0]] = child.text or ""
                parent.remove(child)
        if "value" in told:
            from xml.etree.ElementTree import SubElement  # noqa: PLC0415

            words = [word for word in (told.get("x_label", ""), series, told["value"]) if word]
            SubElement(parent, "title").text = ": ".join(words)
