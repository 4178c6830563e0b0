import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { TicketScreen } from "@point_of_sale/app/screens/ticket_screen/ticket_screen";

const goodsOf = (order) => order.getOrderlines().filter((line) => !line.isFidelityAmount());

patch(TicketScreen.prototype, {
    /** An amount off comes back by itself, with the goods it fell on. */
    onClickOrderline(orderline) {
        if (!orderline.isFidelityAmount()) {
            return super.onClickOrderline(...arguments);
        }
        this.pos.notification.add(_t("This discount comes back by itself, with the goods. Choose the goods."), {
            type: "info",
        });
    },

    /** The first line is chosen by itself: it must be one of the goods. */
    onClickOrder(order) {
        const lines = order?.finalized ? order.getOrderlines() : [];
        if (lines[0]?.isFidelityAmount() && !this.state.selectedOrderlineIds[order.id]) {
            this.state.selectedOrderlineIds[order.id] = goodsOf(order)[0]?.id;
        }
        return super.onClickOrder(...arguments);
    },

    _onUpdateSelectedOrderline() {
        const id = this.getSelectedOrderlineId();
        if (this.getSelectedOrder()?.lines.some((line) => line.id === id && line.isFidelityAmount())) {
            return this.numberBuffer.reset();
        }
        return super._onUpdateSelectedOrderline(...arguments);
    },

    /** One article and its amount off are one article. */
    _doesOrderHaveSoleItem(order) {
        return super._doesOrderHaveSoleItem({ getOrderlines: () => goodsOf(order) });
    },
});
