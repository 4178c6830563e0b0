import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { uuidv4 } from "@point_of_sale/utils";
import { add } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { CASHBACK } from "@loyalty_fidelity_pos/app/rules/spending";
import { minor } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";

/**
 * Paying with cashback: what the customer wants to spend is on the claim of the order (`spend_minor`), and set aside on
 * the server under `hold`, so that no other till spends it. Prices follow by `FidelityEffects`.
 */
export class FidelitySpending {
    /** @param {FidelityTill} till */
    constructor(till) {
        this.till = till;
    }

    /** @returns {number} what this order is paid with from the account, in minor units */
    spent(order) {
        const effects = order.lines.map((line) => line.isFidelityAmount() && line.getFidelityEffect());
        return add(
            effects.filter((effect) => effect?.benefit === CASHBACK).map((effect) => effect.amount_minor)
        );
    }

    /** The card type of the member on an order, where this till knows both. */
    _cardTypeOf(order) {
        const id = order?.getFidelityMember()?.card_type?.id;
        return id ? order.models["fidelity.card.type"].get(id) : undefined;
    }

    /** @returns {number} the least that is spent on this order at a time, in minor units; Infinity where nothing may be */
    least(order) {
        const cardType = this._cardTypeOf(order);
        if (cardType && !cardType.cashback_spending) {
            return Infinity;
        }
        return minor(cardType?.cashback_spend_minimum || 0, order.currency.decimal_places);
    }

    /** @returns {number} the least that is paid out at a time, in minor units */
    leastPaidOut(order) {
        return minor(this._cardTypeOf(order)?.cashback_payout_minimum || 0, order.currency.decimal_places);
    }

    /** @returns {number} the most that can be spent on this order, in minor units; zero where nothing can */
    limit(order) {
        const claim = order.getFidelityClaim();
        const member = order.getFidelityMember();
        const balance = member?.cashback_minor || 0;
        const rules = balance > 0 && this.till.rulesets.tryInForce(claim.card, member)?.rules;
        if (!rules || rules.currency !== order.currency.name || order.getHasRefundLines()) {
            return 0;
        }
        const total = minor(order.priceIncl, order.currency.decimal_places) + this.spent(order);
        const most = Math.max(0, Math.min(balance, total));
        return most < this.least(order) ? 0 : most;
    }

    /** @returns {number} what the customer wants to spend, at most what he has */
    wish(order) {
        const wish = order.getFidelityClaim()?.spend_minor;
        const member = order.getFidelityMember();
        const most = member ? member.cashback_minor || 0 : Number.MAX_SAFE_INTEGER;
        return Number.isSafeInteger(wish) && wish > 0 ? Math.max(0, Math.min(wish, most)) : 0;
    }

    /**
     * Set cashback aside and take it off this order.
     *
     * @param {PosOrder} order with the member of its card
     * @param {number} amount_minor zero: nothing any more
     * @returns {Promise<string>} why not, or empty
     */
    async use(order, amount_minor) {
        const claim = order.getFidelityClaim();
        await this.release(order);
        if (amount_minor <= 0) {
            this._write(order, { ...claim, spend_minor: undefined, hold: undefined });
            return "";
        }
        const hold = uuidv4();
        let answer;
        try {
            answer = await this.till.pos.data.call("pos.config", "fidelity_hold_cashback", [
                [this.till.pos.config.id],
                claim.card,
                amount_minor,
                hold,
            ]);
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            answer = { message: _t("Cashback can be used when the connection is back.") };
        }
        const current = order.getFidelityClaim();
        if (answer.status !== "ok" || current?.card !== claim.card || order.finalized) {
            this._write(order, { ...current, spend_minor: undefined, hold: undefined });
            return answer.message || "";
        }
        this._write(order, { ...current, spend_minor: amount_minor, hold });
        return "";
    }

    /** @returns {number} the most that can be paid out to the member of this order, in minor units; zero where nothing can */
    payable(order) {
        const most = Math.max(0, order?.getFidelityMember()?.cashback_minor || 0);
        const allowed = this._cardTypeOf(order)?.cashback_payout && !order.finalized;
        return allowed && most >= this.leastPaidOut(order) ? most : 0;
    }

    /**
     * Pay cashback out of the till's cash. Asked again after a lost answer it is paid once: the key stays with the order.
     *
     * @returns {Promise<{status: string, message: ?string}>} as the server answers
     */
    async payOut(order, amount_minor) {
        const claim = order.getFidelityClaim();
        const place = `${claim.card} ${amount_minor}`;
        const pending = order.uiState.fidelityPayOut?.place === place ? order.uiState.fidelityPayOut : null;
        const { key } = (order.uiState.fidelityPayOut = pending || { place, key: uuidv4() });
        let answer;
        try {
            const { pos } = this.till;
            answer = await pos.data.call("pos.config", "fidelity_pay_out", [[pos.config.id], claim.card, amount_minor, key]);
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            return { status: "refused", message: _t("Cashback can be paid out when the connection is back. Try again then.") };
        }
        order.uiState.fidelityPayOut = null;
        const member = order.getFidelityMember();
        if (answer.status === "ok" && member?.card === claim.card) {
            order.uiState.fidelity = { ...member, cashback_minor: answer.balance_minor };
            this.till.effects.refresh(order);
        }
        return answer;
    }

    /** Let go what was set aside for an order; without a connection it comes free by itself. */
    async release(order) {
        const hold = order.getFidelityClaim()?.hold;
        if (!hold || order.finalized) {
            return;
        }
        try {
            await this.till.pos.data.call("pos.config", "fidelity_release", [[this.till.pos.config.id], hold]);
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
    }

    _write(order, claim) {
        if (claim?.card && !order.finalized) {
            order.setFidelity(claim, order.uiState.fidelity);
        }
    }
}
