import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, config

from ..rules import number_scheme
from ..rules.errors import RuleError
from .card_symbol import svg

#: What makes the numbers of a card type. It stays once there are cards.
SCHEME_FIELDS = ("number_prefix", "number_length", "number_check", "number_order")
#: Products whose barcodes are looked at in one go.
PRODUCTS = 10_000


class FidelityCardType(models.Model):
    """The numbers of a card type: how they look, in which order they are given out, and the next ones.

    Invariants: a serial is given out once, by the type's own database sequence, so two at work never make the same number;
    a number that is there already (typed by hand, imported) is passed over.
    """

    _inherit = "fidelity.card.type"

    number_length = fields.Integer(
        string="Digits", required=True, default=13, copy=False, help="How many digits a card number has, from 8 to 19. EAN-13: 13."
    )
    number_check = fields.Selection(
        [("ean", "EAN / UPC"), ("luhn", "Luhn"), ("none", "None")],
        string="Check digit",
        required=True,
        default="ean",
        copy=False,
        help="The last digit, by which a misread or mistyped number is noticed. Without one it is not noticed.",
    )
    number_order = fields.Selection(
        [("sequence", "One after the other"), ("mixed", "In an order that nobody can guess")],
        string="Order of numbers",
        required=True,
        default="sequence",
        copy=False,
        help="In sequence, who knows one number knows the next. Mixed, all numbers are used too, in an order known to the server alone.",
    )
    validity_months = fields.Integer(
        string="Valid for (months)", help="How many months a card works after it was given out. Zero: it does not expire."
    )
    number_example = fields.Char(
        string="Example number", compute="_compute_number_example", help="A number of this type, as it is printed on a card."
    )
    number_symbol = fields.Binary(
        string="Barcode", compute="_compute_number_example", help="The symbol that a scanner reads on such a card."
    )
    number_count = fields.Char(
        string="Numbers in all", compute="_compute_number_example", help="How many cards this type can ever have."
    )

    _validity = models.Constraint("CHECK (validity_months >= 0)", "A card is valid for zero months (for ever) or more.")

    @api.depends(*SCHEME_FIELDS)
    @api.depends_context("lang")
    def _compute_number_example(self):
        for card_type in self:
            try:
                scheme = card_type._scheme()
            except RuleError:
                card_type.update({"number_example": False, "number_symbol": False, "number_count": False})
                continue
            # Any serial will do, and no number that a card has or will have soon.
            number = number_scheme.nth_number(scheme, min(1234567, number_scheme.capacity(scheme) - 1))
            card_type.number_example = number
            card_type.number_symbol = base64.b64encode(svg(number_scheme.symbology(scheme), number))
            card_type.number_count = f"{number_scheme.capacity(scheme):,}"

    @api.constrains(*SCHEME_FIELDS)
    def _check_scheme(self):
        _ = self.env._
        for card_type in self.filtered("number_prefix"):
            try:
                scheme = card_type._scheme()
            except RuleError as error:
                if error.code == "prefix_malformed":
                    continue  # Said by the check of the prefix.
                if error.code == "length_short":
                    raise ValidationError(
                        _("Digits: the prefix leaves no digit for the cards. Choose more digits, or a shorter prefix.")
                    ) from error
                raise ValidationError(_("Digits: a card number has from 8 to 19 digits, such as 13.")) from error
            others = self.sudo().with_context(active_test=False).search([("id", "!=", card_type.id)])
            try:
                number_scheme.check_scheme(scheme, [other._scheme() for other in others])
            except RuleError as error:
                if error.code == "payment_card":
                    raise ValidationError(
                        _(
                            "Card number prefix: numbers of %(length)s digits that start with %(prefix)s are those of payment cards, "
                            "which a till must not keep. Start with 0, 7, 80 or 90, or choose an EAN of 13 digits.",
                            length=scheme.length,
                            prefix=scheme.prefix,
                        )
                    ) from error
                if error.code == "prefix_taken":
                    raise ValidationError(
                        _(
                            "Card number prefix: a scanner could take these numbers for those of another card type, which start "
                            "with %(other)s. Choose another prefix.",
                            other=error.details.get("other", ""),
                        )
                    ) from error
            card_type._check_no_product(scheme)

    def _check_no_product(self, scheme):
        """No product may have a barcode that a till would take for a card."""
        for model in ("product.product", "product.uom"):
            if model not in self.env or "barcode" not in self.env[model]._fields:
                continue
            domain = [("barcode", "=like", f"%{scheme.prefix.removeprefix('0')}%")]
            products = self.env[model].sudo().with_context(active_test=False)
            for product in products.search_fetch(domain, ["barcode"], limit=PRODUCTS):
                if number_scheme.recognise(product.barcode, [scheme]).status == "card":
                    raise ValidationError(
                        self.env._(
                            "Card number prefix: %(product)s has the barcode %(barcode)s, which a till would take for a card. "
                            "Choose another prefix.",
                            product=product.display_name,
                            barcode=product.barcode,
                        )
                    )

    def _check_no_cards(self, vals):
        res = super()._check_no_cards(vals)
        for card_type in self:
            changes = any(name in vals and vals[name] != card_type[name] for name in SCHEME_FIELDS)
            if changes and self.env["fidelity.card"].sudo().search_count([("card_type_id", "=", card_type.id)], limit=1):
                raise ValidationError(
                    self.env._(
                        "%(name)s already has cards: how their numbers look stays. Make a new card type instead.",
                        name=card_type.name,
                    )
                )
        return res

    def _scheme(self):
        """The scheme of these settings.

        :return: :class:`number_scheme.Scheme`
        :raise RuleError: they are none
        """
        self.ensure_one()
        return number_scheme.parse_scheme(
            {"prefix": self.number_prefix or "", "length": self.number_length, "check": self.number_check or ""}
        )

    @api.model
    def _number_key(self):
        """The secret of unguessable orders: option ``fidelity_number_key`` of the server, else the database's own secret.

        It never leaves the server.

        :return: bytes
        """
        secret = config.get("fidelity_number_key") or self.env["ir.config_parameter"].sudo().get_param("database.secret")
        return hashlib.sha256(f"card numbers|{secret}".encode()).digest()

    def _next_numbers(self, count):
        """Take the next free numbers of this type.

        :param int count: how many
        :return: list of numbers
        :raise UserError: there are not so many left
        """
        numbers = []
        while len(numbers) < count:
            made = self._take_numbers(count - len(numbers))
            taken = self.env.execute_query(SQL("SELECT number FROM fidelity_card WHERE number = ANY (%s)", made))
            gone = {row[0] for row in taken}
            numbers += [number for number in made if number not in gone]
        return numbers

    def _take_numbers(self, count):
        """Take the next numbers of this type. Cards typed by hand or imported may have some of them already.

        :param int count: how many
        :return: list of so many numbers
        :raise UserError: there are not so many left
        """
        self.ensure_one()
        scheme = self._scheme()
        key = self._number_key() if self.number_order == "mixed" else b""
        size = number_scheme.capacity(scheme)
        sequence = self.sudo().sequence_id
        # The sequence hands out each serial once, to whoever asks, and takes none back.
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence.id:03d}", count)
        )
        if rows[-1][0] >= size:
            raise UserError(
                self.env._(
                    "%(name)s has no %(count)s numbers left. Make a new card type with a prefix of its own.",
                    name=self.name,
                    count=count,
                )
            )
        return [number_scheme.nth_number(scheme, row[0], key) for row in rows]

    def _next_number(self):
        return self._next_numbers(1)[0]

    def _expires_from(self, date):
        """The last day of a card that is given out on a day; False when it does not expire."""
        self.ensure_one()
        return fields.Date.add(date, months=self.validity_months, days=-1) if self.validity_months else False
