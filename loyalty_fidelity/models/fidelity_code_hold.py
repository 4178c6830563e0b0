from datetime import timedelta

from odoo import fields, models

HOLD_MINUTES = 15


class FidelityCode(models.Model):
    """A code on a sale that is not paid yet is set aside, so that no other till takes it meanwhile.

    It is a courtesy to the second till: a sale that was paid uses its codes whatever is set aside. Only the last use of a code
    is set aside; it comes free by itself. Of two at the same moment the second fails to serialise, and is told when it is tried again.
    """

    _inherit = "fidelity.code"

    held_key = fields.Char(readonly=True, copy=False, help="The sale that it is on.")
    held_by = fields.Char(string="On a sale at", readonly=True, copy=False, help="The till that has it on a sale.")
    held_until = fields.Datetime(string="Set aside until", readonly=True, copy=False, help="When it comes free by itself.")

    def _set_aside_for(self, key, till_name):
        """Set this code aside for a sale. Callers have checked that it can be used.

        :param str key: of the sale; asking again with the same key lengthens it
        :return: whether it is; False while another sale has it
        """
        self.ensure_one()
        now = self.env.cr.now().replace(microsecond=0)
        taken = self.held_until and self.held_until > now and self.held_key != key
        if taken and self.uses_max - len(self.use_ids) <= 1:
            return False
        until = now + timedelta(minutes=self.card_type_id.hold_minutes or HOLD_MINUTES)
        self.write({"held_key": key, "held_by": till_name, "held_until": until})
        return True

    def _come_free(self, key):
        """Let go what a sale has set aside. Letting go twice changes nothing.

        :return: whether it ended now
        """
        mine = self.filtered(lambda code: code.held_key == key)
        mine.write({"held_key": False, "held_by": False, "held_until": False})
        return bool(mine)
