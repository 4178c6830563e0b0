import { patch } from "@web/core/utils/patch";
import { PosStore } from "@point_of_sale/app/services/pos_store";
import { FidelityTill } from "@loyalty_fidelity_pos/app/services/fidelity_till";

patch(PosStore.prototype, {
    async setup() {
        this.fidelity = new FidelityTill(this);
        await super.setup(...arguments);
        this.fidelity.effects.listen(this.models);
        if (this.barcodeReader) {
            // A function, for an object would lose its reactivity on the way.
            this.barcodeReader.getFidelityTill = () => this.fidelity;
        }
        window.addEventListener("pos-network-online", () => this.fidelity.findWaiting());
    },
});
