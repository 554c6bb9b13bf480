"""Misspelt words are put right before rules look; right ones stay, in any language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailaudit import classify
from mailaudit.classify import tables
from mailaudit.classify.readings import reading
from mailaudit.classify.spelling import parted, spelt

SPELLING: dict[str, list[str]] = tables.read("spelling.toml")["spelling"]
WRONG = [wrong for wrongs in SPELLING.values() for wrong in wrongs]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("550 unkown user", "550 unknown user"),
        ("recieving mailbx exeeded its quata.", "receiving mailbox exceeded its quota."),
        ("550 adresse inconnue", "550 adresse inconnue"),
        ("no such user", "no such user"),
        ("", ""),
    ],
)
def test_known_misspellings_are_put_right(said: str, meant: str) -> None:
    """Words of other languages and all marks between words stay."""
    assert spelt(said) == meant


def test_no_word_is_right_and_wrong() -> None:
    """Each wrong word stands once, no right one is a wrong one, and all are whole words in lower case."""
    assert len(set(WRONG)) == len(WRONG)
    assert not set(WRONG) & set(SPELLING)
    assert all(word.isascii() and word.isalpha() and word.islower() and len(word) > 3 for word in WRONG)


def test_no_rule_has_a_misspelt_example() -> None:
    """A rule is written for the right spelling; the wrong one never reaches it."""
    misspelt = [
        (rule.id, word) for rule in tables.rules() for word in rule.example.lower().split() if word in set(WRONG)
    ]

    assert misspelt == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_spelling_is_put_right_once(text: str) -> None:
    """What was put right has nothing to put right."""
    assert spelt(spelt(text.lower())) == spelt(text.lower())


@given(st.sampled_from(sorted(SPELLING)), st.data())
def test_a_reply_means_the_same_however_it_is_spelt(right: str, data: st.DataObject) -> None:
    """The rules see the same text, and the verdict is the same."""
    wrong = data.draw(st.sampled_from(SPELLING[right]))
    sentence = f"550 5.7.0 This {right} is not for us"

    assert reading(sentence.replace(right, wrong)) == reading(sentence)
    assert classify.verdict(sentence.replace(right, wrong)).category == classify.verdict(sentence).category


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("550 MailboxFull", "{mailbox full}"),
        ("550 no-such-user", "{no such user}"),
        ("x400; 1 6 (Unable-To-Transfer, Loop-Detected)", "{unable to transfer} {loop detected}"),
        ("450 the e-mail was re-sent by <host>", ""),
    ],
)
def test_names_of_errors_are_read_as_words(text: str, names: str) -> None:
    """A name in one word says what its words say; words of a sentence that a hyphen joins stay one."""
    assert parted(text) == names
