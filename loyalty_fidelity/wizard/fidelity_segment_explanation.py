from odoo import api, fields, models


class FidelitySegmentExplanation(models.TransientModel):
    """Says, for one member, which conditions of a segment hold and which do not. It changes nothing."""

    _name = "fidelity.segment.explanation"
    _description = "Explanation of a segment"

    segment_id = fields.Many2one("fidelity.segment", required=True, help="The segment that is explained.")
    member_id = fields.Many2one("fidelity.member", help="Whom you ask about.")
    belongs = fields.Boolean(compute="_compute_explanation", help="He meets the conditions now.")
    explanation = fields.Text(compute="_compute_explanation", help="Each condition, whether it holds, and what he has.")

    @api.depends("segment_id", "member_id")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for wizard in self:
            member, segment = wizard.member_id._origin, wizard.segment_id._origin
            wizard.belongs, wizard.explanation = (False, False) if not member else wizard._explained(segment, member)

    @api.model
    def _explained(self, segment, member):
        segment.check_access("read")
        member.check_access("read")
        rows = segment._explain(member)
        lines = [self._line(row) for row in rows]
        tops = [row["holds"] for row in rows if not row["depth"]]
        met = (all(tops) if segment.match == "all" else any(tops)) if tops else True
        if member.state != "active":
            lines.append(self.env._("✗ the membership is not active"))
        elif not segment._sees(member):
            lines.append(self.env._("✗ the membership is of another company"))
        belongs = met and member.state == "active" and segment._sees(member)
        if belongs != segment._contains(member):
            lines.append(self.env._("Since the last refresh something has changed: it follows at the next one."))
        return belongs, "\n".join(lines)

    def _line(self, row):
        """One condition: ✓ at least 100 points (120)."""
        sign, indent = "✓" if row["holds"] else "✗", "    " * row["depth"]
        has = f" ({row['has']})" if row["has"] else ""
        return f"{indent}{sign} {row['asks']}{has}"
