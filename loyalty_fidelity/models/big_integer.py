from odoo import fields


class BigInteger(fields.Integer):
    """An integer of 64 bits: ledgers outgrow the 32 bits of Odoo's own integer field."""

    _column_type = ("int8", "int8")
