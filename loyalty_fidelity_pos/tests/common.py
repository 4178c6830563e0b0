import json

from odoo import fields

from odoo.addons.loyalty_fidelity.tests.common import FidelityBuilder
from odoo.addons.point_of_sale.tests.common import TestPoSCommon


class FidelityPosCase(FidelityBuilder, TestPoSCommon):
    """A till of a store in an open session, a member with a card, and orders as a till sends them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("loyalty_fidelity.group_fidelity_manager")
        cls.config = cls.basic_config
        cls.config.write({"payment_method_ids": [(4, cls.pay_later_pm.id)]})
        cls.card_type = cls.make_card_type()
        cls.store = cls.make_store()
        cls.config.fidelity_store_id = cls.store
        cls.member = cls.make_member(cls.card_type, name="Anna Bianchi")
        cls.card = cls.member.card_ids
        cls.mug = cls.create_product("Mug", cls.categ_basic, 10.0)
        cls.lamp = cls.create_product("Lamp", cls.categ_basic, 47.0)
        cls.taxed = cls.create_product("Taxed lamp", cls.categ_basic, 100.0, tax_ids=cls.taxes["tax7"].ids)

    def setUp(self):
        super().setUp()
        self.open_new_session()

    def claim(self, card=None, **values):
        """A claim as the till writes it."""
        return json.dumps(
            {
                "v": 1,
                "card": (card or self.card).number,
                "entry": "scan",
                "screen": "product",
                "added_at": "2026-01-02T03:04:05Z",
                "offline": False,
                **values,
            }
        )

    def order_data(self, lines, claim=True, customer=None, **values):
        """Order data as a till sends it, paid in cash unless told otherwise."""
        payments = values.pop("payments", None)
        uuid = values.pop("uuid", None)
        values.setdefault("state", "paid")
        if claim:
            values["fidelity_claim"] = claim if isinstance(claim, str) else self.claim()
        data = self.create_ui_order_data(
            lines, pos_order_ui_args=values, customer=customer or self.member.partner_id, payments=payments, uuid=uuid
        )
        for line in data["lines"]:
            line[2].setdefault("uuid", self.create_random_uid())
        return data

    def sell(self, lines, **values):
        """Sell and return the order."""
        data = self.order_data(lines, **values)
        uuid = data["uuid"]
        self.env["pos.order"].sync_from_ui([data])
        self.env.invalidate_all()
        return self.env["pos.order"].search([("uuid", "=", uuid)])

    def give_back(self, order, quantities, claim=None):
        """Return goods of an order.

        :param dict quantities: product → quantity given back, positive
        """
        lines = []
        for line in order.lines:
            if quantities.get(line.product_id):
                lines.append(
                    {
                        "product": line.product_id,
                        "quantity": -quantities[line.product_id],
                        "discount": line.discount,
                        "refunded_orderline_id": line.id,
                    }
                )
        return self.sell(lines, claim=claim, is_refund=True)

    def receipt(self, order):
        return self.env["fidelity.receipt"]._of(order)

    def result(self, order):
        return json.loads(order.fidelity_result) if order.fidelity_result else None

    def assertClean(self):
        verification = self.env["fidelity.verification"].sudo()._verify()
        self.assertEqual(verification.state, "clean", verification.findings)

    @property
    def now(self):
        return fields.Datetime.now()
