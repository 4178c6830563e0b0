from odoo import fields, models


class FidelityPrizeTag(models.Model):
    """A word to find and group prizes by. Its name is unique."""

    _name = "fidelity.prize.tag"
    _description = "Prize tag"
    _order = "name"

    name = fields.Char(required=True, translate=True, help="Such as Summer, or For children.")
    color = fields.Integer(help="Its colour in lists.")

    _name_unique = models.Constraint("unique(name)", "There is a tag with this name already.")
