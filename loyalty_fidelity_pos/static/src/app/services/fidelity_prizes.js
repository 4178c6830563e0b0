import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { uuidv4 } from "@point_of_sale/utils";
import { prizeLines, readPrize, writePrize } from "@loyalty_fidelity_pos/app/models/fidelity_prize";

/**
 * Prizes on an order: each is a line of its product, paid with points that are set aside on the server while it is there.
 */
export class FidelityPrizes {
    /** @param {FidelityTill} till */
    constructor(till) {
        this.till = till;
        /** What is set aside: order uuid → keys. Forgotten by a reload, it comes free by itself. */
        this.holds = new Map();
    }

    /** @returns {boolean} the member of this order may choose a prize here */
    offers(order) {
        const member = order?.getFidelityMember();
        return Boolean(member?.balance > 0 && !order.finalized && !order.getHasRefundLines());
    }

    /**
     * What the member may choose from.
     *
     * @returns {Promise<{status: string, message: ?string, available: ?number, prizes: ?Object[]}>} goods that this till has not loaded
     *     are given in the back office
     */
    async list(order) {
        const answer = await this._call("fidelity_prizes", order.getFidelityClaim().card);
        const products = this.till.pos.models["product.product"];
        return answer.prizes
            ? { ...answer, prizes: answer.prizes.map((prize) => ({ ...prize, how: this._how(prize, products) })) }
            : answer;
    }

    /**
     * Set the points of a prize aside and put it on the order.
     *
     * @param {PosOrder} order
     * @param {Object} prize as the server lists it
     * @returns {Promise<string>} why not, or empty
     */
    async take(order, prize) {
        const { card } = order.getFidelityClaim();
        const hold = uuidv4();
        const answer = await this._call("fidelity_hold", card, prize.points, hold);
        if (answer.status !== "ok") {
            return answer.message;
        }
        if (order.finalized || order.getFidelityClaim()?.card !== card) {
            this._let(hold);
            return "";
        }
        const product = this.till.pos.models["product.product"].get(prize.product_id);
        this.holds.set(order.uuid, (this.holds.get(order.uuid) || new Set()).add(hold));
        const line = order.models["pos.order.line"].create({
            order_id: order,
            product_id: product,
            qty: 1,
            price_unit: prize.money,
            price_type: "manual",
            price_extra: 0,
            discount: 0,
            tax_ids: product.taxes_id.map((tax) => ["link", tax]),
            full_product_name: product.display_name,
            fidelity_prize: writePrize({ prize_id: prize.id, points: prize.points, hold, card }),
        });
        if (prize.money && line.priceIncl && line.priceIncl !== prize.money) {
            // Taxes come on top of this product's price: the customer pays what the catalogue says.
            line.update({ price_unit: (prize.money * prize.money) / line.priceIncl });
        }
        return "";
    }

    _how({ how, product_id }, products) {
        return how === "line" && !products.get(product_id) ? "office" : how;
    }

    /**
     * Give a prize that is no line of the sale, at once. Asked again after a lost answer it is given once: the key stays with the order.
     *
     * @param {PosOrder} order
     * @param {Object} prize as the server lists it
     * @returns {Promise<Object>} the server's answer, with the `key` to take it back
     */
    async give(order, prize) {
        const { card } = order.getFidelityClaim();
        const place = `${card} ${prize.id}`;
        const pending = order.uiState.fidelityPrize?.place === place ? order.uiState.fidelityPrize : null;
        const { key } = (order.uiState.fidelityPrize = pending || { place, key: uuidv4() });
        const answer = await this._call("fidelity_give_prize", card, prize.id, key);
        if (!answer.offline) {
            order.uiState.fidelityPrize = null;
        }
        this._tellBalance(order, card, answer);
        return { ...answer, key };
    }

    /** Take back what was given at once. */
    async takeBack(order, card, key) {
        const answer = await this._call("fidelity_take_back_prize", key);
        this._tellBalance(order, card, answer);
        return answer;
    }

    _tellBalance(order, card, { status, balance }) {
        const member = order.getFidelityMember();
        if (status === "ok" && member?.card === card && !order.finalized) {
            order.uiState.fidelity = { ...member, balance };
        }
    }

    /** Prizes go with their card, and their points are free again when they go, whichever way. */
    reconcile(order) {
        const card = order.getFidelityClaim()?.card;
        for (const line of prizeLines(order).filter((line) => readPrize(line.fidelity_prize)?.card !== card)) {
            line.delete();
        }
        const there = new Set(prizeLines(order).map((line) => readPrize(line.fidelity_prize).hold));
        for (const hold of this.holds.get(order.uuid) || []) {
            if (!there.has(hold)) {
                this.holds.get(order.uuid).delete(hold);
                this._let(hold);
            }
        }
    }

    async _let(hold) {
        await this._call("fidelity_release", hold);
    }

    async _call(method, ...args) {
        const { pos } = this.till;
        try {
            return await pos.data.call("pos.config", method, [[pos.config.id], ...args]);
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            return { status: "refused", offline: true, message: _t("Prizes can be given when the connection is back.") };
        }
    }
}
