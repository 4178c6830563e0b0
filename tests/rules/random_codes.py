"""Random codes for the differential test: right ones, damaged ones, and what is none."""

from random import Random

from rules.code_number import ALPHABET, RANDOM_LENGTH, check_character

NOISE = ["", " ", "-", "\r", "_", "\u00a0", "\u2011", "0", "O", "i", "é", "ß", "ı", "😀", "\ud800", "٣"]


def code_case(rng: Random) -> dict:
    text = "".join(rng.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    text += check_character(text)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        at = rng.randrange(len(text) + 1)
        text = rng.choice(
            [
                text[:at] + rng.choice(NOISE) + text[at:],
                text[:at] + rng.choice(ALPHABET) + text[at + 1 :],
                text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
                text[:at],
                text.lower(),
            ]
        )
    name, field = rng.choice([("normalise", "raw"), ("is_code", "raw"), ("grouped", "code")])
    return {"call": f"code_number.{name}", "input": {field: text}}
