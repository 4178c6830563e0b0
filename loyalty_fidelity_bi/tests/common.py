import itertools
import random
from datetime import timedelta

from odoo.addons.loyalty_fidelity.models.purchase import Purchase, PurchaseLine
from odoo.addons.loyalty_fidelity.tests.common import FidelityCase

ALL_MEASURES = {
    "fidelity.fact.purchase": (
        "receipt_count",
        "return_count",
        "line_count",
        "quantity",
        "amount_total",
        "amount_base",
        "amount_returned",
        "amount_discount",
        "amount_cashback",
        "points",
    ),
    "fidelity.fact.product": ("line_count", "quantity", "amount_total", "amount_untaxed", "amount_returned", "points"),
    "fidelity.fact.entry": ("entry_count", "points_in", "points_out", "points_net", "money_in", "money_out", "money_net"),
}


class FigureCase(FidelityCase):
    """Stores in several time zones, members of two card types and currencies, and receipts at random moments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numbers = itertools.count(1)
        cls.random = random.Random(20261122)
        cls.yen = cls.env.ref("base.JPY")
        cls.yen.active = True
        cls.other_type = cls.make_card_type("Yen Points", "0491", currency_id=cls.yen.id, step=100.0)
        cls.stores = cls.store | cls.make_store("S2") | cls.make_store("S3")
        for store, tz in zip(cls.stores, ("Europe/Rome", "Asia/Kolkata", "America/New_York"), strict=True):
            store.tz = tz
        cls.members = [cls.member, cls.make_member(cls.card_type, "Bruno Conti"), cls.make_member(cls.other_type, "Chiara Neri")]
        categories = [cls.env["product.category"].create({"name": name}) for name in ("Lamps", "Mugs")]
        cls.products = cls.env["product.product"].create(
            [{"name": f"Article {index}", "categ_id": categories[index % 2].id} for index in range(4)]
        )

    def line(self, product, minor, quantity_micro=1_000_000, kind="sale", original_key=None):
        key = f"line-{next(self.numbers)}"
        untaxed = minor * 5 // 6
        return PurchaseLine(key, kind, product.id, product.name, quantity_micro, minor, untaxed, original_key)

    def post(self, member, lines, store=None, at=None, currency=None):
        """Post a purchase of a member, paid in full; return its receipt."""
        number = next(self.numbers)
        currency = currency or member.card_type_id.currency_id
        total = sum(line.total_minor for line in lines)
        purchase = Purchase(
            op_key=f"test:{number}",
            source_model="test",
            source_id=number,
            source_ref=f"R{number}",
            company_id=self.env.company.id,
            store_id=store.id if store else None,
            till_id=1,
            till_name="Till",
            author_uid=self.env.uid,
            author_name="Cashier",
            partner_id=member.partner_id.id,
            currency=currency.name,
            currency_id=currency.id,
            claimed_at=at or self.moment(),
            claim={"card": member.card_ids[:1].number, "entry": self.random.choice(["scan", "typed"])},
            lines=tuple(lines),
            eligible_paid_minor=total,
        )
        receipt = self.env["fidelity.receipt"].browse(self.env["fidelity.receipt"]._post_purchase(purchase))
        self.env.invalidate_all()
        return receipt

    def moment(self):
        """A random moment of the last 30 days."""
        return self.env.cr.now().replace(microsecond=0) - timedelta(minutes=self.random.randrange(30 * 24 * 60))

    def sell_at_random(self, count):
        """Post sales, some without store, some in another currency than the card's, some partly given back."""
        receipts = self.env["fidelity.receipt"]
        for _index in range(count):
            member = self.random.choice(self.members)
            store = self.random.choice([*self.stores, None])
            products = self.random.sample(list(self.products), self.random.randint(1, 3))
            lines = [self.line(product, self.random.randrange(0, 20000), 2_500_000) for product in products]
            currency = self.yen if self.random.random() < 0.1 else None
            receipts |= self.post(member, lines, store, currency=currency)
            if self.random.random() < 0.3:
                first = lines[0]
                back = self.line(products[0], -first.total_minor, -2_500_000, "return_linked", first.key)
                receipts |= self.post(member, [back], self.random.choice(list(self.stores)), currency=currency)
            elif self.random.random() < 0.2:
                back = self.line(products[0], -self.random.randrange(1, 5000), -1_000_000, "return_unlinked")
                receipts |= self.post(member, [back], store)
        return receipts

    def settle(self, up_to=None):
        """Seal postings, as the settling job does once no transaction can add below them."""
        last = up_to or self.env["fidelity.posting"].search([], limit=1).id
        while self.env["fidelity.ledger.seal"]._seal_up_to(last):
            pass

    def roll_up(self, batch=None):
        """Run the job's steps without its commits."""
        self.env.flush_all()
        while self.env["fidelity.rollup"]._roll_up_next(**({"batch": batch} if batch else {})):
            pass
        self.env.invalidate_all()
