"""What every measured database holds besides its customers: a till in an open session, products, and one thing to earn points by."""

from odoo import Command

CASHIER = "bench.cashier"
PRICES = (2.5, 4.0, 7.95, 12.0, 21.55)


def till(env):
    """A till with taxed products in an open session, its cashier, and the row that customers are copied from."""
    env["ir.config_parameter"].sudo().set_param("point_of_sale.update_stock_quantities", "closing")
    env.company.point_of_sale_update_stock_quantities = "closing"
    tax = env["account.tax"].create(
        {
            "name": "Bench 20%",
            "amount": 20.0,
            "amount_type": "percent",
            "type_tax_use": "sale",
            "price_include_override": "tax_included",
        }
    )
    env["product.product"].create(
        [
            {"name": f"Bench product {at}", "lst_price": price, "available_in_pos": True, "type": "consu",
             "default_code": f"BENCH{at}", "taxes_id": [Command.set(tax.ids)]}
            for at, price in enumerate(PRICES, 1)
        ]
    )  # fmt: skip
    groups = env.ref("base.group_user") | env.ref("point_of_sale.group_pos_user")
    env["res.users"].create(
        {"name": "Bench cashier", "login": CASHIER, "password": CASHIER, "group_ids": [Command.set(groups.ids)]}
    )
    open_till(env, "Bench till", "BNCH")
    customer(env)


def open_till(env, name, code, **values):
    """A till in an open session of the cashier's.

    :param str code: of its cash journal, at most five letters
    :param values: more of the till
    """
    journal = env["account.journal"].create({"name": f"Cash of {name}", "code": code, "type": "cash"})
    cash = env["pos.payment.method"].create({"name": f"Cash of {name}", "journal_id": journal.id})
    config = env["pos.config"].create({"name": name, "payment_method_ids": [Command.set(cash.ids)], **values})
    config = config.with_user(env["res.users"].search([("login", "=", CASHIER)]))
    config.open_ui()
    config.current_session_id.set_opening_control(0, None)
    return config


def customer(env):
    """The first customer, whose row the others are copied from."""
    name = "Bench customer"
    found = env["res.partner"].search([("name", "=", name)], limit=1, order="id")
    return found or env["res.partner"].create({"name": name, "email": "bench@example.com", "phone": "+44 20 7946 0000"})


def ours(env):
    """A store, a published card type and the first member with a card."""
    config = env["pos.config"].search([("name", "=", "Bench till")])
    config.fidelity_store_id = env["fidelity.store"].create({"name": "Bench store", "code": "BENCH", "tz": "Europe/London"})
    card_type = env["fidelity.card.type"].create(
        {
            "name": "Bench points",
            "code": "bench-points",
            "number_prefix": "0490",
            "benefit_ids": [
                Command.create({"kind": "points", "points": 1, "step_amount": 10.0, "minimum_receipt": 5.0}),
            ],
        }
    )
    card_type._publish()
    member = env["fidelity.member"].create({"partner_id": customer(env).id, "card_type_id": card_type.id})
    env["fidelity.card"].create({"card_type_id": card_type.id, "member_id": member.id, "number": "0490000000016"})


def native(env):
    """Odoo's own programme of points and the first customer's card."""
    programme = env["loyalty.program"].create(
        {
            "name": "Bench points",
            "program_type": "loyalty",
            "trigger": "auto",
            "applies_on": "both",
            "pos_ok": True,
            "rule_ids": [
                Command.create({"reward_point_mode": "money", "reward_point_amount": 0.1, "minimum_amount": 5.0}),
            ],
            "reward_ids": [
                Command.create({"reward_type": "discount", "discount": 1, "discount_mode": "per_point", "required_points": 100}),
            ],
        }
    )
    env["loyalty.card"].create({"program_id": programme.id, "partner_id": customer(env).id, "points": 100})
