import { patch } from "@web/core/utils/patch";
import { PosConfig } from "@point_of_sale/../tests/unit/data/pos_config.data";
import { DISCOUNT_PRODUCT } from "./product.data";

export const ANNA = "0490000000016";
export const CARLO = "0490000000023";
export const STRANGER = "0490000000030";
export const BLOCKED = "0490000000047";
export const UNKNOWN = "0490000000054";

/** What the mock server knows: `partner` is sent for customers that the till has not loaded. */
const MEMBERS = {
    [ANNA]: { card: 7, member: 3, name: "Anna B.", partner: 3, balance: 116 },
    [CARLO]: { card: 8, member: 4, name: "Carlo V.", partner: 4, balance: 2500 },
    [STRANGER]: { card: 9, member: 5, name: "Zoe F.", partner: 9001, balance: 0 },
};

/** @returns {Object} the answer of `fidelity_identify` for a card of the mock server */
export function answerFor(number) {
    const found = MEMBERS[number];
    if (!found) {
        const blocked = number === BLOCKED;
        return {
            status: blocked ? "blocked" : "unknown",
            message: blocked ? "Card blocked on 12 May: ask the manager." : "This card is not known.",
        };
    }
    return {
        status: "ok",
        message: "",
        card: { id: found.card, number, masked: `•••• ${number.slice(-4)}`, medium: "barcode", state: "active" },
        member: { id: found.member, name: found.name },
        tier: null,
        partner_id: found.partner,
        ...(found.partner > 9000 ? { partner: { id: found.partner, name: "Zoe Farr" } } : {}),
        card_type: { id: 1, name: "Gift Points", color: 4 },
        ruleset: { id: 2, hash: "second" },
        unit: "points",
        balance: found.balance,
    };
}

patch(PosConfig.prototype, {
    _load_pos_data_read() {
        const data = super._load_pos_data_read(...arguments);
        // 0470 belongs to a card type of another company: recognised here, refused by the server.
        data[0].fidelity_number_prefixes = JSON.stringify(["0470", "0490"]);
        data[0]._fidelity_discount_product_id = DISCOUNT_PRODUCT;
        return data;
    },

    fidelity_identify(ids, number) {
        return answerFor(number);
    },
});
