import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { ControlButtons } from "@point_of_sale/app/screens/product_screen/control_buttons/control_buttons";
import { TextInputPopup } from "@point_of_sale/app/components/popups/text_input_popup/text_input_popup";
import { makeAwaitable } from "@point_of_sale/app/utils/make_awaitable_dialog";

patch(ControlButtons.prototype, {
    /** Ask for a card number by hand, for a card that cannot be scanned. */
    async clickFidelityCard() {
        this.props.close?.();
        const number = await makeAwaitable(this.dialog, TextInputPopup, {
            title: _t("Member card"),
            placeholder: _t("Number printed on the card"),
            size: "md",
        });
        if (number?.trim()) {
            this.pos.fidelity.read(number, "typed");
        }
    },
});
