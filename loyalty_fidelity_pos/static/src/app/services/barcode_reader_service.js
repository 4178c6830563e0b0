import { patch } from "@web/core/utils/patch";
import { BarcodeReader } from "@point_of_sale/app/services/barcode_reader_service";

patch(BarcodeReader.prototype, {
    /**
     * Our cards are recognised before Odoo's parser, which would take them for products. Finding the member runs beside
     * the reader's mutex: the next article can be scanned at once. Exclusive handlers keep their scans.
     */
    async _scan(code) {
        const till = this.getFidelityTill?.();
        if (!code || this.exclusiveCbMap || !till?.takes(code)) {
            return super._scan(...arguments);
        }
        till.read(code, "scan");
    },
});
