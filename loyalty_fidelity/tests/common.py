from odoo.tests.common import TransactionCase

#: The fields of a ruleset's benefits before schema 3.
EARLY_FIELDS = {
    "points": ("points", "step_minor", "minimum_receipt_minor"),
    "cashback": ("percent_bps", "minimum_receipt_minor"),
    "discount": ("percent_bps", "on_discounted", "minimum_receipt_minor"),
    "amount_off": ("amount_minor", "minimum_receipt_minor"),
    "rolling": ("brackets", "valid_days", "on_discounted", "minimum_receipt_minor"),
}


def early_payload(payload, schema):
    """Settings as an earlier version published them; they use nothing that it did not have."""
    older = {name: value for name, value in payload.items() if name not in ("stacking", "selectors")}
    benefits = [{name: row[name] for name in ("key", "kind", *EARLY_FIELDS[row["kind"]])} for row in payload["benefits"]]
    return {**older, "schema": schema, "benefits": benefits}


class FidelityBuilder:
    """Makes what loyalty tests need. Mix it into any TransactionCase."""

    @classmethod
    def make_card_type(
        cls, name="Gift Points", prefix="0490", company=None, publish=True, points=1, step=10.0, minimum=0.0, **vals
    ):
        """A card type with one points benefit (``points=0``: none), published."""
        card_type = cls.env["fidelity.card.type"].create(
            {
                "name": name,
                "code": name.lower().replace(" ", "-"),
                "number_prefix": prefix,
                "company_id": (company or cls.env.company).id,
                "benefit_ids": [(0, 0, {"points": points, "step_amount": step, "minimum_receipt": minimum})] if points else [],
                **vals,
            }
        )
        if publish:
            card_type._publish("2020-01-01 00:00:00")
        return card_type

    @classmethod
    def make_benefits(cls, name, prefix, benefits, **vals):
        """A card type with these benefits (dicts), published."""
        commands = [(0, 0, benefit) for benefit in benefits]
        return cls.make_card_type(name=name, prefix=prefix, **{"benefit_ids": commands, **vals})

    @classmethod
    def make_member(cls, card_type, name="Anna Bianchi", **vals):
        """A customer with a membership and an active card."""
        partner = cls.env["res.partner"].create({"name": name})
        member = cls.env["fidelity.member"].create({"partner_id": partner.id, "card_type_id": card_type.id, **vals})
        cls.env["fidelity.card"].create({"card_type_id": card_type.id, "member_id": member.id})
        return member

    @classmethod
    def make_store(cls, code="S1", **vals):
        return cls.env["fidelity.store"].create({"name": f"Store {code}", "code": code, **vals})

    @classmethod
    def make_user(cls, login, *groups):
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "group_ids": [(6, 0, [cls.env.ref(group).id for group in ("base.group_user", *groups)])],
            }
        )

    def adjust(self, member, quantity, reason="Test", key=None):
        """Post an adjustment as a loyalty manager would."""
        wizard = self.env["fidelity.adjustment"].create(
            {"member_id": member.id, "quantity": quantity, "reason": reason, **({"key": key} if key else {})}
        )
        wizard.action_post()
        return self.env["fidelity.posting"].search([("op_key", "=", f"adjust:{wizard.key}")])


class FidelityCase(FidelityBuilder, TransactionCase):
    """A transaction case with one card type, one store and one member."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card_type = cls.make_card_type()
        cls.store = cls.make_store()
        cls.member = cls.make_member(cls.card_type, store_id=cls.store.id)
        cls.card = cls.member.card_ids
        cls.account = cls.member.account_ids
