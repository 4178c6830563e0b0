"""What a till sends: the data of an order, of plain numbers and texts, so that a process without Odoo can make it."""

import json
import uuid
from datetime import datetime, timezone


def order(place, member, products, claim=False):
    """Make the data of one paid order.

    :param dict place: ``session``, ``method``, ``pricelist``, ``user`` and ``customer`` (the first one) of a till
    :param int member: number of the customer, from 0
    :param products: (id, price, taxes) of each line; the tax is 20 %, in the price
    :param bool claim: his card was read
    """
    lines, total = [], 0.0
    for product_id, price, taxes in products:
        lines.append(
            [0, 0, {
                "uuid": str(uuid.uuid4()), "product_id": product_id, "qty": 1, "price_unit": price, "discount": 0,
                "price_subtotal": round(price / 1.2, 2), "price_subtotal_incl": price, "tax_ids": [[6, 0, taxes]],
                "pack_lot_ids": [], "full_product_name": f"Bench product {product_id}",
            }]
        )  # fmt: skip
        total += price
    total = round(total, 2)
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    payment = {"uuid": str(uuid.uuid4()), "amount": total, "name": str(now)[:19], "payment_method_id": place["method"]}
    data = {
        "uuid": str(uuid.uuid4()), "access_token": str(uuid.uuid4()), "state": "paid", "session_id": place["session"],
        "pricelist_id": place["pricelist"], "user_id": place["user"], "partner_id": place["customer"] + member,
        "date_order": str(now)[:19], "amount_total": total, "amount_paid": total, "amount_return": 0,
        "amount_tax": round(total - total / 1.2, 2), "lines": lines, "payment_ids": [[0, 0, payment]],
        "to_invoice": False, "last_order_preparation_change": "{}", "fiscal_position_id": False,
    }  # fmt: skip
    if claim:
        data["fidelity_claim"] = json.dumps(
            {"v": 1, "card": number("0490", member + 1), "entry": "scan", "screen": "product",
             "added_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "offline": False, "points": points(total), "previous_cards": []}
        )  # fmt: skip
    return data


def points(total):
    """What the bench's rules give: one point per full 10, from 5 on.

    >>> points(48.0)
    4
    """
    return round(total * 100) // 1000


def number(prefix, serial):
    """The valid EAN-13 of card number ``serial`` under a prefix.

    >>> number("0490", 1)
    '0490000000016'
    """
    digits = f"{prefix}{serial:0{12 - len(prefix)}d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
