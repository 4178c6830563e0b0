import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { add } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { isCode, normalise } from "@loyalty_fidelity_pos/app/rules/code_number";
import { benefitOf } from "@loyalty_fidelity_pos/app/models/fidelity_code";

const MOST_CODES = 5;

/**
 * Codes that customers bring: each is set aside on the server while it is on an order, and used when that is paid. Prices follow
 * by `FidelityEffects`.
 */
export class FidelityCodes {
    /** @param {FidelityTill} till */
    constructor(till) {
        this.till = till;
        /** What is set aside: order uuid → codes. Forgotten by a reload, it comes free by itself. */
        this.held = new Map();
    }

    /** @returns {boolean} the text is a code, complete and without a slip */
    takes(raw) {
        return this.till.enabled && isCode(raw);
    }

    /**
     * A code was scanned or typed: put it on the open order, or say why not.
     *
     * @param {string} raw as it arrived
     */
    async read(raw) {
        const order = this.till.openOrder();
        if (!order) {
            return;
        }
        const message = await this.add(order, normalise(raw));
        if (message) {
            this.till.refuse(order, message);
        }
    }

    /**
     * @param {PosOrder} order
     * @param {string} code normalised
     * @returns {Promise<string>} why not, or empty
     */
    async add(order, code) {
        const problem = this._problem(order, code);
        if (problem) {
            return problem;
        }
        const card = order.getFidelityClaim()?.card;
        const answer = await this._call("fidelity_code", code, order.uuid, card || null);
        if (answer.status !== "ok") {
            return answer.message;
        }
        const late = order.finalized || (answer.personal && order.getFidelityClaim()?.card !== card);
        if (late || this._problem(order, code)) {
            this._let(order, code);
            return "";
        }
        this.held.set(order.uuid, (this.held.get(order.uuid) || new Set()).add(code));
        const { id, name, text, amount_minor, percent_bps, minimum_minor, selector } = answer;
        const found = { id, code, name, text, amount_minor, percent_bps, minimum_minor, selector };
        order.setFidelityCodes([...order.getFidelityCodes(), { ...found, ...(answer.personal ? { card } : {}) }]);
        return "";
    }

    _problem(order, code) {
        const codes = order.getFidelityCodes();
        if (codes.some((each) => each.code === code)) {
            return _t("This code is on this sale already.");
        }
        if (order.getHasRefundLines()) {
            return _t("Codes are for purchases. Begin a new sale for it.");
        }
        return codes.length >= MOST_CODES ? _t("A sale takes at most %s codes.", MOST_CODES) : "";
    }

    /** Take a code off an order; it can be used elsewhere at once. */
    remove(order, code) {
        order.setFidelityCodes(order.getFidelityCodes().filter((each) => each.code !== code));
    }

    /** What a code takes off an order as it stands, in minor units. */
    taken(order, code) {
        const effects = order.lines.map((line) => line.isFidelityAmount() && line.getFidelityEffect());
        const own = effects.filter((effect) => effect?.benefit === benefitOf(code));
        return add(own.map((effect) => effect.amount_minor));
    }

    /** Codes of a member go with his card, and what is not on the order any more is free again. */
    reconcile(order) {
        const card = order.getFidelityClaim()?.card;
        const codes = order.getFidelityCodes();
        const kept = codes.filter((each) => !each.card || each.card === card);
        if (kept.length < codes.length) {
            order.setFidelityCodes(kept);
        }
        const there = new Set(kept.map((each) => each.code));
        for (const code of this.held.get(order.uuid) || []) {
            if (!there.has(code)) {
                this.held.get(order.uuid).delete(code);
                this._let(order, code);
            }
        }
    }

    async _let(order, code) {
        await this._call("fidelity_code_release", code, order.uuid);
    }

    async _call(method, ...args) {
        const { pos } = this.till;
        try {
            return await pos.data.call("pos.config", method, [[pos.config.id], ...args]);
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            return { status: "refused", message: _t("Codes can be used when the connection is back.") };
        }
    }
}
