import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { OrderReceipt } from "@point_of_sale/app/screens/receipt_screen/receipt/order_receipt";
import { mask } from "@loyalty_fidelity_pos/app/rules/card_number";
import { formatPoints, formatSignedPoints } from "@loyalty_fidelity_pos/app/services/fidelity_words";

patch(OrderReceipt.prototype, {
    /** What the receipt says of the card: what the server posted, or that it will. Null without a card. */
    get fidelity() {
        const claim = this.order.getFidelityClaim();
        const result = this.order.getFidelityResult();
        if (!this.order.finalized || !(claim || result)) {
            return null;
        }
        const member = this.order.getFidelityMember();
        const block = {
            cardType: result?.card_type || member?.card_type?.name || _t("Member card"),
            card: result?.card_masked || mask(claim.card),
        };
        if (result?.state !== "posted") {
            return { ...block, sentence: _t("Your points will be added shortly.") };
        }
        if (!result.receipt_id && !result.points) {
            return { ...block, sentence: result.message };
        }
        return {
            ...block,
            label: result.points < 0 ? _t("Points taken back") : _t("Points earned"),
            points: formatSignedPoints(result.points),
            balance: formatPoints(result.balance || 0),
            unit: result.unit,
            sentence: result.points ? "" : result.message,
        };
    },
});
