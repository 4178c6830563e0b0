"""Invented people for the customer numbers of the extract, the same person for the same number each time.

The source has no names. Telephone numbers come from the ranges that the British regulator Ofcom keeps for fiction, so nobody is
ever called; e-mail addresses are at example.com. Pure Python, no Odoo.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

GIVEN = (
    "Alice Amelia Arthur Beatrice Charlotte Daniel Edward Eleanor Emily Frances George Grace Hannah Harriet Henry Isabel Jack James "
    "Lucy Margaret Martha Oliver Peter Rose Samuel Sophie Thomas Victoria William Zoe",
    "Alessandra Andrea Anna Beatrice Bruno Carla Chiara Claudia Davide Elena Federico Francesca Giorgio Giulia Irene Luca Lucia Marco "
    "Maria Matteo Nicola Paola Paolo Pietro Riccardo Sara Silvia Stefano Teresa Vittoria",
    "Alba Alejandro Ana Antonio Blanca Carlos Carmen Clara Diego Elena Fernando Gonzalo Ignacio Irene Javier Jorge Julia Laura Lorenzo "
    "Luis Manuel Marta Miguel Nuria Pablo Pilar Rafael Raquel Sergio Teresa",
)
FAMILY = (
    "Abbott Barker Bennett Brooks Carter Chapman Clarke Cooper Dawson Ellis Fletcher Foster Gibson Harding Hughes Kemp Lambert Marsh "
    "Newman Osborne Palmer Parsons Reeves Shaw Sutton Turner Walsh Watts Webb Wood",
    "Amato Barbieri Bassi Bellini Bianchi Caruso Colombo Conti Costa De Luca Esposito Ferrari Fontana Galli Gatti Greco Leone Lombardi "
    "Mancini Marino Moretti Neri Pellegrini Ricci Rinaldi Rizzo Romano Serra Testa Villa",
    "Alonso Blanco Campos Castillo Cruz Delgado Diaz Dominguez Fuentes Garrido Gil Gomez Herrera Iglesias Jimenez Lozano Marin Medina "
    "Molina Moreno Navarro Ortega Prieto Ramos Reyes Rubio Santana Serrano Torres Vega",
)
FICTION_RANGES = ("2079460", "1134960", "1144960", "1164960", "1174960", "1214960", "1314960", "1414960", "1514960", "1614960")
FIRST_BIRTHDAY = date(1940, 1, 1)
BIRTHDAY_RANGE_DAYS = 23_741  # up to the end of 2004
COUNTRIES = {
    "United Kingdom": "GB",
    "EIRE": "IE",
    "France": "FR",
    "Germany": "DE",
    "Belgium": "BE",
    "Italy": "IT",
    "Portugal": "PT",
    "Spain": "ES",
    "Sweden": "SE",
    "Finland": "FI",
    "Norway": "NO",
    "Malta": "MT",
    "Switzerland": "CH",
    "USA": "US",
    "Channel Islands": "JE",
    "Netherlands": "NL",
    "Czech Republic": "CZ",
}


@dataclass(frozen=True)
class Person:
    """An invented customer; ``phone`` is E.164, ``country`` an ISO code."""

    customer: str
    name: str
    email: str
    phone: str
    birthday: date
    country: str


def number_from(text, size):
    """Return a stable pseudo-random number from 0 to ``size`` - 1."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % size


def families(language):
    """Return the family names of one language; "De Luca" is one name."""
    return FAMILY[language].replace("De Luca", "De_Luca").split()


def invent(customers):
    """Return the people for ``customers``, a mapping of customer number -> country as the source writes it.

    Names and telephone numbers are all different.

    :return: list of Person by customer number.
    """
    people, names, phones = [], set(), set()
    for customer in sorted(customers):
        attempt = 0
        while True:
            seed = f"{customer}/{attempt}"
            language = number_from(f"language {seed}", 3)
            given = GIVEN[language].split()
            family = families(language)
            name = f"{given[number_from(f'given {seed}', len(given))]} {family[number_from(f'family {seed}', len(family))]}"
            area = FICTION_RANGES[number_from(f"area {seed}", len(FICTION_RANGES))]
            phone = f"+44{area}{number_from(f'phone {seed}', 1000):03d}"
            if name not in names and phone not in phones:
                break
            attempt += 1
        names.add(name)
        phones.add(phone)
        name = name.replace("_", " ")
        people.append(
            Person(
                customer,
                name,
                f"{name.lower().replace(' ', '.')}.{customer}@example.com",
                phone,
                FIRST_BIRTHDAY + timedelta(days=number_from(f"birthday {customer}", BIRTHDAY_RANGE_DAYS)),
                COUNTRIES[customers[customer]],
            )
        )
    return people
