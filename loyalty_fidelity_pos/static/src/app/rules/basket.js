/**
 * Baskets: the lines and payments of one order, and the amount that earns; the mirror of
 * `loyalty_fidelity/rules/basket.py`, with the same fields and units.
 */

import { add, mulDivFloor, whole } from "./arithmetic.js";
import { items } from "./checks.js";
import { RuleError } from "./errors.js";

export const KINDS = ["sale", "return_linked", "return_unlinked", "excluded", "effect"];

/**
 * Check the keys of the selectors that chose a line.
 *
 * @param {*} value
 * @returns {string[]}
 * @throws {RuleError} `type`
 */
export function keysOf(value) {
    const keys = [...items(value, "selectors")];
    if (!keys.every((key) => typeof key === "string")) {
        throw new RuleError("type", { field: "selectors" });
    }
    return Object.freeze(keys);
}

export class Line {
    /**
     * @param {Object} fields
     * @param {string} fields.key unique in its basket
     * @param {string} fields.kind one of `KINDS`
     * @param {number} fields.quantity_micro signed, in millionths
     * @param {number} fields.total_minor signed, after discount and amounts off, with tax
     * @param {number} fields.untaxed_minor signed, after discount and amounts off, without tax
     * @param {string[]} [fields.selectors] keys of the ruleset's selectors that chose its product when it was sold
     * @throws {RuleError} `type`, `range`; `choice` for another kind
     */
    constructor({ key, kind, quantity_micro, total_minor, untaxed_minor, selectors = [] }) {
        if (typeof key !== "string") {
            throw new RuleError("type", { field: "key" });
        }
        if (!KINDS.includes(kind)) {
            throw new RuleError("choice", { field: "kind" });
        }
        this.key = key;
        this.kind = kind;
        this.quantity_micro = whole(quantity_micro, "quantity_micro");
        this.total_minor = whole(total_minor, "total_minor");
        this.untaxed_minor = whole(untaxed_minor, "untaxed_minor");
        this.selectors = keysOf(selectors);
        Object.freeze(this);
    }
}

export class Basket {
    /**
     * @param {Object} fields
     * @param {string} fields.currency
     * @param {Line[]} fields.lines
     * @param {number} fields.eligible_paid_minor paid with means that always count, net of change; signed
     * @param {number} [fields.ineligible_paid_minor] put on the customer's account: counts only if the ruleset says
     *     `customer_account_earns`; signed
     * @throws {RuleError} `type`, `range`; `duplicate` for two lines with one key
     */
    constructor({ currency, lines, eligible_paid_minor, ineligible_paid_minor = 0 }) {
        if (typeof currency !== "string") {
            throw new RuleError("type", { field: "currency" });
        }
        if (!lines.every((line) => line instanceof Line)) {
            throw new RuleError("type", { field: "lines" });
        }
        if (new Set(lines.map((line) => line.key)).size !== lines.length) {
            throw new RuleError("duplicate", { field: "lines" });
        }
        this.currency = currency;
        this.lines = Object.freeze([...lines]);
        this.eligible_paid_minor = whole(eligible_paid_minor, "eligible_paid_minor");
        this.ineligible_paid_minor = whole(ineligible_paid_minor, "ineligible_paid_minor");
        Object.freeze(this);
    }
}

/**
 * Sort the lines of a basket by kind.
 *
 * @param {Basket} basket
 * @returns {Object<string, Line[]>} a list for every one of `KINDS`, each in the order of the basket
 */
export function split(basket) {
    return Object.fromEntries(KINDS.map((kind) => [kind, basket.lines.filter((line) => line.kind === kind)]));
}

/**
 * Give the amount of a line that the ruleset looks at, in minor units: with or without tax.
 *
 * @param {Object} ruleset
 * @param {Line} line
 * @returns {number}
 */
export function lineAmount(ruleset, line) {
    return ruleset.base === "untaxed" ? line.untaxed_minor : line.total_minor;
}

/**
 * Compute the amount that earns: the sale lines, as far as payments and returned goods cover them.
 *
 * @param {Object} ruleset
 * @param {Basket} basket
 * @returns {{base_minor: number, sale_minor: number, cap_minor: number}}
 * @throws {RuleError} `overflow`
 */
export function earningBase(ruleset, basket) {
    const parts = split(basket);
    const sale_minor = add(parts.sale.map((line) => line.total_minor));
    const returned = add([...parts.return_linked, ...parts.return_unlinked].map((line) => -line.total_minor));
    const account = ruleset.customer_account_earns ? basket.ineligible_paid_minor : 0;
    const cap_minor = add([basket.eligible_paid_minor, account, returned]);
    const paid = Math.max(0, Math.min(sale_minor, cap_minor));
    if (ruleset.base === "untaxed" && paid) {
        const untaxed = add(parts.sale.map((line) => line.untaxed_minor));
        return { base_minor: Math.max(0, mulDivFloor(untaxed, paid, sale_minor)), sale_minor, cap_minor };
    }
    return { base_minor: paid, sale_minor, cap_minor };
}
