import { patch } from "@web/core/utils/patch";
import { PosOrderline } from "@point_of_sale/app/models/pos_order_line";
import { readEffect } from "@loyalty_fidelity_pos/app/models/fidelity_effect";
import { amountLineWarning, prizeLineWarning } from "@loyalty_fidelity_pos/app/services/fidelity_words";
import { readMemberPrice } from "@loyalty_fidelity_pos/app/models/fidelity_member_price";
import { turned } from "@loyalty_fidelity_pos/app/models/fidelity_tax_data";

/**
 * A line whose price loyalty changed says so in `fidelity_effect`. A percentage is in the line's own `discount`, beside
 * what a person gave, which `uiState.fidelity` ({manual, written}) remembers exactly: `written` is the discount that we
 * wrote, so any other is by hand. Amounts off, and their shares given back, are lines of their own.
 */
patch(PosOrderline.prototype, {
    /** @returns {Object|null} what loyalty did to the price of this line */
    getFidelityEffect() {
        return readEffect(this.fidelity_effect);
    },

    /** @returns {boolean} an amount off, or a share of one given back: made by the till, not by the cashier */
    isFidelityAmount() {
        return Boolean(this.fidelity_effect) && ["amount", "share"].includes(this.getFidelityEffect()?.kind);
    },

    /** @returns {number} the discount in percent that the line has without the card */
    getFidelityManual() {
        const effect = this.getFidelityEffect();
        const known = this.uiState?.fidelity;
        if (effect?.kind !== "percent" || (known && known.written !== this.discount)) {
            return this.getDiscount();
        }
        return known ? known.manual : effect.manual_bps / 100;
    },

    /**
     * Write what the card gives this line.
     *
     * @param {number} discount percent, the person's and the card's together
     * @param {string|false} text of the effect
     * @param {number} manual percent, the person's alone
     */
    setFidelityPercent(discount, text, manual) {
        this.uiState.fidelity = text ? { manual, written: discount } : null;
        this.update({ discount, fidelity_effect: text });
    },

    /** What a person types is by hand, also when it is what the line shows already. */
    setDiscount() {
        if (this.isFidelityAmount()) {
            return;
        }
        const known = this.getFidelityEffect()?.kind === "percent";
        if (known) {
            this.uiState.fidelity = { written: null };
        }
        super.setDiscount(...arguments);
        if (known && this.uiState.fidelity?.written === null) {
            this.model.triggerEvents("update", { id: this.id, fields: ["discount"] });
        }
    },

    setUnitPrice() {
        if (!this.isFidelityAmount()) {
            super.setUnitPrice(...arguments);
        }
    },

    setQuantity(quantity) {
        if (this.fidelity_prize && !this.refunded_orderline_id && ![0, 1, ""].includes(quantity)) {
            return prizeLineWarning();
        }
        return this.isFidelityAmount() ? amountLineWarning() : super.setQuantity(...arguments);
    },

    canBeMergedWith(orderline) {
        if ([this, orderline].some((line) => line.isFidelityAmount() || line.fidelity_prize)) {
            return false;
        }
        // Odoo compares with the shop's price: a line at a member's price is compared as it would be without the card.
        const member = readMemberPrice(this);
        const line = member ? Object.create(this, { price_unit: { value: member.shop } }) : this;
        return super.canBeMergedWith.call(line, ...arguments);
    },

    /** The name of an amount off says whose it is; Odoo's is that of the product. */
    setFullProductName() {
        if (!this.isFidelityAmount() || !this.full_product_name) {
            super.setFullProductName(...arguments);
        }
    },

    get orderDisplayProductName() {
        return this.isFidelityAmount()
            ? { name: this.full_product_name, attributeString: "" }
            : super.orderDisplayProductName;
    },

    /** The server turns the lines of an order with a negative total over, the till does not: so its tax data turn here. */
    prepareBaseLineForTaxesComputationExtraValues() {
        const values = super.prepareBaseLineForTaxesComputationExtraValues(...arguments);
        const data = this.fidelity_effect && this.extra_tax_data;
        if (data?.quantity && values.quantity === -data.quantity && this.isFidelityAmount()) {
            values.extra_tax_data = turned(data);
        }
        return values;
    },
});
