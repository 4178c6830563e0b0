"""Invented people are the same each time, all different, and nobody's real telephone rings."""

from datetime import date

import phonenumbers
import pytest
from retail_sample import documents, people


@pytest.fixture(scope="module")
def customers():
    """Return customer number -> country of the shipped extract."""
    return {document.customer: document.country for document in documents.read().documents if document.customer}


@pytest.fixture(scope="module")
def invented(customers):
    """Return the people of the shipped extract, once for all tests."""
    return people.invent(customers)


def test_every_customer_gets_a_person(customers, invented):
    assert [person.customer for person in invented] == sorted(customers)


def test_the_same_number_gives_the_same_person(customers, invented):
    assert people.invent(dict(reversed(customers.items()))) == invented
    assert (invented[0].customer, invented[0].name, invented[0].country) == ("12375", "Paolo De Luca", "FI")


def test_names_mails_and_phones_are_all_different(invented):
    for field in ("name", "email", "phone"):
        assert len({getattr(person, field) for person in invented}) == len(invented)


def test_phones_are_valid_and_from_the_ranges_for_fiction(invented):
    for person in invented:
        number = phonenumbers.parse(person.phone)
        assert phonenumbers.is_valid_number(number)
        assert str(number.national_number).startswith(people.FICTION_RANGES)


def test_mails_reach_nobody(invented):
    assert all(person.email.endswith("@example.com") for person in invented)
    assert all(person.email.isascii() and " " not in person.email for person in invented)


def test_birthdays_are_of_adults(invented):
    assert all(date(1940, 1, 1) <= person.birthday <= date(2004, 12, 31) for person in invented)


def test_lists_hold_thirty_different_names_each():
    for names in (*(words.split() for words in people.GIVEN), *(people.families(language) for language in range(3))):
        assert len(names) == len(set(names)) >= 30
