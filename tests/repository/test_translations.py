"""Every sentence a user sees is in the template, and every template's sentence is in Italian and Spanish.

``tests/i18n/export.py`` mends what fails here.
"""

import html
import re
from functools import cache

import polib
import pytest
import translatable

LANGUAGES = ("it", "es")

#: A name or number that code puts in; ``%%`` is a percent sign.
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")
_TAG = re.compile(r"</?\w[^>]*>")
_VALUE = re.compile(r"=\"([^\"]*)\"")
_MARKUP = re.compile(r"<(/?[\w]+)|class=\"([^\"]*)\"")


def _template(addon):
    return polib.pofile(str(addon / "i18n" / f"{addon.name}.pot"))


def _translated(addon, language):
    return polib.pofile(str(addon / "i18n" / f"{language}.po"))


def _sources(addon, pattern):
    """Return an addon's shipped files, without its tests."""
    return sorted(path for path in addon.glob(pattern) if "tests" not in path.relative_to(addon).parts)


@cache
def _entries(addon):
    return frozenset(entry.msgid for entry in _template(addon))


def _unknown(addon, terms):
    """Return the sentences that the template has not, with their places."""
    return [f"{where}: {text}" for text, where in terms if text not in _entries(addon)]


@cache
def _pieces(addon):
    """Return the texts and attributes in the template's entries: one entry may hold several of a view's."""
    pieces = set()
    for msgid in _entries(addon):
        pieces.update(_TAG.split(msgid), *(_VALUE.findall(tag) for tag in _TAG.findall(msgid)))
    return {translatable.squeezed(html.unescape(piece)) for piece in pieces}


def _unseen(addon, terms):
    """Like ``_unknown``, for the words of markup."""
    return [f"{where}: {text}" for text, where in terms if text not in _pieces(addon)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated(addon, language):
    translated = _translated(addon, language)
    done = {(entry.msgctxt, entry.msgid) for entry in translated.translated_entries()}
    assert [entry.msgid for entry in _template(addon) if (entry.msgctxt, entry.msgid) not in done] == []
    assert not translated.fuzzy_entries()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_that_nobody_says(addon, language):
    assert [entry.msgid for entry in _translated(addon, language) if entry.msgid not in _entries(addon)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_markup_survive_translation(addon, language):
    for entry in _translated(addon, language).translated_entries():
        for pattern in (_PLACEHOLDER, _MARKUP):
            assert sorted(pattern.findall(entry.msgid)) == sorted(pattern.findall(entry.msgstr)), entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_end_as_they_do_in_english(addon, language):
    """A full stop, question mark or ellipsis that is lost shows that half a sentence was translated."""
    for entry in _translated(addon, language).translated_entries():
        for mark in (".", "?", "…", ":"):
            abbreviation = entry.msgid == "No."
            assert abbreviation or entry.msgid.endswith(mark) == entry.msgstr.endswith(mark), entry.msgid


def test_sentences_of_the_code_are_in_the_template(addon):
    terms, built, scripts = [], [], _sources(addon, "static/src/**/*.js")
    for path in _sources(addon, "**/*.py"):
        found, wrong = translatable.python_terms(path)
        terms, built = terms + found, built + wrong
    for path in scripts:
        found, wrong = translatable.javascript_terms(path)
        terms, built = terms + found, built + wrong
    assert built == [], "only one literal can be translated"
    assert terms
    assert _unknown(addon, terms) == []


def test_the_template_has_no_sentence_that_the_code_lost(addon):
    said = {
        text
        for pattern, read in (("**/*.py", translatable.python_terms), ("static/src/**/*.js", translatable.javascript_terms))
        for path in _sources(addon, pattern)
        for text, _where in read(path)[0]
    }
    kept = {entry.msgid for entry in _template(addon) if all(where.endswith((".py", ".js")) for where, _line in entry.occurrences)}
    assert sorted(kept - said) == []


def test_words_of_the_models_are_in_the_template(addon):
    terms = [
        term
        for folder in ("models", "wizard")
        for path in _sources(addon, f"{folder}/*.py")
        for term in translatable.model_terms(path)
    ]
    assert terms
    assert _unknown(addon, terms) == []


def test_words_of_views_and_records_are_in_the_template(addon):
    folders = ("data", "security", "views", "wizard", "report")
    terms = [term for folder in folders for path in _sources(addon, f"{folder}/*.xml") for term in translatable.data_terms(path)]
    assert terms
    assert _unseen(addon, terms) == []


def test_words_of_the_tills_templates_are_in_the_template(addon):
    terms = [term for path in _sources(addon, "static/src/**/*.xml") for term in translatable.template_terms(path)]
    assert _unseen(addon, terms) == []
