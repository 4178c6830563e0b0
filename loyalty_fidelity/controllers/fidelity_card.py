import csv
import io
import os
import tempfile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import Response, request
from odoo.tools import SQL

PART = 5_000
COLUMNS = ("number", "barcode", "track", "member")


class FidelityCardController(http.Controller):
    """Cards to be printed or encoded: numbers as CSV, labels as PDF."""

    @http.route("/loyalty_fidelity/card_batch/<int:batch_id>/csv", type="http", auth="user", methods=["GET"], readonly=True)
    def numbers(self, batch_id):
        """Answer with the numbers of a batch. They are written to disk part by part, so that memory does not grow with it."""
        batch = request.env["fidelity.card.batch"].browse(batch_id).exists()
        if not batch:
            raise request.not_found()
        batch.check_access("read")
        # Closed, and so deleted, with the response.
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        self._write_numbers(batch, stream)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        response = Response(wrap_file(request.httprequest.environ, stream), direct_passthrough=True, mimetype="text/csv")
        response.headers["Content-Length"] = size
        response.headers["Content-Disposition"] = http.content_disposition(f"cards-{batch.card_type_id.code}-{batch.id}.csv")
        response.headers["Cache-Control"] = "no-store"
        response.call_on_close(stream.close)
        return response

    @staticmethod
    def _write_numbers(batch, stream):
        """Write the numbers of a batch, with what a stripe carries, and the member where there is one."""
        lines = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(lines)
        writer.writerow(COLUMNS)
        after, rows = 0, True
        while rows:
            rows = batch.env.execute_query(
                SQL(
                    """
                    SELECT c.id, c.number, c.number, ';' || c.number || '?', COALESCE(p.name, '') FROM fidelity_card c
                 LEFT JOIN fidelity_card o ON o.id = c.predecessor_id
                 LEFT JOIN fidelity_member m ON m.id = COALESCE(c.member_id, o.member_id)
                 LEFT JOIN res_partner p ON p.id = m.partner_id
                     WHERE c.batch_id = %s AND c.id > %s ORDER BY c.id LIMIT %s
                    """,
                    batch.id,
                    after,
                    PART,
                )
            )
            after = rows[-1][0] if rows else after
            for _card_id, *values, name in rows:
                # A spreadsheet would run a name that starts like a formula.
                writer.writerow((*values, f"'{name}" if name[:1] in tuple("=+-@\t") else name))
        lines.detach()

    @http.route("/loyalty_fidelity/cards/<int:print_id>/pdf", type="http", auth="user", methods=["GET"])
    def labels(self, print_id):
        """Answer with the cards of a print as PDF."""
        sheet = request.env["fidelity.card.print"].browse(print_id).exists()
        if not sheet or sheet.sudo().create_uid != request.env.user:
            raise request.not_found()
        headers = [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", http.content_disposition("cards.pdf", "inline")),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(sheet._pdf(), headers)
