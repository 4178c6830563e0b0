import { _t } from "@web/core/l10n/translation";
import { formatCurrency } from "@web/core/currency";
import { formatFloat } from "@web/core/utils/numbers";
import { major } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";

/**
 * A name that the next customer in the queue may read.
 *
 * @param {string} name
 * @returns {string} first name and initial: "Anna Bianchi" gives "Anna B."
 */
export function shortName(name) {
    const words = (name || "").trim().split(/\s+/).filter(Boolean);
    if (words.length < 2) {
        return words[0] || "";
    }
    return `${words[0]} ${[...words.at(-1)][0].toUpperCase()}.`;
}

/** @returns {string} whole points as the user's language writes them */
export function formatPoints(points) {
    return formatFloat(points, { digits: [69, 0] });
}

/** @returns {string} points with their sign: "+4", "−3", "+0" */
export function formatSignedPoints(points) {
    return `${points < 0 ? "\u2212" : "+"}${formatPoints(Math.abs(points))}`;
}

/** @returns {string} an amount in minor units as the user's language writes money of this currency */
export function formatMoney(amount_minor, currency) {
    return formatCurrency(major(amount_minor, currency.decimal_places), currency.id);
}

/** @returns {string} an amount of money with its sign */
export function formatSignedMoney(amount_minor, currency) {
    return `${amount_minor < 0 ? "\u2212" : "+"}${formatMoney(Math.abs(amount_minor), currency)}`;
}

/**
 * What to say of a card that the till itself refuses, or that the server refused without a sentence.
 *
 * @param {string} status as `fidelity_identify` answers it, or as the kernel recognises it
 */
export function refusalSentence(status) {
    switch (status) {
        case "check_digit":
            return _t("The card was not read well. Read it again, or type the number below the bars.");
        case "foreign":
        case "malformed":
            return _t("This is not a card number. Read the card again, or type the number below the bars.");
        case "unknown":
            return _t("This card is not known. The sale goes on without it.");
        default:
            return _t("This card cannot be used. Ask the manager.");
    }
}

/** @returns {{title: string, body: string}} what to tell who wants to change an amount line */
export function amountLineWarning() {
    return {
        title: _t("Discount of the card"),
        body: _t("It comes and goes with the card. Take the card off the sale to remove it."),
    };
}

/** Odoo's dialogue for a quantity that a prize cannot have. */
export function prizeLineWarning() {
    return {
        title: _t("Prize"),
        body: _t("A prize is given one at a time. Remove it, or choose it again for a second one."),
    };
}

/** @returns {string} a percentage as the user's language writes it, without superfluous zeros: "7.5 %" */
export function formatPercent(discount_bps) {
    return `${formatFloat(discount_bps / 100, { digits: [69, 2], trailingZeros: false })} %`;
}

/**
 * What is missing to the next tier after a sale.
 *
 * @param {{tier: string, measure: string, missing: number}|null} progress before the sale, as `fidelity_identify` answers it
 * @param {{points: number, base_minor: number}|null} sale what it earns and what of it counts
 * @param {Object} currency
 * @returns {string} "€ 120.00 to Gold"; empty where there is no next tier, or only a look at the server could tell
 */
export function formatProgress(progress, sale, currency) {
    if (!progress) {
        return "";
    }
    const { tier, measure, missing } = progress;
    // Of two sales on a day the second is no visit more: the server knows.
    const counted = { spending: sale?.base_minor || 0, points: sale?.points || 0, visits: 0 }[measure];
    const left = missing - counted;
    if (left <= 0) {
        return _t("%s reached with this sale", tier);
    }
    switch (measure) {
        case "spending":
            return _t("%(amount)s to %(tier)s", { amount: formatMoney(left, currency), tier });
        case "points":
            return _t("%(points)s points to %(tier)s", { points: formatPoints(left), tier });
        default:
            return _t("%(visits)s visits to %(tier)s", { visits: formatPoints(left), tier });
    }
}

/** Why a basket earns nothing yet, for a tooltip. */
export function noPointsReason(code) {
    switch (code) {
        case "below_minimum":
            return _t("The sale is below the minimum for points.");
        case "below_step":
            return _t("The sale is below the first point.");
        case "no_benefit":
            return _t("This card type gives no points.");
        case "currency":
            return _t("This card earns nothing in this currency.");
        default:
            return "";
    }
}
