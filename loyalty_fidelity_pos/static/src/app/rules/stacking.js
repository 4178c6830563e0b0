/** Which of a ruleset's price benefits count on a basket, and as what; the mirror of `loyalty_fidelity/rules/stacking.py`. */

import { add, mulDivFloor, mulDivHalfUp } from "./arithmetic.js";
import { PRICING } from "./benefit.js";
import { leastLeft } from "./earning.js";
import { lineDiscount, receiptTotal } from "./line_price.js";
import { ofKind } from "./ruleset.js";
import { MAX_BPS, NOWHERE, unmet } from "./situation.js";

/**
 * What a price benefit would do to a basket.
 *
 * @typedef {Object} Offer
 * @property {Object} benefit
 * @property {number} percent_bps a percentage of its lines, or zero
 * @property {number} amount_minor an amount off, or zero
 * @property {number} saving_minor what it takes alone
 * @property {Map<string, number>|null} line_bps where a limit made an amount of a percentage: what the percentage alone
 *     would take of each line
 */

/**
 * Give the lines on which a price benefit may fall: sale lines of a positive amount that its selector chose.
 *
 * @param {Object} benefit
 * @param {PriceLine[]} lines
 * @returns {PriceLine[]}
 */
export function touched(benefit, lines) {
    return lines.filter(
        (line) =>
            line.kind === "sale" &&
            line.total_minor > 0 &&
            (benefit.selector === null || line.selectors.includes(benefit.selector))
    );
}

/**
 * Give what an amount may take of a line: what is left of it, above its cost where the benefit keeps that; of a percentage
 * that became an amount, what the percentage would take.
 *
 * @param {Offer} offer
 * @param {PriceLine} line
 * @param {number} left_minor what earlier benefits left of the line
 * @param {number} before_minor the line before the card's benefits
 * @returns {number}
 */
export function takeable({ benefit, line_bps }, line, left_minor, before_minor) {
    if (line_bps?.size) {
        const bps = line_bps.get(line.key) ?? 0;
        if (benefit.on_discounted === "best") {
            return Math.max(0, mulDivFloor(before_minor, bps, MAX_BPS) - Math.max(0, before_minor - left_minor));
        }
        return mulDivFloor(left_minor, bps, MAX_BPS);
    }
    if (benefit.kind === "rolling" && benefit.keep_cost && line.cost_minor !== null) {
        return Math.max(0, left_minor - Math.max(0, line.cost_minor));
    }
    return left_minor;
}

/**
 * Give what the limits of a percentage leave in minor units; null without a limit.
 *
 * @param {Object} benefit
 * @param {Situation} situation
 * @returns {number|null}
 */
export function discountRoom(benefit, situation) {
    if (benefit.kind !== "discount") {
        return null;
    }
    const limits = [
        [benefit.cap_receipt_minor, ""],
        [benefit.cap_day_minor, "day"],
        [benefit.cap_month_minor, "month"],
    ];
    return leastLeft(benefit.key, limits, situation);
}

/**
 * Give the percentage that a price benefit has in a situation; zero for an amount.
 *
 * @param {Object} benefit
 * @param {number} rolling_bps
 * @param {Situation} situation
 * @returns {number}
 */
export function percentOf(benefit, rolling_bps, situation) {
    if (benefit.kind === "rolling") {
        return benefit.mode === "percent" ? rolling_bps : 0;
    }
    if (benefit.kind === "discount") {
        return benefit.own ? Math.max(benefit.percent_bps, situation.own_bps) : benefit.percent_bps;
    }
    return 0;
}

/**
 * Give the amount that a price benefit takes off by itself; zero for a percentage.
 *
 * @param {Object} benefit
 * @param {number} rolling_minor
 * @returns {number}
 */
export function amountOfBenefit(benefit, rolling_minor) {
    if (benefit.kind === "amount_off") {
        return benefit.amount_minor;
    }
    return benefit.kind === "rolling" && benefit.mode === "amount" ? rolling_minor : 0;
}

/**
 * Give what a percentage would do: an amount where it would take more than its limits leave.
 *
 * @param {Object} benefit
 * @param {number} bps
 * @param {PriceLine[]} lines with amounts before the card's benefits
 * @param {Situation} situation
 * @param {boolean} [alone] whether what it saves matters
 * @returns {Offer}
 */
export function percentOffer(benefit, bps, lines, situation, alone = true) {
    const room = discountRoom(benefit, situation);
    if (room === null && !alone) {
        return { benefit, percent_bps: bps, amount_minor: 0, saving_minor: 0, line_bps: null };
    }
    const found = touched(benefit, lines).map((line) => [line, lineDiscount(line, [[benefit, bps]]).card_bps]);
    const taken = (rounded) => add(found.map(([line, card_bps]) => rounded(line.total_minor, card_bps)));
    // Against the limit each line is rounded up, so that what the tax engine makes of the percentages stays within it.
    if (room !== null && taken((total, card_bps) => -mulDivFloor(-total, card_bps, MAX_BPS)) > room) {
        const amount = Math.min(room, taken((total, card_bps) => mulDivFloor(total, card_bps, MAX_BPS)));
        const line_bps = new Map(found.map(([line, card_bps]) => [line.key, card_bps]));
        return { benefit, percent_bps: 0, amount_minor: amount, saving_minor: amount, line_bps };
    }
    const saving_minor = taken((total, card_bps) => mulDivHalfUp(total, card_bps, MAX_BPS));
    return { benefit, percent_bps: bps, amount_minor: 0, saving_minor, line_bps: null };
}

/**
 * Give what a price benefit would do alone; null where conditions, minimum or lines are missing.
 *
 * @param {Object} benefit
 * @param {PriceLine[]} lines with amounts before the card's benefits
 * @param {number} receipt_minor what is compared with its minimum receipt
 * @param {number[]} [rolling] what the last purchase left: hundredths of a percent, minor units
 * @param {Situation} [situation]
 * @param {boolean} [alone] whether what it saves matters
 * @returns {Offer|null}
 */
export function offerOf(benefit, lines, receipt_minor, rolling = [0, 0], situation = NOWHERE, alone = true) {
    if (receipt_minor < benefit.minimum_receipt_minor || unmet(benefit.when, situation)) {
        return null;
    }
    const bps = percentOf(benefit, rolling[0], situation);
    if (bps) {
        return percentOffer(benefit, bps, lines, situation, alone);
    }
    const amount_minor = amountOfBenefit(benefit, rolling[1]);
    if (!amount_minor) {
        return null;
    }
    const offer = { benefit, percent_bps: 0, amount_minor, saving_minor: 0, line_bps: null };
    if (!alone) {
        return offer;
    }
    const room = add(touched(benefit, lines).map((line) => takeable(offer, line, line.total_minor, line.total_minor)));
    return { ...offer, saving_minor: Math.min(amount_minor, Math.max(0, receiptTotal(lines)), room) };
}

/**
 * Give what the price benefits of a ruleset do to a basket, those that count, in the order of the ruleset.
 *
 * @param {Object} ruleset
 * @param {PriceLine[]} lines with amounts before the card's benefits
 * @param {number} receipt_minor what is compared with each minimum receipt
 * @param {number[]} [rolling] what the last purchase left: hundredths of a percent, minor units
 * @param {Situation} [situation]
 * @returns {Offer[]}
 */
export function offers(ruleset, lines, receipt_minor, rolling = [0, 0], situation = NOWHERE) {
    const one = ruleset.stacking !== "stack";
    const given = ofKind(ruleset, ...PRICING)
        .map((benefit) => offerOf(benefit, lines, receipt_minor, rolling, situation, one))
        .filter(Boolean);
    if (!one) {
        return given;
    }
    const saving = given.filter((offer) => offer.saving_minor > 0);
    if (ruleset.stacking === "exclusive" || !saving.length) {
        return saving.slice(0, 1);
    }
    return [saving.reduce((best, offer) => (offer.saving_minor > best.saving_minor ? offer : best))];
}
