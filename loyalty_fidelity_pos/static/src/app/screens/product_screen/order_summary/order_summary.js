import { patch } from "@web/core/utils/patch";
import { OrderSummary } from "@point_of_sale/app/screens/product_screen/order_summary/order_summary";
import { amountLineWarning } from "@loyalty_fidelity_pos/app/services/fidelity_words";

patch(OrderSummary.prototype, {
    /** An amount off is not selected: a word says how to remove it. */
    clickLine(ev, orderline) {
        if (!orderline.isFidelityAmount()) {
            return super.clickLine(...arguments);
        }
        ev.stopPropagation();
        this.pos.notification.add(amountLineWarning().body, { type: "info" });
    },

    async onOrderlineLongPress(ev, orderline) {
        return orderline.isFidelityAmount() ? false : super.onOrderlineLongPress(...arguments);
    },
});
