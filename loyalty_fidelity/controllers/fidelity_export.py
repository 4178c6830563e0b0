import os
import tempfile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import Response, request


class FidelityExportController(http.Controller):
    """The ledger as a file to download."""

    @http.route("/loyalty_fidelity/export", type="http", auth="user", methods=["GET"], readonly=True)
    def download(self):
        """Answer with the zip. It is made on disk first, so that memory does not grow with the ledger."""
        export = request.env["fidelity.ledger.export"]
        export._check_may_export()
        # Closed, and so deleted, with the response.
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        export.sudo()._write_zip(stream)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        response = Response(wrap_file(request.httprequest.environ, stream), direct_passthrough=True, mimetype="application/zip")
        response.headers["Content-Length"] = size
        response.headers["Content-Disposition"] = http.content_disposition(export._filename())
        response.headers["Cache-Control"] = "no-store"
        response.call_on_close(stream.close)
        return response
