import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { ControlButtons } from "@point_of_sale/app/screens/product_screen/control_buttons/control_buttons";
import { TextInputPopup } from "@point_of_sale/app/components/popups/text_input_popup/text_input_popup";
import { askAmount } from "@loyalty_fidelity_pos/app/services/fidelity_amount_popup";
import { formatMoney } from "@loyalty_fidelity_pos/app/services/fidelity_words";
import { makeAwaitable } from "@point_of_sale/app/utils/make_awaitable_dialog";

patch(ControlButtons.prototype, {
    /** Ask for the number of a card, or a code, by hand, for what cannot be scanned. */
    async clickFidelityCard() {
        this.props.close?.();
        const number = await makeAwaitable(this.dialog, TextInputPopup, {
            title: _t("Member card or code"),
            placeholder: _t("Number of the card, or the code"),
            size: "md",
        });
        if (number?.trim()) {
            this.pos.fidelity.read(number, "typed");
        }
    },

    /** Pay the cashback of the member on this sale, or a part of it, out of the till. */
    async clickFidelityPayOut() {
        this.props.close?.();
        const order = this.pos.getOrder();
        const { spending } = this.pos.fidelity;
        const [most, least] = [spending.payable(order), spending.leastPaidOut(order)];
        const amount = await askAmount(this.dialog, order.currency, _t("Pay cashback out"), most, least);
        if (amount > 0) {
            const { status, message } = await spending.payOut(order, amount);
            const paid = _t("Give the customer %s from the till.", formatMoney(amount, order.currency));
            this.notification.add(status === "ok" ? paid : message, { type: status === "ok" ? "success" : "warning" });
        }
    },
});
