import { patch } from "@web/core/utils/patch";
import { PosOrder } from "@point_of_sale/app/models/pos_order";
import { readCodes, writeCodes } from "@loyalty_fidelity_pos/app/models/fidelity_code";
import { readClaim, readResult, writeClaim } from "@loyalty_fidelity_pos/app/models/fidelity_claim";

/**
 * An order with a card carries two things: its claim (`fidelity_claim`, a stored field that Odoo synchronises) and in
 * `uiState.fidelity` what the strip shows: the member as the server last told, or `{removed: name, discounted: true}`
 * after the card, and what it took off the price, left with the customer.
 */
patch(PosOrder.prototype, {
    /** @returns {Object|null} what the till claims about the card of this order */
    getFidelityClaim() {
        return readClaim(this.fidelity_claim);
    },

    /** @returns {Object|null} what the server reported after the payment */
    getFidelityResult() {
        return readResult(this.fidelity_result);
    },

    /** @returns {Object|null} the member of the card on this order; null while he is not known */
    getFidelityMember() {
        const facts = this.uiState?.fidelity;
        return facts?.card && facts.card === this.getFidelityClaim()?.card ? facts : null;
    },

    /**
     * @param {Object|null} claim null takes the card off the order
     * @param {Object|null} [facts] what the strip shows of the member
     */
    setFidelity(claim, facts = null) {
        this.assertEditable();
        this.uiState.fidelity = facts;
        this.fidelity_claim = claim ? writeClaim(claim) : false;
    },

    /** @returns {Object[]} the codes on this order, see `readCodes` */
    getFidelityCodes() {
        return readCodes(this.fidelity_codes);
    },

    setFidelityCodes(codes) {
        this.assertEditable();
        this.fidelity_codes = writeCodes(codes);
    },

    /**
     * Do several changes and compute the prices once, at the end.
     *
     * @param {() => void} work
     */
    fidelityBatch(work) {
        this._fidelityHold = { recompute: false };
        try {
            work();
        } finally {
            const { recompute } = this._fidelityHold;
            this._fidelityHold = null;
            if (recompute) {
                this.triggerRecomputeAllPrices();
            }
        }
    },

    triggerRecomputeAllPrices() {
        if (this._fidelityHold) {
            this._fidelityHold.recompute = true;
            return;
        }
        super.triggerRecomputeAllPrices(...arguments);
    },

    /** Amount lines come and go with the card: the line to work on is the last of the others. */
    getLastOrderline() {
        const last = super.getLastOrderline(...arguments);
        return last?.isFidelityAmount() ? this.lines.findLast((line) => !line.isFidelityAmount()) : last;
    },

    selectOrderline(line) {
        if (!line?.isFidelityAmount()) {
            super.selectOrderline(...arguments);
        }
    },

    /** An amount line goes with the card, not by hand. */
    removeOrderline(line) {
        return line.isFidelityAmount() ? false : super.removeOrderline(...arguments);
    },

    /** The price lists of members are loaded and nobody's own: who has one on file does not get it without a card. */
    updatePricelistAndFiscalPosition() {
        super.updatePricelistAndFiscalPosition(...arguments);
        const ofMembers = this.config._fidelity_pricelist_ids || [];
        const preset = this.config.use_presets && this.preset_id?.pricelist_id;
        if (!preset && ofMembers.includes(this.pricelist_id?.id)) {
            this.setPricelist(this.config.pricelist_id);
        }
    },

    setPartner(partner) {
        super.setPartner(...arguments);
        const member = this.getFidelityMember();
        if (member && member.partner_id !== partner?.id && !this.getHasRefundLines()) {
            const discounted = this.lines.some((line) => line.fidelity_effect);
            this.setFidelity(null, { removed: member.member, ...(discounted ? { discounted } : {}) });
        }
    },
});
