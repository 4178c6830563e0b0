/** What sale lines earn, benefit by benefit; the mirror of `loyalty_fidelity/rules/earning.py`. */

import { add, largestRemainder, mulDivFloor } from "./arithmetic.js";
import { ofKind } from "./ruleset.js";
import { MAX_BPS, unmet } from "./situation.js";

export const MICRO = 1000000;

/**
 * Lines with what counts of them.
 *
 * @typedef {Object} Sold
 * @property {Line[]} lines
 * @property {number[]} amounts minor units, one each a line
 * @property {number[]} pieces_micro millionths, one each a line
 * @property {number} base_minor what of their sum was actually paid
 * @property {number[]|null} [sold_amounts] as sold, where goods came back since
 * @property {number|null} [sold_base_minor] as sold, where goods came back since
 */

/**
 * Give the positions of the lines that all of some selectors chose; null chooses every line.
 *
 * @param {Line[]} lines
 * @param {...(string|null)} selectors
 * @returns {number[]}
 */
export function chosen(lines, ...selectors) {
    const keys = selectors.filter((selector) => selector !== null);
    const places = [];
    lines.forEach((line, at) => {
        if (keys.every((key) => line.selectors.includes(key))) {
            places.push(at);
        }
    });
    return places;
}

/**
 * Give what of the base falls on the lines that selectors chose, rounded down; at most the base. It is the part that they
 * are of all lines as sold, so that what comes back of other lines does not change it.
 *
 * @param {Sold} sold
 * @param {...(string|null)} selectors
 * @returns {number} minor units, zero or more
 */
export function amountOf(sold, ...selectors) {
    const { base_minor, amounts } = sold;
    if (selectors.every((selector) => selector === null) || base_minor <= 0) {
        return Math.max(0, base_minor);
    }
    const places = chosen(sold.lines, ...selectors);
    const as_sold = sold.sold_amounts ?? amounts;
    const part = Math.min(add(places.map((at) => amounts[at])), add(places.map((at) => as_sold[at])));
    const total = add(as_sold);
    if (part <= 0 || total <= 0) {
        return 0;
    }
    return Math.min(base_minor, mulDivFloor(sold.sold_base_minor ?? base_minor, part, total));
}

function pointsOn(benefit, sold, ...selectors) {
    const amount = amountOf(sold, ...selectors);
    if (amount <= 0) {
        return 0;
    }
    switch (benefit.mode) {
        case "visit":
            return benefit.points;
        case "unit": {
            const pieces = add(chosen(sold.lines, ...selectors).map((at) => sold.pieces_micro[at]));
            return mulDivFloor(mulDivFloor(pieces, 1, MICRO), benefit.points, 1);
        }
        case "proportional":
            return mulDivFloor(amount, benefit.points, benefit.step_minor);
        default:
            return mulDivFloor(mulDivFloor(amount, 1, benefit.step_minor), benefit.points, 1);
    }
}

/**
 * Give what the limits of a points or cashback benefit leave; null without a limit.
 *
 * @param {Object} benefit
 * @param {Situation} situation
 * @returns {number|null}
 */
export function room(benefit, situation) {
    const limits = [
        [benefit.cap_receipt, ""],
        [benefit.cap_day, "day"],
        [benefit.cap_month, "month"],
    ];
    return leastLeft(benefit.key, limits, situation);
}

/**
 * Give the least of what limits leave; null without a limit.
 *
 * @param {string} key of the benefit
 * @param {Array} limits of [limit, zero for none; the span in `situation.used` that counts against it, or an empty text]
 * @param {Situation} situation
 * @returns {number|null}
 */
export function leastLeft(key, limits, { used }) {
    const usedIn = (span) => (span && Object.hasOwn(used, `${key}:${span}`) ? used[`${key}:${span}`] : 0);
    const left = limits.filter(([limit]) => limit).map(([limit, span]) => Math.max(0, limit - usedIn(span)));
    return left.length ? Math.min(...left) : null;
}

/**
 * Say whether conditions and minimums of a points or cashback benefit are met by something that was paid.
 *
 * @param {Object} benefit
 * @param {Sold} sold
 * @param {Situation} situation
 * @returns {boolean}
 */
export function qualifies(benefit, sold, situation) {
    if (unmet(benefit.when, situation) || sold.base_minor <= 0 || sold.base_minor < benefit.minimum_receipt_minor) {
        return false;
    }
    const amount = amountOf(sold, benefit.selector);
    return amount > 0 && amount >= benefit.minimum_lines_minor;
}

/**
 * Give what a multiplier adds to the points of a benefit: on the lines that both are for, and no more than all of them.
 *
 * @param {Object} benefit of points
 * @param {Object} more the multiplier
 * @param {Sold} sold
 * @returns {number}
 */
export function extraPoints(benefit, more, sold) {
    const both = pointsOn(benefit, sold, benefit.selector, more.selector);
    return mulDivFloor(Math.min(both, pointsOn(benefit, sold, benefit.selector)), more.factor_bps - MAX_BPS, MAX_BPS);
}

function limited(given, left) {
    return [given, left === null ? given : Math.min(given, left)];
}

/**
 * Give the points of one benefit, with what multipliers add.
 *
 * @param {Object} ruleset
 * @param {Object} benefit
 * @param {Sold} sold
 * @param {Situation} situation
 * @returns {number[]} before its limits, and after
 */
export function pointsOf(ruleset, benefit, sold, situation) {
    if (!qualifies(benefit, sold, situation)) {
        return [0, 0];
    }
    const extras = ofKind(ruleset, "multiplier")
        .filter((more) => !unmet(more.when, situation))
        .map((more) => extraPoints(benefit, more, sold));
    const given = add([pointsOn(benefit, sold, benefit.selector), Math.max(0, ...extras)]);
    return limited(given, room(benefit, situation));
}

/**
 * Give the money of one benefit in minor units.
 *
 * @param {Object} benefit
 * @param {Sold} sold
 * @param {Situation} situation
 * @returns {number[]} before its limits, and after
 */
export function cashbackOf(benefit, sold, situation) {
    if (!qualifies(benefit, sold, situation)) {
        return [0, 0];
    }
    const given = mulDivFloor(amountOf(sold, benefit.selector), benefit.percent_bps, MAX_BPS);
    return limited(given, room(benefit, situation));
}

/**
 * Share points or money out over lines in proportion to their amounts; an amount below zero gets nothing.
 *
 * @param {number} total zero or more
 * @param {Line[]} lines
 * @param {number[]} amounts minor units, one per line
 * @returns {Object<string, number>} the share per line key, adding up to `total`
 * @throws {RuleError} `no_weights` when there is something to share and no amount is above zero
 */
export function shareOut(total, lines, amounts) {
    const shares = largestRemainder(
        total,
        amounts.map((amount) => Math.max(0, amount))
    );
    return Object.fromEntries(lines.map((line, at) => [line.key, shares[at]]));
}

/** Share out over lines, points for the visit over all; what falls on the same lines is shared together. */
function byLine(given, sold) {
    const totals = new Map();
    for (const [benefit, quantity] of given) {
        const selector = benefit.kind === "points" && benefit.mode === "visit" ? null : benefit.selector;
        totals.set(selector, add([totals.get(selector) ?? 0, quantity]));
    }
    const shares = new Map(sold.lines.map((line) => [line.key, 0]));
    for (const [selector, total] of totals) {
        if (!total) {
            continue;
        }
        const places = chosen(sold.lines, selector);
        const found = shareOut(
            total,
            places.map((at) => sold.lines[at]),
            places.map((at) => sold.amounts[at])
        );
        for (const [key, share] of Object.entries(found)) {
            shares.set(key, shares.get(key) + share);
        }
    }
    return Object.fromEntries(shares);
}

function aboveZero(given) {
    return Object.fromEntries(given.filter(([_benefit, quantity]) => quantity).map(([{ key }, quantity]) => [key, quantity]));
}

/**
 * Compute what lines earn.
 *
 * @param {Object} ruleset
 * @param {Sold} sold
 * @param {Situation} situation
 * @returns {{points: Object<string, number>, cashback: Object<string, number>, line_points: Object<string, number>,
 *     line_cashback: Object<string, number>}} by benefit, above zero, and by line
 * @throws {RuleError} `overflow`
 */
export function earn(ruleset, sold, situation) {
    const points = ofKind(ruleset, "points").map((each) => [each, pointsOf(ruleset, each, sold, situation)[1]]);
    const cashback = ofKind(ruleset, "cashback").map((each) => [each, cashbackOf(each, sold, situation)[1]]);
    return {
        points: aboveZero(points),
        cashback: aboveZero(cashback),
        line_points: byLine(points, sold),
        line_cashback: byLine(cashback, sold),
    };
}

/**
 * Give what goods that come back without their sale take back: without visits, multipliers and limits.
 *
 * @param {Object} ruleset
 * @param {Sold} sold the goods, their amounts and pieces positive
 * @param {Situation} situation
 * @returns {number[]} points and minor units, zero or more
 */
export function takenBack(ruleset, sold, situation) {
    const points = ofKind(ruleset, "points")
        .filter((benefit) => benefit.mode !== "visit" && qualifies(benefit, sold, situation))
        .map((benefit) => pointsOn(benefit, sold, benefit.selector));
    const cashback = ofKind(ruleset, "cashback")
        .filter((benefit) => qualifies(benefit, sold, situation))
        .map((benefit) => mulDivFloor(amountOf(sold, benefit.selector), benefit.percent_bps, MAX_BPS));
    return [add(points), add(cashback)];
}

/**
 * Give the percentage of the highest bracket that an amount reaches.
 *
 * @param {Object} benefit
 * @param {number} amount_minor
 * @returns {number} hundredths of a percent; zero below the first bracket
 */
export function bracketPercent(benefit, amount_minor) {
    const reached = benefit.brackets.filter((bracket) => amount_minor >= bracket.from_minor);
    return reached.length && amount_minor > 0 ? reached[reached.length - 1].percent_bps : 0;
}

/**
 * Give what lines leave to the next purchase.
 *
 * @param {Object} ruleset
 * @param {Sold} sold
 * @param {Situation} situation
 * @returns {Array} hundredths of a percent and minor units: one of them, as the benefit's mode says, the other null; both
 *     null without such a benefit, or where an earlier one stands
 */
export function rollingLeft(ruleset, sold, situation) {
    const [benefit] = ofKind(ruleset, "rolling");
    if (!benefit) {
        return [null, null];
    }
    const amount = unmet(benefit.when, situation) ? 0 : amountOf(sold, benefit.selector);
    const percent = bracketPercent(benefit, amount);
    if (!percent && benefit.use === "qualifying") {
        return [null, null];
    }
    return benefit.mode === "percent" ? [percent, null] : [null, mulDivFloor(amount, percent, MAX_BPS)];
}
