import base64

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..models import card_symbol
from ..rules import number_scheme
from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestCardNumbers(FidelityCase):
    """How card numbers look, and what they may not be."""

    def make_type(self, prefix, length=13, check="ean", order="sequence"):
        return self.make_card_type(
            name=f"Type {prefix}", prefix=prefix, number_length=length, number_check=check, number_order=order, publish=False
        )

    def make_cards(self, card_type, count):
        return self.env["fidelity.card"].create([{"card_type_id": card_type.id} for _index in range(count)])

    def test_numbers_follow_the_scheme(self):
        for prefix, length, check in (("77", 16, "luhn"), ("078", 8, "ean"), ("79", 12, "ean"), ("800", 10, "none")):
            card_type = self.make_type(prefix, length, check)
            for number in self.make_cards(card_type, 5).mapped("number"):
                found = number_scheme.recognise(number, (number_scheme.Scheme(prefix, length, check),))
                self.assertEqual((found.status, found.number), ("card", number))

    def test_mixed_numbers_cannot_be_guessed_and_lead_back_to_their_serial(self):
        card_type = self.make_type("0491", order="mixed")
        numbers = self.make_cards(card_type, 20).mapped("number")
        key, scheme = card_type._number_key(), card_type._scheme()
        self.assertEqual([number_scheme.serial_of(scheme, number, key) for number in numbers], list(range(1, 21)))
        self.assertNotEqual(numbers, sorted(numbers))

    def test_number_that_is_there_already_is_passed_over(self):
        taken = number_scheme.nth_number(self.card_type._scheme(), int(self.card.number[4:12]) + 1)
        self.env["fidelity.card"].create({"card_type_id": self.card_type.id, "number": taken})
        self.assertNotIn(taken, self.make_cards(self.card_type, 3).mapped("number"))

    def test_no_numbers_left_is_said(self):
        card_type = self.make_type("8001234", 8, "none")
        self.assertEqual(len(self.make_cards(card_type, 9)), 9)
        with self.assertRaisesRegex(Exception, "no 1 numbers left"):
            self.make_cards(card_type, 1)

    def test_schemes_that_could_be_mistaken_are_refused_with_the_field_named(self):
        for prefix, length, check, words in (
            ("49", 16, "luhn", "Card number prefix: .*payment cards"),
            ("490", 12, "ean", "Card number prefix: .*another card type"),
            ("0490", 16, "luhn", "overlaps the one of another card type"),
            ("041", 16, "luhn", "weights, prices, cashiers or coupons"),
            ("77", 7, "none", "Digits: "),
            ("77", 20, "none", "Digits: "),
            ("12345678", 9, "ean", "Digits: the prefix leaves no digit"),
        ):
            with self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                self.make_type(prefix, length, check)

    def test_product_barcode_refuses_the_scheme(self):
        barcode = number_scheme.nth_number(number_scheme.Scheme("77", 12), 5)
        self.env["product.product"].create({"name": "Tea", "barcode": f"0{barcode}"})
        with self.assertRaisesRegex(ValidationError, "Tea has the barcode"):
            self.make_type("77", 12, "ean")
        self.make_type("78", 12, "ean")

    def test_scheme_stays_once_there_are_cards(self):
        for vals in ({"number_length": 12}, {"number_check": "luhn"}, {"number_order": "mixed"}):
            with self.assertRaisesRegex(ValidationError, "how their numbers look stays"):
                self.card_type.write(vals)
        self.card_type.write({"number_length": 13})

    def test_example_is_drawn_and_follows_the_settings(self):
        card_type = self.env["fidelity.card.type"].new({"number_prefix": "0490"})
        self.assertTrue(card_type.number_example.startswith("0490"))
        self.assertIn(b"<svg", base64.b64decode(card_type.number_symbol))
        card_type.number_length = 30
        self.assertFalse(card_type.number_example or card_type.number_symbol)

    def test_symbols_hold_the_number_as_it_is(self):
        """The bars are those of the standard: guard bars outside, as many modules as the symbol has."""
        for name, number, count in (("ean13", "0490000000016", 95), ("ean8", "73513537", 67), ("upca", "770000000019", 95)):
            bars = card_symbol.modules(name, number)
            self.assertEqual((len(bars), bars[:3], bars[-3:]), (count, "101", "101"))
        self.assertTrue(card_symbol.modules("code128", "7700000000000016").startswith("11010"))

    def test_every_type_is_in_what_readers_know(self):
        self.make_type("77", 16, "luhn")
        schemes = self.env["fidelity.card.type"]._schemes()
        self.assertIn(number_scheme.Scheme("77", 16, "luhn"), schemes)
        self.assertIn(number_scheme.Scheme("0490"), schemes)
