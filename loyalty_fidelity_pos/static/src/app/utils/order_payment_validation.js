import { patch } from "@web/core/utils/patch";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";

patch(OrderPaymentValidation.prototype, {
    async finalizeValidation() {
        this.pos.fidelity?.seal(this.order);
        return super.finalizeValidation(...arguments);
    },
});
