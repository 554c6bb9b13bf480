"""The file of resellers, customers and domains."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mailaudit.advise import levels
from mailaudit.advise.mail_flow import Limits
from mailaudit.errors import UsageError

LINES = """\
# who answers for what
Acme Hosting   notify=noc@acme.example
Acme Hosting > Smith Ltd   threshold=80 notify=it@smith.example,tickets@psa.example

Acme Hosting > Smith Ltd > Smith.example
Acme Hosting > Smith Ltd > smith.test   window=50 max_failures=2
Acme Hosting > Jones > jones.example
"""


def test_settings_are_inherited_downwards() -> None:
    """A domain has its own settings, else its customer's, else its reseller's, else the usual ones."""
    found = levels.parse(LINES.splitlines(), "m")
    limits = {path[-1]: found.limits(path, Limits()) for path in found.levels}

    assert limits["smith.example"] == Limits(threshold=Fraction(80))
    assert limits["smith.test"] == Limits(50, Fraction(80), None, 2)
    assert limits["jones.example"] == limits["Acme Hosting"] == Limits()
    assert [level.kind for level in found.levels.values()] == [
        "reseller",
        "customer",
        "domain",
        "customer",
        "domain",
        "domain",
    ]
    assert found.under(("Acme Hosting", "Smith Ltd")) == {"smith.example", "smith.test"}
    assert found.levels["Acme Hosting", "Smith Ltd"].notify == ("it@smith.example", "tickets@psa.example")
    assert found.levels["Acme Hosting", "Jones"].notify == ()


def test_csv_says_the_same() -> None:
    """The columns reseller, customer, domain; settings are columns; a row without a domain sets its level."""
    text = "reseller,customer,domain,threshold,notify\nAcme,,,,noc@acme.example\nAcme,Smith,smith.example,80,\n"

    found = levels.parse(text.splitlines(), "m.csv")

    assert list(found.levels) == [("Acme",), ("Acme", "Smith"), ("Acme", "Smith", "smith.example")]
    assert found.limits(("Acme", "Smith", "smith.example"), Limits()).threshold == 80
    assert found.levels[("Acme",)].notify == ("noc@acme.example",)


def test_within_keeps_a_level_those_below_and_those_above() -> None:
    """The reseller of a customer keeps only that customer's domains."""
    found = levels.parse(LINES.splitlines(), "m").within("Acme Hosting > Smith Ltd")

    assert found.domains == ["smith.example", "smith.test"]
    with pytest.raises(UsageError, match="no level"):
        found.within("Jones")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A > B > c.example threshold=0.9", "less than one per cent"),
        ("A > B > c.example treshold=90", "unknown setting 'treshold'"),
        ("A > B > c.example threshold=101", "is no per cent"),
        ("A > B > c.example notify=1", "is no mail address"),
        ("A > B > c.example window=0", "window='0'"),
        ("A > B > c.example > d", "not understood"),
        ("A >  > c.example", "not understood"),
        ("A > B", "names no domain"),
        ("", "names no domain"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, said: str) -> None:
    """No line is guessed at."""
    with pytest.raises(UsageError, match=said):
        levels.parse([line], "m")
