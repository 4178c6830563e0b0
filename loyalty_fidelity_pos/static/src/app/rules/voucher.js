/** What codes take off a receipt; the mirror of `loyalty_fidelity/rules/voucher.py`. */

import { add, mulDivHalfUp, whole } from "./arithmetic.js";
import { items, text } from "./checks.js";
import { RuleError } from "./errors.js";
import { MAX_BPS } from "./situation.js";
import { leftOf, shareOff } from "./spending.js";

/** What the benefit of a code begins with: reserved, no ruleset has such a key. */
export const PREFIX = "code:";

/**
 * What a code takes off a receipt.
 *
 * `key` is unique among those of a basket. `amount_minor` (tax included) or `percent_bps` is above zero, and the other zero; both
 * zero take nothing. `minimum_minor` is compared with the receipt. `lines` are the keys of the lines that it is for, those of the
 * basket alone counting; null: all.
 */
export class Voucher {
    /** @throws {RuleError} `type`, `range`; `choice` for both */
    constructor({ key, amount_minor = 0, percent_bps = 0, minimum_minor = 0, lines = null }) {
        if (typeof key !== "string") {
            throw new RuleError("type", { field: "key" });
        }
        this.key = key;
        this.amount_minor = whole(amount_minor, "amount_minor", 0);
        this.percent_bps = whole(percent_bps, "percent_bps", 0, MAX_BPS);
        this.minimum_minor = whole(minimum_minor, "minimum_minor", 0);
        if (amount_minor && percent_bps) {
            throw new RuleError("choice", { field: "percent_bps" });
        }
        this.lines = lines === null ? null : items(lines, "lines").map((key) => text(key, "lines"));
        Object.freeze(this);
    }
}

/**
 * Give what codes take off, in their order, each shared over the sale lines by what is left of each.
 *
 * @param {PriceLine[]} lines with amounts after the card's percentages
 * @param {Object<string, number>} taken by line key, what the card's amounts off take of sale lines together, zero or more
 * @param {Voucher[]} vouchers
 * @param {number} receipt_minor `receiptTotal` of the lines before the card's benefits, compared with each minimum
 * @returns {{benefit: string, amount_minor: number, allocation: Object<string, number>}[]} only what takes something off
 * @throws {RuleError} `duplicate` for two lines or two codes with one key, `choice` for something taken of another line, `type`,
 *     `range`, `overflow`
 */
export function redeem(lines, taken, vouchers, receipt_minor) {
    whole(receipt_minor, "receipt_minor");
    if (new Set(vouchers.map((voucher) => voucher.key)).size !== vouchers.length) {
        throw new RuleError("duplicate", { field: "vouchers" });
    }
    const left = leftOf(lines, taken);
    const effects = [];
    for (const { key: benefit, amount_minor: amount, percent_bps, minimum_minor, lines: chosen } of vouchers) {
        if (receipt_minor < minimum_minor) {
            continue;
        }
        const own = chosen === null ? left : new Map([...left].filter(([key]) => chosen.includes(key)));
        const room = Math.max(0, add([...own.values()]));
        const worth = amount || mulDivHalfUp(room, percent_bps, MAX_BPS);
        const amount_minor = Math.min(room, worth, Math.max(0, add([...left.values()])));
        if (amount_minor) {
            const allocation = shareOff(own, amount_minor);
            effects.push({ benefit, amount_minor, allocation });
            Object.entries(allocation).forEach(([key, share]) => left.set(key, left.get(key) - share));
        }
    }
    return effects;
}
