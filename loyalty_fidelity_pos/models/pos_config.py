import json
from dataclasses import asdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.loyalty_fidelity.models.fidelity_member import short_name
from odoo.addons.loyalty_fidelity.models.situation import looks
from odoo.addons.loyalty_fidelity.rules import card_number, number_scheme

#: What Odoo reads of a contact besides what the till shows: for his rights, address, price list and fiscal position.
PARTNER_COLUMNS = (
    "active", "company_id", "partner_share", "parent_id", "type", "commercial_partner_id", "commercial_company_name",
    "company_name", "property_account_position_id", "specific_property_product_pricelist",
)  # fmt: skip


class PosConfig(models.Model):
    """A till of a store, and the one question it asks: whose card is this?"""

    _inherit = "pos.config"

    fidelity_store_id = fields.Many2one(
        "fidelity.store",
        string="Store",
        index="btree_not_null",
        domain="[('company_id', '=', company_id)]",
        help="The store in which this till stands.",
    )
    fidelity_number_prefixes = fields.Char(
        compute="_compute_fidelity_number_prefixes",
        help="How card numbers start, of all companies, so that a till recognises a card before it asks whose it is.",
    )

    @api.constrains("company_id", "fidelity_store_id")
    def _check_fidelity_store(self):
        for config in self.sudo():
            store = config.fidelity_store_id
            if store and store.company_id != config.company_id:
                raise ValidationError(
                    self.env._(
                        "%(store)s is a store of %(company)s. Choose a store of %(own)s.",
                        store=store.display_name,
                        company=store.company_id.name,
                        own=config.company_id.name,
                    )
                )

    def _compute_fidelity_number_prefixes(self):
        self.fidelity_number_prefixes = json.dumps(
            [
                # A prefix alone is an EAN-13: what a till that was open before the upgrade knows.
                scheme.prefix if scheme == number_scheme.Scheme(scheme.prefix) else asdict(scheme)
                for scheme in self.env["fidelity.card.type"]._schemes()
            ]
        )

    def _get_available_pricelists(self):
        """Also the price lists of members, in the currency of the till, with those that their rules are based on.

        They are loaded, and offered to nobody: what a cashier may choose stays as the till's settings say.
        """
        return super()._get_available_pricelists() | self._fidelity_pricelists()

    def _fidelity_pricelists(self):
        """The price lists that the cards of this till need."""
        self.ensure_one()
        card_types = self.env["fidelity.card.type"].sudo()
        loaded = card_types.with_context(active_test=False).search(card_types._load_pos_data_domain({}, self))
        return loaded._member_pricelists().filtered(lambda pricelist: pricelist.currency_id == self.currency_id).with_env(self.env)

    def _get_special_products(self):
        """The loyalty discount is loaded by every till and offered as a product by none."""
        return super()._get_special_products() | self._fidelity_discount_product()

    @api.model
    def _load_pos_data_read(self, records, config):
        data = super()._load_pos_data_read(records, config)
        if data:
            data[0]["_fidelity_discount_product_id"] = self._fidelity_discount_product().id
            data[0]["_fidelity_excluded_product_ids"] = config._fidelity_excluded_products().ids
            store = config.sudo().fidelity_store_id
            data[0]["_fidelity_store"] = {"id": store.id or 0, "tz": store.tz or "UTC"}
            data[0]["_fidelity_pricelist_ids"] = (
                config._fidelity_pricelists() - super(PosConfig, config)._get_available_pricelists()
            ).ids
        return data

    @api.model
    def _fidelity_discount_product(self):
        """The product of the lines that carry amounts off; empty where somebody deleted it."""
        product = self.env.ref("loyalty_fidelity_pos.product_fidelity_discount", raise_if_not_found=False)
        return product or self.env["product.product"]

    def _fidelity_excluded_products(self):
        """Products whose lines are no purchase: tips, advance payments, money put on gift cards and wallets."""
        self.ensure_one()
        products = self.tip_product_id
        if "down_payment_product_id" in self._fields:
            products |= self.down_payment_product_id
        if "loyalty.program" in self.env:
            programs = self.env["loyalty.program"].sudo().search([("program_type", "in", ("gift_card", "ewallet"))])
            products |= programs.trigger_product_ids
        return products

    @api.readonly
    def fidelity_identify(self, raw, known_partner_ids=()):
        """Whose card is this?

        :param str raw: what the reader sent, or what was typed
        :param known_partner_ids: customers that the till has loaded already
        :return: see ``docs/architecture.md``
        :raise AccessError: the user may not use this till
        """
        self.ensure_one()
        # The company is all that is needed of a till; the check alone would read its hundred columns.
        self.fetch(["company_id", "fidelity_store_id"])
        self.check_access("read")
        recognition = number_scheme.recognise(str(raw)[:64], self.env["fidelity.card.type"]._schemes())
        if recognition.status == "check_digit":
            return self._fidelity_refuse("check_digit")
        if recognition.status != "card":
            return self._fidelity_refuse("malformed")
        store_id = self.sudo().fidelity_store_id.id
        card = self.env["fidelity.card"].sudo()._identify(recognition.number, store_id=store_id, progress=True)
        if not card:
            return self._fidelity_refuse("unknown", recognition.number)
        problem = self.env["fidelity.receipt"]._refusal_of(card, self.company_id.id)
        if problem:
            return self._fidelity_refuse(problem.removeprefix("card_"), recognition.number, card)
        return self._fidelity_introduce(card, known_partner_ids)

    def _fidelity_introduce(self, card, known_partner_ids):
        """The answer for a card that works."""
        in_force = self.env["fidelity.ruleset"]._in_force(card["card_type_id"], fields.Datetime.now())
        answer = {
            "status": "ok",
            "message": "",
            "card": self._fidelity_card_data(card),
            "member": {"id": card["member_id"], "name": short_name(card["member_name"])},
            "tier": card["tier_id"] and {"id": card["tier_id"], "name": card["tier_name"], "medal": card["medal"]},
            "progress": self._fidelity_progress(card),
            "partner_id": card["partner_id"],
            "card_type": {"id": card["card_type_id"], "name": card["card_type_name"], "color": card["color"]},
            "ruleset": in_force and {"id": in_force[0], "hash": in_force[1]},
            "unit": self.env["fidelity.account"]._unit_word(card["unit"]),
            "balance": int(card["balance"] or 0),
            "cashback_minor": card["money_balance"] and int(card["money_balance"]),
            "rolling": self._fidelity_rolling(card),
            "situation": self._fidelity_situation(card, in_force),
            "prices": card["member_pricelist_id"]
            and {"pricelist_id": card["member_pricelist_id"], "policy": card["member_price_policy"]},
        }
        if card["partner_id"] not in known_partner_ids:
            rows = self._fidelity_read_partner(card["partner_id"])
            # A customer whom this cashier may not read stays unnamed on the sale; the card works all the same.
            answer.update({"partner": rows[0]} if rows else {"partner_id": False})
        return answer

    @api.model
    def _fidelity_progress(self, card):
        """What is missing to the next tier; None at the top, and where tiers are given by hand."""
        if card["missing"] is None:
            return None
        return {"tier": card["next_tier"], "measure": card["tier_measure"], "missing": max(1, int(card["missing"]))}

    def _fidelity_rolling(self, card):
        """The discount that the last purchase left for this one, while it is valid; else None."""
        bps, minor = self.env["fidelity.receipt"]._rolling_at(card, fields.Datetime.now(), card["store_tz"])
        if not bps and not minor:
            return None
        amount = {"minor": minor} if minor else {}
        return {"bps": bps, "until": fields.Date.to_string(card["rolling_until"]), **amount}

    def _fidelity_situation(self, card, in_force):
        """What the rules may look at of this member now; None where they look at nothing of the kind."""
        if not in_force:
            return None
        receipts = self.env["fidelity.receipt"].sudo()
        ruleset = self.env["fidelity.ruleset"]._parsed(in_force[0])
        if not looks(ruleset):
            return None
        return asdict(receipts._situation(ruleset, card, fields.Datetime.now(), self.sudo().fidelity_store_id.id))

    def _fidelity_read_partner(self, partner_id):
        """The customer as the till loads customers: a list of one dict, or of none when this cashier may not read him."""
        partners = self.env["res.partner"]
        # One statement for what the computed fields, left to themselves, fetch in four: his columns, those that depend
        # on the company, and the company's own contact, which his fiscal position asks for.
        self.env.companies.sudo().fetch(["partner_id", "parent_path"])
        company = self.env.company.sudo()
        names = {*partners._load_pos_data_fields(self), *PARTNER_COLUMNS}
        partners.with_context(active_test=False).search_fetch([("id", "in", [partner_id, company.partner_id.id])], names)
        return partners._load_pos_data_read(partners.browse(partner_id), self)

    @api.model
    def _fidelity_card_data(self, card):
        return {
            "id": card["card_id"],
            "number": card["number"],
            "masked": card_number.mask(card["number"]),
            "medium": card["medium"],
            "state": card["card_state"],
        }

    def _fidelity_refuse(self, status, number=None, card=None):
        """The answer for a card that does not work: which status, and a sentence with the way out."""
        date = card and card["state_at"] and fields.Date.context_today(self, card["state_at"])
        date = date and self.env["ir.qweb.field.date"].value_to_html(date, {}) or ""
        masked = card_number.mask(number) if number else ""
        _ = self.env._
        messages = {
            "malformed": _("This is not a card number. Read the card again, or type the number below the bars."),
            "check_digit": _("The card was not read well. Read it again, or type the number below the bars."),
            "unknown": _("Card %(card)s is not known. The sale goes on without it.", card=masked),
            "draft": _("Card %(card)s is not given out yet. Enrol the customer first.", card=masked),
            "blocked": _("Card %(card)s was blocked on %(date)s: ask the manager.", card=masked, date=date),
            "lost": _("Card %(card)s was reported lost on %(date)s: ask for another card.", card=masked, date=date),
            "replaced": _("Card %(card)s was replaced on %(date)s: ask for the new one.", card=masked, date=date),
            "expired": _("Card %(card)s has expired: ask the manager for a new one.", card=masked),
            "other_company": _("Card %(card)s belongs to another company and does not work here.", card=masked),
            "no_member": _("Card %(card)s belongs to nobody yet. Enrol the customer first.", card=masked),
            "member_closed": _("The membership of card %(card)s is closed: ask the manager.", card=masked),
        }
        answer = {"status": status, "message": messages[status]}
        if number:
            answer["card"] = {"number": number, "masked": masked}
        return answer
