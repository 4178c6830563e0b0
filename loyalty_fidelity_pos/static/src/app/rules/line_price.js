/** The price of one line: percentages that come one after the other; the mirror of `loyalty_fidelity/rules/line_price.py`. */

import { add, whole } from "./arithmetic.js";
import { KINDS, keysOf } from "./basket.js";
import { RuleError } from "./errors.js";
import { MAX_BPS } from "./situation.js";

const WHOLE = BigInt(MAX_BPS);

export class PriceLine {
    /**
     * @param {Object} fields
     * @param {string} fields.key unique among the lines
     * @param {string} fields.kind one of a basket's `KINDS`
     * @param {number} fields.total_minor signed, tax included: before the card's benefits for `discounts`, after its
     *     percentages for `amounts`
     * @param {number} [fields.manual_bps] the line's discount without the card, zero to `MAX_BPS`
     * @param {number} [fields.pricelist_bps] what a price list took before, already in the unit price
     * @param {number|null} [fields.cost_minor] what the line cost the shop, tax included as in its total; null: not known
     * @param {string[]} [fields.selectors] keys of the ruleset's selectors that chose its product
     * @throws {RuleError} `type`, `range`; `choice` for another kind
     */
    constructor({
        key,
        kind,
        total_minor,
        manual_bps = 0,
        pricelist_bps = 0,
        cost_minor = null,
        selectors = [],
    }) {
        if (typeof key !== "string") {
            throw new RuleError("type", { field: "key" });
        }
        if (!KINDS.includes(kind)) {
            throw new RuleError("choice", { field: "kind" });
        }
        this.key = key;
        this.kind = kind;
        this.total_minor = whole(total_minor, "total_minor");
        this.manual_bps = whole(manual_bps, "manual_bps", 0, MAX_BPS);
        this.pricelist_bps = whole(pricelist_bps, "pricelist_bps", 0, MAX_BPS);
        this.cost_minor = cost_minor === null ? null : whole(cost_minor, "cost_minor");
        this.selectors = keysOf(selectors);
        Object.freeze(this);
    }
}

/**
 * Give the lines that are sales.
 *
 * @param {PriceLine[]} lines
 * @returns {PriceLine[]}
 * @throws {RuleError} `duplicate` for two lines with one key
 */
export function saleLines(lines) {
    if (new Set(lines.map((line) => line.key)).size !== lines.length) {
        throw new RuleError("duplicate", { field: "lines" });
    }
    return lines.filter((line) => line.kind === "sale");
}

/**
 * Add up the sale lines, negative ones too: what minimum receipts are compared with.
 *
 * @param {PriceLine[]} lines
 * @returns {number} minor units, signed
 * @throws {RuleError} `duplicate` for two lines with one key, `overflow`
 */
export function receiptTotal(lines) {
    return add(saleLines(lines).map((line) => line.total_minor));
}

/** Round what is gone of a price to hundredths of a percent: a half up, the customer's way, or down. */
function off(left, whole_price, down) {
    const gone = WHOLE * (whole_price - left);
    return Number(down ? gone / whole_price : (2n * gone + whole_price) / (2n * whole_price));
}

/** What a benefit takes of a line at most (zero: no limit), and the cost that it keeps; null where nothing limits it. */
function limitsOf(benefit, line) {
    if (benefit.kind === "discount") {
        return benefit.cap_line_minor ? { cap: BigInt(benefit.cap_line_minor), cost: null } : null;
    }
    return benefit.keep_cost && line.cost_minor !== null ? { cap: 0n, cost: BigInt(line.cost_minor) } : null;
}

/**
 * The largest percentage up to the one asked that keeps the limits.
 *
 * @param {number} asked
 * @param {PriceLine} line
 * @param {{cap: bigint, cost: bigint|null}} limits
 * @param {bigint[]} there what is there of the line before it, as a fraction of its amount
 * @param {bigint[]} of what the percentage is taken of, likewise
 */
function lowered(asked, line, { cap, cost }, [left, price], [over, under]) {
    if (!over) {
        return asked;
    }
    const total = BigInt(line.total_minor);
    let least = cap ? total * left - cap * price : 0n;
    if (cost !== null && cost * price > least) {
        least = cost * price;
    }
    if (least <= 0n) {
        return asked;
    }
    const divisor = price * total * over;
    const kept = (WHOLE * least * under + divisor - 1n) / divisor;
    const most = WHOLE - kept;
    return most <= 0n ? 0 : Math.min(asked, Number(most));
}

/**
 * Give the discount of a line of a positive amount.
 *
 * @param {PriceLine} line
 * @param {Array} percentages of [benefit, its percentage], in order; a limit of a line or its cost lowers one to the largest
 *     that keeps it, and makes the rounding go down
 * @returns {{discount_bps: number, card_bps: number, benefits: Object<string, number>}}
 */
export function lineDiscount(line, percentages) {
    const manual = WHOLE - BigInt(line.manual_bps);
    const before = manual * (WHOLE - BigInt(line.pricelist_bps));
    // The card leaves left ÷ price of what was there before it: exact, whatever comes together.
    let [left, price, benefits, down] = [1n, 1n, [], false];
    for (const [benefit, asked] of percentages) {
        if (benefit.selector !== null && !line.selectors.includes(benefit.selector)) {
            continue;
        }
        const policy = benefit.on_discounted;
        const limits = limitsOf(benefit, line);
        if (policy === "best") {
            // It replaces all that is there: its percentage is of the price before anybody took something.
            const bps = limits ? lowered(asked, line, limits, [1n, 1n], [WHOLE * WHOLE, before]) : asked;
            const kept = WHOLE - BigInt(bps);
            if (kept * WHOLE * price < before * left) {
                [left, price, benefits] = [kept * WHOLE, before, [[benefit.key, bps]]];
                down = Boolean(limits);
            }
        } else if (policy === "stack" || before === WHOLE * WHOLE) {
            const bps = limits ? lowered(asked, line, limits, [left, price], [left, price]) : asked;
            if (bps) {
                [left, price] = [left * (WHOLE - BigInt(bps)), price * WHOLE];
                benefits.push([benefit.key, bps]);
                down = down || Boolean(limits);
            }
        }
    }
    return {
        discount_bps: off(manual * left, WHOLE * price, down),
        card_bps: off(left, price, down),
        benefits: Object.fromEntries(benefits),
    };
}
