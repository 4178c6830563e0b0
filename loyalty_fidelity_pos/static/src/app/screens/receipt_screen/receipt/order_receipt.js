import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { OrderReceipt } from "@point_of_sale/app/screens/receipt_screen/receipt/order_receipt";
import { mask } from "@loyalty_fidelity_pos/app/rules/card_number";
import { savedMinor } from "@loyalty_fidelity_pos/app/models/fidelity_price_lines";
import {
    formatMoney,
    formatPercent,
    formatPoints,
    formatProgress,
    formatSignedMoney,
    formatSignedPoints,
} from "@loyalty_fidelity_pos/app/services/fidelity_words";

patch(OrderReceipt.prototype, {
    /** What the receipt says of the card: what the server posted, or that it will. Null without a card. */
    get fidelity() {
        const claim = this.order.getFidelityClaim();
        const result = this.order.getFidelityResult();
        if (!this.order.finalized || !(claim || result)) {
            return null;
        }
        const member = this.order.getFidelityMember();
        const posted = result?.state === "posted";
        const saved = posted ? result.discount_minor : savedMinor(this.order);
        const block = {
            cardType: result?.card_type || member?.card_type?.name || _t("Member card"),
            // A return names the member of the sale, and no card unless one was read.
            card: result?.card_masked || (claim ? mask(claim.card) : ""),
            saved: saved > 0 ? this.fidelityMoney(saved) : "",
        };
        if (!posted) {
            return { ...block, sentence: _t("What you earned will be added shortly.") };
        }
        if (!result.receipt_id && !result.points) {
            return { ...block, sentence: result.message };
        }
        // What came back may take a tier back: only the server could tell.
        const sold = result.points >= 0 && member && result.base_minor > 0;
        block.progress = sold ? formatProgress(member.progress, result, this.order.currency) : "";
        const sentence = result.points || result.cashback_minor || block.saved ? "" : result.message;
        return { ...block, ...this.fidelityPoints(result), ...this.fidelityExtras(result), sentence };
    },

    /** The rows on points; none for a card that gives none. */
    fidelityPoints(result) {
        const { points, balance, unit } = result;
        const kinds = this.fidelityKinds();
        if (!points && !balance && kinds && !kinds.includes("points")) {
            return {};
        }
        return {
            label: points < 0 ? _t("Points taken back") : _t("Points earned"),
            points: formatSignedPoints(points),
            balance: formatPoints(balance || 0),
            unit,
        };
    },

    /** The rows on cashback and on the discount that this purchase leaves. */
    fidelityExtras({ cashback_minor, cashback_balance_minor, currency, rolling }) {
        const money = (cashback_minor || cashback_balance_minor) && currency === this.order.currency.name;
        return {
            cashbackLabel: cashback_minor < 0 ? _t("Cashback taken back") : _t("Cashback earned"),
            cashback: money ? formatSignedMoney(cashback_minor || 0, this.order.currency) : "",
            cashbackBalance: money ? this.fidelityMoney(cashback_balance_minor || 0) : "",
            next: rolling ? (rolling.minor ? this.fidelityMoney(rolling.minor) : formatPercent(rolling.bps)) : "",
            until: rolling ? formatDate(deserializeDate(rolling.until)) : "",
        };
    },

    fidelityMoney(amount_minor) {
        return formatMoney(amount_minor, this.order.currency);
    },

    /** The kinds of benefits of the rules that this order names; null where this till has not loaded them. */
    fidelityKinds() {
        const id = this.order.getFidelityClaim()?.ruleset_id;
        const payload = id && this.order.models["fidelity.ruleset"]?.get(id)?.payload;
        return payload ? JSON.parse(payload).benefits.map((benefit) => benefit.kind) : null;
    },
});
