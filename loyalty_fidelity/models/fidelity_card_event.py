from odoo import fields, models
from odoo.tools import SQL

STATES = [
    ("draft", "Not given out"),
    ("active", "Active"),
    ("blocked", "Blocked"),
    ("lost", "Lost"),
    ("replaced", "Replaced"),
    ("expired", "Expired"),
]


class FidelityCardEvent(models.Model):
    """One change of a card: from which state to which, for whom, by whom, when and why.

    Written by ``fidelity.card`` in the statement that changes the card; never changed. A card that waits to be given out has
    none: its batch says who made it.
    """

    _name = "fidelity.card.event"
    _inherit = "fidelity.append.only"
    _description = "Change of a card"
    _log_access = False
    _order = "id desc"

    card_id = fields.Many2one("fidelity.card", required=True, readonly=True, ondelete="restrict", index=True, help="The card.")
    from_state = fields.Selection(STATES, string="Before", readonly=True, help="What it was. Empty: it was made.")
    to_state = fields.Selection(STATES, string="After", required=True, readonly=True, help="What it is from then on.")
    member_id = fields.Many2one("fidelity.member", readonly=True, ondelete="restrict", help="Whose card it is from then on.")
    company_id = fields.Many2one(related="card_id.company_id")
    occurred_at = fields.Datetime(string="When", required=True, readonly=True, help="When it happened.")
    author_uid = fields.Integer(readonly=True, help="The number of the user who did it.")
    author_name = fields.Char(string="By", readonly=True, help="Who did it.")
    reason = fields.Char(readonly=True, help="Why.")

    def _insert_sql(self, changed, reason):
        """SQL that notes changes, to follow the ``WITH`` of the statement that makes them.

        :param str changed: name of the rows changed, with ``id``, ``from_state``, ``state`` and ``member_id``
        :param reason: why, or None
        """
        return SQL(
            "INSERT INTO fidelity_card_event (card_id, from_state, to_state, member_id, occurred_at, author_uid, author_name, reason)"
            " SELECT id, from_state, state, member_id, %s, %s, %s, %s FROM %s ORDER BY id",
            fields.Datetime.now(),
            self.env.uid,
            self.env.user.name,
            reason or None,
            SQL.identifier(changed),
        )
