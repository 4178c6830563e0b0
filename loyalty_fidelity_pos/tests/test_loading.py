from odoo.tests import tagged

from .common import FidelityPosCase


@tagged("post_install", "-at_install")
class TestLoading(FidelityPosCase):
    """What a till loads at opening of card types, rules and the product of amounts off."""

    def load(self):
        models = ["pos.config", "fidelity.card.type", "fidelity.ruleset", "product.template", "product.product"]
        return self.pos_session.load_data(models)

    def test_an_archived_card_type_is_loaded_while_it_has_cards(self):
        """Its cards work on, so the till has to know what they give; one that has none is left out."""
        unused = self.make_card_type(name="Unused", prefix="0480")
        (self.card_type | unused).active = False
        data = self.load()
        self.assertEqual([row["id"] for row in data["fidelity.card.type"]], [self.card_type.id])
        self.assertEqual([row["card_type_id"] for row in data["fidelity.ruleset"]], [self.card_type.id])
        answer = self.config.fidelity_identify(self.card.number)
        self.assertEqual((answer["status"], answer["ruleset"]["id"]), ("ok", data["fidelity.ruleset"][0]["id"]))

    def test_the_product_of_amounts_off_is_loaded_and_not_offered(self):
        product = self.env.ref("loyalty_fidelity_pos.product_fidelity_discount")
        data = self.load()
        config = data["pos.config"][0]
        self.assertEqual(config["_fidelity_discount_product_id"], product.id)
        self.assertIn(product.id, config["_pos_special_products_ids"])
        self.assertIn(product.id, [row["id"] for row in data["product.product"]])

    def test_without_that_product_a_till_opens_all_the_same(self):
        self.env.ref("loyalty_fidelity_pos.product_fidelity_discount").product_tmpl_id.unlink()
        self.assertFalse(self.load()["pos.config"][0]["_fidelity_discount_product_id"])
