"""The formats by the word that `--format` takes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from mailaudit import plugins
from mailaudit.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TextIO

    from mailaudit.model.answers import Answer, Head, Look

Writer: TypeAlias = "Callable[[Sequence[Answer], Head, Look, TextIO], None]"

WRITERS: Mapping[str, tuple[str, str]] = {
    "table": ("table", "write"),
    "csv": ("delimited", "write"),
    "json": ("json_document", "write"),
    "jsonl": ("json_lines", "write"),
    "markdown": ("markdown", "write"),
    "html": ("answer_page", "write_html"),
    "xlsx": ("workbook", "write"),
    "pdf": ("answer_page", "write_pdf"),
}
"""The formats by the word that `--format` takes: module of this package, and function."""

EXTRAS = {"xlsx": "xlsxwriter", "pdf": "weasyprint"}
"""Packages that some formats need, which are not installed unless asked for; the extra has the format's name."""


PAGES = ("eml", "nagios", "prometheus")
"""Formats that some commands write in their own way."""


def added() -> tuple[str, ...]:
    """The formats that other packages add, by name."""
    plugins.refuse_names("writers", (*WRITERS, *PAGES))
    return tuple(plugins.found("writers"))


def writer(form: str) -> Writer:
    """What writes a format; raises BrokenPlugIn for one of another package that cannot be used."""
    if form in WRITERS:
        module, function = WRITERS[form]
        ours: Writer = getattr(import_module(f"mailaudit.writers.{module}"), function)
        return ours
    one = plugins.found("writers")[form]
    given = one.load()
    if not callable(given):
        raise one.broken(f"{one.entry.value} is no function but {type(given).__name__}")
    return one.guarded(given)


def ready(form: str) -> None:
    """Raises OutputError, with the command that installs what is missing, if the format cannot be written here."""
    package = EXTRAS.get(form)
    if package is None:
        if form not in WRITERS and form not in PAGES:
            writer(form)
        return
    try:
        import_module(package)
    except ImportError:
        raise OutputError(
            f"--format {form} needs the package {package}, which is not installed",
            hint=f"pip install 'mailaudit[{form}]'",
        ) from None
    except OSError as error:
        raise OutputError(
            f"--format {form} needs libraries that are not installed: {error}",
            hint="Debian, Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        ) from None
