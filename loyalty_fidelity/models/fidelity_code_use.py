from dataclasses import dataclass
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..rules.voucher import PREFIX, Voucher
from .claim import is_text
from .fidelity_code import LIVING

LONGEST_KEY = 64
#: What whoever holds the code may hear: he can put it right, and learns nothing of others.
MENDED_BY_THE_CUSTOMER = ("no_card", "no_member", "card_type", "minimum", "products", "not_yet", "currency", "held")


@dataclass(frozen=True)
class Occasion:
    """Where, when, by whom and on what receipt a code is used. Callers have checked the right to.

    :ivar company: of the store that takes it
    :ivar member: whose card was shown
    :ivar receipt_minor: what the receipt comes to, in minor units, where there is one
    :ivar currency: of the receipt
    :ivar sold: what selectors look at of the lines sold, by key, as ``fidelity.selector._line_facts`` gives it; None where they are not
        known
    :ivar day: None for today
    :ivar source_ref: the name of the receipt
    """

    company: models.Model
    member: models.Model | None = None
    store: models.Model | None = None
    receipt_minor: int | None = None
    currency: models.Model | None = None
    sold: dict | None = None
    day: date | None = None
    source_ref: str | None = None


class FidelityCodeUse(models.Model):
    """One use of a code: where, when, by whom, on what receipt. Written with what it gave, and never changed.

    Invariants: ``op_key`` is unique, so a use happens once however often it is asked; of a code there are never more
    uses than it allows. Who uses a code first writes its row over, unchanged: of two at the same moment the second fails
    to serialise, is tried again and is told that it is used.
    """

    _name = "fidelity.code.use"
    _description = "Use of a code"
    _order = "id desc"
    _rec_name = "code_id"

    code_id = fields.Many2one("fidelity.code", required=True, readonly=True, ondelete="restrict", index=True, help="Which code.")
    op_key = fields.Char(required=True, readonly=True, help="What makes the use unique.")
    used_at = fields.Datetime(string="Used on", required=True, readonly=True, help="When it was used.")
    member_id = fields.Many2one("fidelity.member", readonly=True, ondelete="restrict", help="Who used it, where a card was shown.")
    store_id = fields.Many2one("fidelity.store", readonly=True, ondelete="restrict", help="Where it was used.")
    company_id = fields.Many2one(related="code_id.company_id", store=True, index=True)
    author_name = fields.Char(string="By", readonly=True, help="Who took it.")
    source_ref = fields.Char(string="Receipt", readonly=True, help="The receipt on which it was used.")
    posting_id = fields.Many2one("fidelity.posting", readonly=True, ondelete="restrict", help="The points that it added.")
    reservation_id = fields.Many2one(
        "fidelity.reservation", readonly=True, ondelete="restrict", help="The gift that was handed over."
    )

    _op_key_unique = models.Constraint("unique(op_key)", "This code is used already.")


class FidelityCode(models.Model):
    """Using a code: once, for who may, and without telling strangers why not."""

    _inherit = "fidelity.code"

    @api.model
    def _fidelity_redeem(self, raw, key, member=None, store=None, receipt_minor=None, source_ref=None):
        """Use the code of a text, once by key.

        :param str raw: what was read or typed
        :param str key: makes it unique, such as the uuid of an order; the same key and code is the same use
        :param member: whose card was shown
        :param store: where
        :param int receipt_minor: what the receipt comes to, in minor units, where there is one
        :param str source_ref: the name of that receipt
        :return: the use
        :raise AccessError: the user may not take codes
        :raise UserError: it cannot be used; to whom may not know why, in the one same sentence
        """
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_user"):
            raise AccessError(self.env._("Only loyalty users can take codes. Ask your manager."))
        if member:
            member.check_access("write")
        if store:
            store.check_access("read")
        company = store.company_id if store else self.env.company
        code = self.sudo()._look_up(raw)
        occasion = Occasion(company.sudo(), member and member.sudo(), store and store.sudo(), receipt_minor, source_ref=source_ref)
        return code._use(key, occasion)

    def _use(self, key, occasion):
        """:meth:`_fidelity_redeem` for callers that have checked the right to. An empty recordset is an unknown code.

        :param Occasion occasion:
        """
        if not is_text(key, LONGEST_KEY):
            raise UserError(self.env._("This code cannot be used twice under one name. Close the window and begin again."))
        op_key = f"code:{self.id}:{key}"
        existing = self.use_ids.filtered(lambda use: use.op_key == op_key)
        if existing:
            return existing
        if self:
            self.env.execute_query(SQL("UPDATE fidelity_code SET state = state WHERE id = %s RETURNING id", self.id))
        problem = self._problem(occasion)
        if problem:
            raise UserError(self._refusal(problem))
        member, store = occasion.member, occasion.store
        use = self.env["fidelity.code.use"].create(
            {
                "code_id": self.id,
                "op_key": op_key,
                "used_at": self.env.cr.now().replace(microsecond=0),
                "member_id": member and member.id,
                "store_id": store and store.id,
                "author_name": self.env.user.name,
                "source_ref": occasion.source_ref,
                **self._give(op_key, member, store),
            }
        )
        if len(self.use_ids) >= self.uses_max:
            self.write({"state": "redeemed"})
        self.flush_recordset()
        return use

    def _give(self, op_key, member, store):
        """What the code gives besides something off a price.

        :return: values of its use
        """
        if self.worth == "points":
            posting = self.env["fidelity.posting"]._post_grant(
                member, self.worth_points, op_key, self.list_id.name, store=store, source=self
            )
            return {"posting_id": posting.id}
        if self.worth == "gift":
            reservations = self.env["fidelity.reservation"]
            self.worth_prize_id._hold()
            self.worth_prize_id._check_left(member, store)
            gift = reservations._set_aside(member, self.worth_prize_id, store, reason=self.list_id.name)
            gift._hand_over(self.env.user)
            return {"reservation_id": gift.id}
        return {}

    def _problem(self, occasion):
        """Why this code cannot be used, as a word; None when it can.

        :param Occasion occasion:
        """
        member = occasion.member
        if not self or self.company_id not in occasion.company.parent_ids:
            return "unknown"
        if self.state == "cancelled":
            return "cancelled"
        if not self.bearer and (not member or self.member_id._surviving() != member):
            return "other_member" if member else "no_card"
        if self.card_type_id and (not member or member.card_type_id != self.card_type_id):
            return "card_type"
        if self.state == "redeemed" or len(self.use_ids) >= self.uses_max:
            return "used"
        today = occasion.day or fields.Date.context_today(self)
        if self.from_date and today < self.from_date:
            return "not_yet"
        # What was bought before it expired may be posted after.
        if self.to_date and self.to_date < today:
            return "expired"
        minimum = self._minimum_minor()
        if occasion.currency and occasion.currency != self.currency_id and (minimum or self.worth == "amount"):
            return "currency"
        if minimum and (occasion.receipt_minor or 0) < minimum:
            return "minimum"
        if occasion.sold is not None and not self._for_something(occasion.sold):
            return "products"
        if self.worth in ("points", "gift") and (not member or member.state != "active"):
            return "no_member"
        return "no_store" if self.worth == "gift" and not occasion.store else None

    def _minimum_minor(self):
        """The smallest receipt that takes it, in minor units; zero for any."""
        return round(self.minimum_receipt * 10**self.currency_id.decimal_places)

    def _for_something(self, sold):
        """Whether what is sold has something that this code is for.

        :param dict sold: of :class:`Occasion`
        """
        return not self.worth_version_id or bool(self.worth_version_id._matching(sold))

    def _voucher(self, sold=None):
        """What it takes off a receipt, as the rules take it: nothing for points and gifts.

        :param dict sold: of :class:`Occasion`; asked where it is for some products alone
        """
        self.ensure_one()
        scale = 10**self.currency_id.decimal_places
        return Voucher(
            f"{PREFIX}{self.id}",
            amount_minor=round(self.worth_amount * scale) if self.worth == "amount" else 0,
            percent_bps=round(self.worth_percent * 100) if self.worth == "percent" else 0,
            minimum_minor=self._minimum_minor(),
            lines=self.worth_version_id._matching(sold or {}) if self.worth_version_id else None,
        )

    def _refusal(self, problem):
        """The sentence for a code that cannot be used. Who may not read codes learns nothing from it."""
        _ = self.env._
        knows = self.env.user.has_group("loyalty_fidelity.group_fidelity_user")
        if problem == "unknown" or not (knows or problem in MENDED_BY_THE_CUSTOMER):
            return _("This code cannot be used here. Read it again, or type the characters below the bars.")
        last = self.use_ids[:1]
        sentences = {
            "cancelled": _("This code was cancelled. Ask a loyalty manager."),
            "no_card": _("This code was given to a member, who alone can use it. Choose the member."),
            "other_member": _("This code was given to another member, who alone can use it."),
            "card_type": _("This code is for members of %(card_type)s. Choose the member.", card_type=self.card_type_id.name),
            "used": _(
                "This code was used on %(date)s in %(store)s.",
                date=format_date(self.env, last.used_at),
                store=last.store_id.name or _("no store"),
            ),
            "not_yet": _("This code can be used from %(date)s.", date=format_date(self.env, self.from_date)),
            "expired": _("This code expired on %(date)s.", date=format_date(self.env, self.to_date)),
            "currency": _(
                "This code is in %(currency)s. Use it in a store that sells in that money.", currency=self.currency_id.name
            ),
            "held": _("This code is on another sale at this moment. Take it off there, or try again in a few minutes."),
            "products": _("This code is for %(products)s: there is none on this sale.", products=self.worth_selector_id.name),
            "minimum": _("This code needs a receipt of %(amount)s.", amount=self.currency_id.format(self.minimum_receipt)),
            "no_member": _("Choose the member who gets it."),
            "no_store": _("Choose the store that hands the gift over."),
        }
        return sentences[problem]


class FidelitySelector(models.Model):
    """Codes use selectors."""

    _inherit = "fidelity.selector"

    def _used_by(self):
        uses = Domain("worth_selector_id", "in", self.ids) | Domain("code_ids.worth_version_id.selector_id", "in", self.ids)
        lists = self.env["fidelity.code.list"].with_context(active_test=False).search(uses)
        return [*super()._used_by(), *lists.mapped("name")]


class FidelityPrize(models.Model):
    """A gift voucher makes a code."""

    _inherit = "fidelity.prize"

    code_list_id = fields.Many2one(
        "fidelity.code.list",
        string="Voucher",
        ondelete="restrict",
        help="What the voucher is worth: a code of this list is made for the member.",
    )

    @api.constrains("kind", "code_list_id", "active")
    def _check_code_list(self):
        for prize in self.filtered(lambda prize: prize.active and prize.kind == "voucher"):
            if not prize.code_list_id:
                raise ValidationError(self.env._("%(prize)s: fill in Voucher, what its code is worth.", prize=prize.name))

    def _check_given(self, member, store):
        res = super()._check_given(member, store)
        if self.kind == "voucher" and not self.code_list_id.active:
            raise UserError(self.env._("%(prize)s: its code list is archived. Choose another prize.", prize=self.name))
        return res


class FidelityPosting(models.Model):
    """The code that a voucher made; it goes with the voucher when that is taken back."""

    _inherit = "fidelity.posting"

    code_ids = fields.One2many("fidelity.code", "posting_id", help="The code that was made for it.")

    def _given_at_once(self, store):
        res = super()._given_at_once(store)
        if self.prize_id.kind == "voucher":
            self.prize_id.code_list_id._make(member=self.member_id, origin="prize", store=store, posting=self)._set_sent()
        return res

    def _check_may_come_back(self):
        res = super()._check_may_come_back()
        if self.code_ids.use_ids:
            raise UserError(self.env._("%(prize)s was used: it cannot be taken back.", prize=self.prize_id.name))
        return res

    def _came_back(self, reason):
        res = super()._came_back(reason)
        self.code_ids.filtered(lambda code: code.state in LIVING)._cancel()
        return res


class FidelityReservation(models.Model):
    """A voucher is given at once: there is nothing to collect."""

    _inherit = "fidelity.reservation"

    @api.model
    def _check_can_wait(self, prize, store, until_date=None):
        if prize.kind == "voucher":
            raise UserError(self.env._("%(prize)s is a voucher: give it at once.", prize=prize.name))
        return super()._check_can_wait(prize, store, until_date)
