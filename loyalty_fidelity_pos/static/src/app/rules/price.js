/** What a card takes off the price; the mirror of `loyalty_fidelity/rules/price.py`. */

import { add, largestRemainder, whole } from "./arithmetic.js";
import { PriceLine, lineDiscount, receiptTotal, saleLines } from "./line_price.js";
import { MAX_BPS, NOWHERE } from "./situation.js";
import { offers, takeable, touched } from "./stacking.js";

export { PriceLine, receiptTotal };

function rollingOf(rolling_bps, rolling_minor) {
    return [whole(rolling_bps ?? 0, "rolling_bps", 0, MAX_BPS), whole(rolling_minor, "rolling_minor", 0)];
}

/**
 * Give the discount of every sale line that has a positive amount; other lines are not to be touched.
 *
 * The percentages come one after the other, in the order of the ruleset. On what a person, a price list or an earlier
 * benefit has already taken, `stack` takes its part of the rest; `best` replaces all of it if its own percentage is
 * larger, else it adds nothing; `skip` adds nothing where a person or a price list was first. A percentage that would take
 * more than its limit leaves is none here: it is an amount of `amounts`.
 *
 * @param {Object} ruleset from `parse`
 * @param {PriceLine[]} lines with amounts before the card's benefits
 * @param {number|null|undefined} rolling_bps what the last purchase left; none or zero: nothing
 * @param {Situation} [situation]
 * @param {number} [rolling_minor] what it left as an amount; it matters where one benefit alone counts
 * @returns {Object<string, {discount_bps: number, card_bps: number, benefits: Object<string, number>}>} by line key:
 *     `discount_bps` is what the line's discount becomes, the person's and the card's together; `card_bps` what the
 *     card takes of the price that the line had before it; `benefits` those that count, each with its own percentage
 * @throws {RuleError} `duplicate` for two lines with one key, `type`, `range`, `overflow`
 */
export function discounts(ruleset, lines, rolling_bps, situation = NOWHERE, rolling_minor = 0) {
    const receipt_minor = receiptTotal(lines);
    const counting = offers(ruleset, lines, receipt_minor, rollingOf(rolling_bps, rolling_minor), situation);
    const percentages = counting
        .filter(({ percent_bps }) => percent_bps)
        .map(({ benefit, percent_bps }) => [benefit, percent_bps]);
    const found = saleLines(lines).filter((line) => line.total_minor > 0);
    return Object.fromEntries(found.map((line) => [line.key, lineDiscount(line, percentages)]));
}

/**
 * Give the amounts off, one after the other in the order of the ruleset, each on what the ones before it left.
 *
 * @param {Object} ruleset from `parse`
 * @param {PriceLine[]} lines with amounts after the card's percentages
 * @param {number} receipt_minor `receiptTotal` of the lines before the card's benefits
 * @param {Situation} [situation]
 * @param {PriceLine[]|null} [before] the same lines before the card's benefits; null: `lines`
 * @param {number|null} [rolling_bps] as of `discounts`
 * @param {number} [rolling_minor] what the last purchase left as an amount
 * @returns {{benefit: string, amount_minor: number, allocation: Object<string, number>}[]} only what takes something
 *     off: at most what the sale lines come to; `allocation` is the part of each line it touches, above zero
 * @throws {RuleError} `duplicate` for two lines with one key, `type`, `range`, `overflow`
 */
export function amounts(
    ruleset,
    lines,
    receipt_minor,
    situation = NOWHERE,
    before = null,
    rolling_bps = null,
    rolling_minor = 0
) {
    whole(receipt_minor, "receipt_minor");
    const rolling = rollingOf(rolling_bps, rolling_minor);
    const totals = (members) => new Map(saleLines(members).map((line) => [line.key, line.total_minor]));
    const first = totals(before ?? lines);
    const left = totals(lines);
    let room = Math.max(0, add([...left.values()]));
    const effects = [];
    for (const offer of offers(ruleset, before ?? lines, receipt_minor, rolling, situation)) {
        if (!offer.amount_minor) {
            continue;
        }
        const places = touched(offer.benefit, lines);
        const weights = places.map((line) =>
            takeable(offer, line, left.get(line.key), first.get(line.key) ?? line.total_minor)
        );
        const amount_minor = Math.min(offer.amount_minor, room, add(weights));
        if (!amount_minor) {
            continue;
        }
        const shares = largestRemainder(amount_minor, weights);
        const parts = places.map((line, at) => [line.key, shares[at]]).filter(([_key, share]) => share);
        effects.push({ benefit: offer.benefit.key, amount_minor, allocation: Object.fromEntries(parts) });
        parts.forEach(([key, share]) => left.set(key, left.get(key) - share));
        room -= amount_minor;
    }
    return effects;
}
