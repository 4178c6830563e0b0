from odoo.exceptions import UserError
from odoo.tests import tagged

from ..wizard import card_sheet
from .common import FidelityCase


@tagged("post_install", "-at_install")
class TestCardPrint(FidelityCase):
    """Cards on paper."""

    def make_print(self, **vals):
        return self.env["fidelity.card.print"].create({"card_ids": [(6, 0, self.card.ids)], **vals})

    def test_every_paper_gives_a_page(self):
        for kind in ("a4_24", "a4_cards", "card", "own"):
            pdf = self.make_print(layout=kind, with_member=True, number="masked")._pdf()
            self.assertTrue(pdf.startswith(b"%PDF"))
            self.assertEqual(pdf.count(b"/Type /Page\n"), 1)

    def test_cards_fill_the_sheet_before_the_next(self):
        card = {"title": "Gift Points", "symbology": "ean13", "number": self.card.number, "text": self.card.number, "name": "Ł. Ž"}
        for count, pages in ((24, 1), (25, 2), (48, 2)):
            pdf = card_sheet.draw([card] * count, card_sheet.layout("a4_24"))
            self.assertEqual(pdf.count(b"/Type /Page\n"), pages)

    def test_wrong_input_is_refused_with_the_field_named(self):
        for vals, words in (
            ({"card_ids": [(5, 0, 0)]}, "Choose the cards"),
            ({"layout": "own", "width_mm": 5}, "Width and height: "),
            ({"layout": "own", "width_mm": 22}, "Width: .*too thin"),
            ({"batch_id": self.env["fidelity.card.batch"]._start(self.card_type, quantity=1).id, "first": 0}, "From card"),
            ({"batch_id": self.env["fidelity.card.batch"]._start(self.card_type, quantity=1).id, "count": 2_001}, "2,000"),
            ({"batch_id": self.env["fidelity.card.batch"]._start(self.card_type, quantity=1).id, "first": 2}, "no card number 2"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self.make_print(**vals).action_print()
