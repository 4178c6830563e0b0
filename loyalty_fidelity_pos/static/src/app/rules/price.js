/** What a card takes off the price; the mirror of `loyalty_fidelity/rules/price.py`. */

import { add, largestRemainder, whole } from "./arithmetic.js";
import { KINDS } from "./basket.js";
import { MAX_BPS } from "./benefit.js";
import { RuleError } from "./errors.js";
import { ofKind } from "./ruleset.js";

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
     * @throws {RuleError} `type`, `range`; `choice` for another kind
     */
    constructor({ key, kind, total_minor, manual_bps = 0, pricelist_bps = 0 }) {
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
        Object.freeze(this);
    }
}

function saleLines(lines) {
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

function percentages(ruleset, receipt_minor, rolling_bps) {
    return ofKind(ruleset, "discount", "rolling")
        .map((benefit) => ({ benefit, bps: benefit.kind === "rolling" ? rolling_bps : benefit.percent_bps }))
        .filter(({ benefit, bps }) => bps && receipt_minor >= benefit.minimum_receipt_minor);
}

/** Round what is gone of a price to hundredths of a percent, a half up: the customer's way. */
function off(left, whole_price) {
    return Number((2n * WHOLE * (whole_price - left) + whole_price) / (2n * whole_price));
}

function lineDiscount(line, applicable) {
    const manual = WHOLE - BigInt(line.manual_bps);
    const before = manual * (WHOLE - BigInt(line.pricelist_bps));
    // The card leaves left ÷ price of what was there before it: exact, whatever comes together.
    let [left, price, benefits] = [1n, 1n, []];
    for (const { benefit, bps } of applicable) {
        const policy = benefit.on_discounted;
        const kept = WHOLE - BigInt(bps);
        if (policy === "stack" || (policy === "skip" && before === WHOLE * WHOLE)) {
            [left, price] = [left * kept, price * WHOLE];
            benefits.push([benefit.key, bps]);
        } else if (policy === "best" && kept * WHOLE * price < before * left) {
            [left, price, benefits] = [kept * WHOLE, before, [[benefit.key, bps]]];
        }
    }
    return {
        discount_bps: off(manual * left, WHOLE * price),
        card_bps: off(left, price),
        benefits: Object.fromEntries(benefits),
    };
}

/**
 * Give the discount of every sale line that has a positive amount; other lines are not to be touched.
 *
 * The percentages come one after the other, in the order of the ruleset. On what a person, a price list or an earlier
 * benefit has already taken, `stack` takes its part of the rest; `best` replaces all of it if its own percentage is
 * larger, else it adds nothing; `skip` adds nothing where a person or a price list was first.
 *
 * @param {Object} ruleset from `parse`
 * @param {PriceLine[]} lines with amounts before the card's benefits
 * @param {number|null|undefined} rolling_bps what the last purchase left; none or zero: nothing
 * @returns {Object<string, {discount_bps: number, card_bps: number, benefits: Object<string, number>}>} by line key:
 *     `discount_bps` is what the line's discount becomes, the person's and the card's together; `card_bps` what the
 *     card takes of the price that the line had before it; `benefits` those that count, each with its own percentage
 * @throws {RuleError} `duplicate` for two lines with one key, `type`, `range`, `overflow`
 */
export function discounts(ruleset, lines, rolling_bps) {
    const rolling = whole(rolling_bps ?? 0, "rolling_bps", 0, MAX_BPS);
    const applicable = percentages(ruleset, receiptTotal(lines), rolling);
    const touched = saleLines(lines).filter((line) => line.total_minor > 0);
    return Object.fromEntries(touched.map((line) => [line.key, lineDiscount(line, applicable)]));
}

/**
 * Give the amounts off, one after the other in the order of the ruleset, each on what the ones before it left.
 *
 * @param {Object} ruleset from `parse`
 * @param {PriceLine[]} lines with amounts after the card's percentages
 * @param {number} receipt_minor `receiptTotal` of the lines before the card's benefits
 * @returns {{benefit: string, amount_minor: number, allocation: Object<string, number>}[]} only what takes something
 *     off: at most what the sale lines come to; `allocation` is the part of each line it touches, above zero
 * @throws {RuleError} `duplicate` for two lines with one key, `type`, `range`, `overflow`
 */
export function amounts(ruleset, lines, receipt_minor) {
    whole(receipt_minor, "receipt_minor");
    let room = Math.max(0, receiptTotal(lines));
    const touched = saleLines(lines).filter((line) => line.total_minor > 0);
    let left = touched.map((line) => line.total_minor);
    const effects = [];
    for (const benefit of ofKind(ruleset, "amount_off")) {
        const amount_minor = Math.min(benefit.amount_minor, room);
        if (!amount_minor || receipt_minor < benefit.minimum_receipt_minor) {
            continue;
        }
        const shares = largestRemainder(amount_minor, left);
        const parts = touched.map((line, at) => [line.key, shares[at]]).filter(([_key, share]) => share);
        effects.push({ benefit: benefit.key, amount_minor, allocation: Object.fromEntries(parts) });
        left = left.map((rest, at) => rest - shares[at]);
        room -= amount_minor;
    }
    return effects;
}
