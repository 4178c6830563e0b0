"""Post the orders through the code that serves the tills, in weekly sessions, in the past."""

from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from .orders import line_uuid
from .people import number_from
from .records import LoadError, find, remember
from .shop import TILLS

SHOP_CLOCK = ZoneInfo("Europe/London")  # Dublin's clocks agree
CLOCK_PARAMETER = "loyalty_fidelity.clock_behind_days"
CLOCK_DAYS = 3650
OPENING_CASH = 150.0
BATCH = 25


def till_of(order):
    """Return the till of an order: a customer keeps to one till, others go by the number of the document."""
    return _till(order.customer or order.key.split(".")[0])[0]


def store_of_customer(customer):
    """Return the key of the store where a customer shops."""
    return _till(customer)[2]


def _till(name):
    """Return one of TILLS, the same for the same name."""
    return TILLS[number_from(f"till {name}", len(TILLS))]


def moment(order, days):
    """Return the order's time in UTC without zone, moved by ``days``."""
    local = (order.at + timedelta(days=days)).replace(tzinfo=SHOP_CLOCK)
    return local.astimezone(UTC).replace(tzinfo=None)


@contextmanager
def long_memory(env):
    """Let the server believe receipts of the past, for the orders of one transaction only."""
    parameters = env["ir.config_parameter"].sudo()
    before = parameters.get_param(CLOCK_PARAMETER)
    parameters.set_param(CLOCK_PARAMETER, str(CLOCK_DAYS))
    yield
    parameters.set_param(CLOCK_PARAMETER, before)


class Till:
    """Posts orders.

    :param partners: customer number -> res.partner id.
    :param users: store key -> res.users who stands at its tills.
    :param days: by how many days orders move.
    :param claim_of: called with an order, its lines as a till sends them and its moment; returns the claim's text, or None.
    """

    def __init__(self, env, shop, partners, users, days, claim_of):
        self.env = env
        self.shop = shop
        self.partners = partners
        self.users = {key: users[store] for key, _name, store in TILLS}
        self.days = days
        self.claim_of = claim_of
        self.amounts = {}

    def post(self, orders, progress, before_last_week=None):
        """Post what is not posted yet, week after week, and close each week's sessions; commit after each batch.

        :param before_last_week: called with the orders of the last week before they are posted.
        """
        weeks = defaultdict(list)
        first = orders[0].at.date()
        for order in orders:
            weeks[(order.at.date() - first).days // 7].append(order)
        done = 0
        for week, members in sorted(weeks.items()):
            if before_last_week and week == max(weeks):
                before_last_week(members)
            sessions = {key: self._session(week, key, members) for key in self.shop.tills}
            open_keys = {key for key, session in sessions.items() if session.state != "closed"}
            waiting = self._missing([order for order in members if till_of(order) in open_keys])
            done += len(members) - len(waiting)
            for start in range(0, len(waiting), BATCH):
                batch = waiting[start : start + BATCH]
                self._post_batch(batch, sessions)
                done += len(batch)
                progress(f"Receipts: {done} of {len(orders)}")
            for key in sorted(open_keys):
                self._close(sessions[key], key, members)
            progress(f"Week {week + 1} of {len(weeks)} closed")

    def _missing(self, orders):
        """Return the orders that the database does not have."""
        found = self.env["pos.order"].search_read([("uuid", "in", [order.uuid for order in orders])], ["uuid"])
        known = {row["uuid"] for row in found}
        return [order for order in orders if order.uuid not in known]

    def _session(self, week, key, orders):
        """Return the week's session of a till; open it if it is new."""
        name = f"session_{week}_{key}"
        session = find(self.env, name)
        if session is None:
            opened_at = min(moment(order, self.days) for order in orders) - timedelta(minutes=30)
            user = self.users[key]
            session = self.env["pos.session"].with_user(user).create({"config_id": self.shop.tills[key].id, "user_id": user.id})
            session.set_opening_control(session.sudo().cash_register_balance_start or OPENING_CASH, "")
            session = session.sudo()
            session.start_at = opened_at
            remember(self.env, [(name, session)])
            self.env.cr.commit()
        return session.sudo()

    def _close(self, session, key, orders):
        """Take the week's cash to the bank, count the drawer and close a session as the till does."""
        closed_at = max(moment(order, self.days) for order in orders) + timedelta(minutes=30)
        session.stop_at = closed_at
        as_user = session.with_user(self.users[key])
        surplus = round(session.cash_register_balance_end - OPENING_CASH, 2)
        if surplus > 0:
            session.try_cash_in_out("out", surplus, "Taken to the bank", False, {"translatedType": "out"})
        # Each step is a request of its own at a till: Odoo's computed drawer fields do not follow within one.
        self.env.invalidate_all()
        as_user.post_closing_cash_details(session.cash_register_balance_end)
        self.env.invalidate_all()
        result = as_user.close_session_from_ui()
        if not result.get("successful"):
            raise LoadError(f"Session {session.name} could not be closed: {result.get('message')}")
        self.env.cr.commit()

    def _post_batch(self, batch, sessions):
        """Post some orders in one transaction."""
        with long_memory(self.env):
            for order in batch:
                key = till_of(order)
                payload = self._payload(order, key, sessions[key])
                self.env["pos.order"].with_user(self.users[key]).sync_from_ui([payload])
        self.env.cr.commit()
        self.env.invalidate_all()

    def _origins(self, order):
        """Return key of a sale line -> its id, for the lines that an order gives back."""
        keys = {line_uuid(item.origin): item.origin for item in order.lines if item.origin}
        if not keys:
            return {}
        rows = self.env["pos.order.line"].search_read([("uuid", "in", list(keys))], ["uuid"])
        return {keys[row["uuid"]]: row["id"] for row in rows}

    def _payload(self, order, key, session):
        """Return the order as a till sends it."""
        origins = self._origins(order)
        lines = [self._line(item, origins) for item in order.lines]
        total = order.total / 100
        untaxed = sum(line["price_subtotal"] for line in lines)
        at = moment(order, self.days)
        payload = {
            "uuid": order.uuid,
            "access_token": order.uuid,
            "session_id": session.id,
            "user_id": self.users[key].id,
            "company_id": self.shop.company.id,
            "partner_id": self.partners.get(order.customer, False),
            "date_order": str(at),
            "state": "paid",
            "is_refund": bool(origins),
            "to_invoice": False,
            "amount_total": total,
            "amount_tax": round(total - untaxed, 2),
            "amount_paid": total,
            "amount_return": 0,
            "lines": [(0, 0, line) for line in lines],
            "payment_ids": self._payments(order, key, total, str(at)),
        }
        claim = self.claim_of(order, lines, at)
        if claim:
            payload["fidelity_claim"] = claim
        return payload

    def _payments(self, order, key, total, at):
        """Return one payment in full: small amounts mostly in cash, larger ones by card; nothing for a free gift."""
        if not order.total:
            return []
        cash = number_from(f"pay {order.key}", 100) < (70 if abs(order.total) < 3000 else 15)
        method = self.shop.cash[key] if cash else self.shop.card
        return [(0, 0, {"name": at, "payment_date": at, "amount": total, "payment_method_id": method.id})]

    def _line(self, item, origins):
        """Return one order line as a till sends it."""
        line = item.line
        untaxed, total = self._amount(line.price, line.quantity)
        values = {
            "uuid": item.uuid,
            "product_id": self.shop.products[line.code],
            "full_product_name": self.shop.names[line.code],
            "qty": line.quantity,
            "price_unit": line.price / 100,
            "discount": 0,
            "tax_ids": [(6, 0, self.shop.tax.ids)],
            "price_subtotal": untaxed,
            "price_subtotal_incl": total,
        }
        if item.origin:
            values["refunded_orderline_id"] = origins[item.origin]
        return values

    def _amount(self, price, quantity):
        """Return (without VAT, with VAT) in pounds of a line, by Odoo's tax engine."""
        if (price, quantity) not in self.amounts:
            result = self.shop.tax.compute_all(price / 100, self.shop.company.currency_id, quantity)
            self.amounts[price, quantity] = result["total_excluded"], result["total_included"]
        return self.amounts[price, quantity]
