/** Why each benefit does what it does on a basket; the mirror of `loyalty_fidelity/rules/explain.py`. */

import { add, mulDivFloor } from "./arithmetic.js";
import { earningBase, split } from "./basket.js";
import { MICRO, amountOf, cashbackOf, chosen, extraPoints, pointsOf, qualifies } from "./earning.js";
import { soldLines } from "./evaluate.js";
import { receiptTotal } from "./line_price.js";
import { discounts } from "./price.js";
import { ofKind } from "./ruleset.js";
import { MAX_BPS, NOWHERE, unmet } from "./situation.js";
import { amountOfBenefit, offerOf, offers, percentOf, touched } from "./stacking.js";

function reason({ key }, code, value = 0) {
    return { benefit: key, code, value };
}

function toFirstUnit(benefit, sold) {
    const amount = amountOf(sold, benefit.selector);
    if (benefit.kind === "cashback") {
        return -mulDivFloor(-MAX_BPS, 1, benefit.percent_bps) - amount;
    }
    if (benefit.mode === "unit") {
        return MICRO - add(chosen(sold.lines, benefit.selector).map((at) => sold.pieces_micro[at]));
    }
    if (benefit.mode === "proportional") {
        return -mulDivFloor(-benefit.step_minor, 1, benefit.points) - amount;
    }
    return benefit.step_minor - amount;
}

function earningReason(benefit, { ruleset, sold, situation }) {
    if (!chosen(sold.lines, benefit.selector).length) {
        return reason(benefit, "no_lines");
    }
    for (const [found, minimum] of [
        [Math.max(0, sold.base_minor), benefit.minimum_receipt_minor],
        [amountOf(sold, benefit.selector), benefit.minimum_lines_minor],
    ]) {
        if (found < Math.max(1, minimum)) {
            return reason(benefit, "minimum", Math.max(1, minimum) - found);
        }
    }
    const [given, left] =
        benefit.kind === "points"
            ? pointsOf(ruleset, benefit, sold, situation)
            : cashbackOf(benefit, sold, situation);
    if (!given) {
        return reason(benefit, "step", toFirstUnit(benefit, sold));
    }
    return left < given ? reason(benefit, "capped", given - left) : reason(benefit, "applies", left);
}

function multiplierReason(benefit, { ruleset, sold, situation }) {
    if (!chosen(sold.lines, benefit.selector).length) {
        return reason(benefit, "no_lines");
    }
    const rivals = ofKind(ruleset, "multiplier").filter((more) => !unmet(more.when, situation));
    let [counts, alone] = [0, 0];
    for (const points of ofKind(ruleset, "points").filter((each) => qualifies(each, sold, situation))) {
        const extras = rivals.map((more) => extraPoints(points, more, sold));
        const extra = extraPoints(points, benefit, sold);
        alone = add([alone, extra]);
        counts = add([counts, rivals[extras.indexOf(Math.max(...extras))].key === benefit.key ? extra : 0]);
    }
    if (counts) {
        return reason(benefit, "applies", counts);
    }
    return alone ? reason(benefit, "not_best", alone) : reason(benefit, "step");
}

function withoutLimits(benefit) {
    if (benefit.kind === "discount") {
        return { ...benefit, cap_line_minor: 0, cap_receipt_minor: 0, cap_day_minor: 0, cap_month_minor: 0 };
    }
    return benefit.kind === "rolling" ? { ...benefit, keep_cost: false } : benefit;
}

function pricingReason(benefit, { ruleset, lines, situation, rolling, receipt_minor, counting, landed }) {
    if (!(percentOf(benefit, rolling[0], situation) || amountOfBenefit(benefit, rolling[1]))) {
        return reason(benefit, "nothing_left");
    }
    if (!touched(benefit, lines).length) {
        return reason(benefit, "no_lines");
    }
    if (receipt_minor < benefit.minimum_receipt_minor) {
        return reason(benefit, "minimum", benefit.minimum_receipt_minor - Math.max(0, receipt_minor));
    }
    const [given, free] = [benefit, withoutLimits(benefit)].map((each) =>
        offerOf(each, lines, receipt_minor, rolling, situation)
    );
    const cut = free.saving_minor - given.saving_minor;
    const limited = cut > 0 ? reason(benefit, benefit.kind === "rolling" ? "cost" : "capped", cut) : null;
    if (!given.saving_minor) {
        return limited ?? (given.percent_bps ? reason(benefit, "discounted") : reason(benefit, "minimum", 1));
    }
    if (counting.every((offer) => offer.benefit.key !== benefit.key)) {
        return reason(benefit, ruleset.stacking === "best" ? "not_best" : "not_first", given.saving_minor);
    }
    if (given.percent_bps && !landed.has(benefit.key)) {
        return reason(benefit, "discounted");
    }
    return limited ?? reason(benefit, "applies", given.saving_minor);
}

function reasonOf(benefit, scene) {
    const missing = unmet(benefit.when, scene.situation);
    if (missing) {
        return reason(benefit, missing);
    }
    if (benefit.kind === "points" || benefit.kind === "cashback") {
        return earningReason(benefit, scene);
    }
    return benefit.kind === "multiplier" ? multiplierReason(benefit, scene) : pricingReason(benefit, scene);
}

/**
 * Give one reason a benefit, in the order of the ruleset; of a rolling discount, why it is used or not. The docstring of
 * Python's `Reason` tells the codes and what their values are.
 *
 * @param {Object} ruleset from `parse`
 * @param {PriceLine[]} lines with amounts before the card's benefits
 * @param {Basket} basket the same goods after them, and how they were paid
 * @param {Situation} [situation]
 * @param {number|null} [rolling_bps] what the last purchase left as a percentage
 * @param {number} [rolling_minor] what it left as an amount
 * @returns {{benefit: string, code: string, value: number}[]}
 * @throws {RuleError} `duplicate` for two lines with one key, `type`, `range`, `overflow`
 */
export function explain(ruleset, lines, basket, situation = NOWHERE, rolling_bps = null, rolling_minor = 0) {
    if (basket.currency !== ruleset.currency) {
        return ruleset.benefits.map((benefit) => reason(benefit, "currency"));
    }
    const found = discounts(ruleset, lines, rolling_bps, situation, rolling_minor);
    const rolling = [rolling_bps ?? 0, rolling_minor];
    const receipt_minor = receiptTotal(lines);
    const scene = {
        ruleset,
        lines,
        sold: soldLines(ruleset, split(basket).sale, earningBase(ruleset, basket).base_minor),
        situation,
        rolling,
        receipt_minor,
        counting: offers(ruleset, lines, receipt_minor, rolling, situation),
        landed: new Set(Object.values(found).flatMap((discount) => Object.keys(discount.benefits))),
    };
    return ruleset.benefits.map((benefit) => reasonOf(benefit, scene));
}
