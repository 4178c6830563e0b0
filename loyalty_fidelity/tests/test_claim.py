import doctest

from odoo.tests.common import BaseCase

from ..models import claim, effect_claim, fidelity_member
from ..models.claim import parse_claim
from ..models.effect_claim import parse_effect


class TestClaim(BaseCase):
    """What a till says is parsed with suspicion."""

    def test_examples_in_docstrings(self):
        for module in (claim, effect_claim, fidelity_member):
            self.assertEqual(doctest.testmod(module).failed, 0)
            self.assertGreater(doctest.testmod(module).attempted, 0)

    def test_unexpected_shapes_are_left_out(self):
        text = (
            '{"card": "0490000000016", "card_id": "7", "points": true, "entry": "hack", "added_at": "yesterday",'
            ' "offline": 1, "previous_cards": [1, "0490000000023"], "screen": "' + "x" * 99 + '", "extra": {"a": 1}}'
        )
        self.assertEqual(parse_claim(text), {"card": "0490000000016", "previous_cards": ["0490000000023"]})

    def test_whole_claim_survives(self):
        text = (
            '{"v": 1, "card": "0490000000016", "card_id": 7, "member_id": 3, "ruleset_id": 2, "ruleset_hash": "9f",'
            ' "entry": "scan", "screen": "product", "added_at": "2026-11-21T10:00:00Z", "offline": true, "points": 4}'
        )
        self.assertEqual(len(parse_claim(text)), 10)

    def test_what_the_database_cannot_keep_is_left_out(self):
        """A NUL or half of a surrogate pair would keep the sale from being posted for ever."""
        for bad in ("\\u0000", "\\ud800", "\\n"):
            self.assertEqual(parse_claim(f'{{"card": "0490000000016", "screen": "a{bad}"}}'), {"card": "0490000000016"})
            self.assertEqual(parse_claim(f'{{"card": "04900{bad}"}}'), {})
            self.assertEqual(parse_effect(f'{{"kind": "amount", "benefit": "b{bad}"}}'), {})
            found = parse_effect(f'{{"kind": "share", "of": "x", "allocation": {{"y{bad}": 5}}}}')
            self.assertEqual(found, {"kind": "share", "of": "x", "allocation": {}})
