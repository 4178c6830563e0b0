import { _t } from "@web/core/l10n/translation";
import { formatMoney, formatPoints, formatSignedMoney } from "@loyalty_fidelity_pos/app/services/fidelity_words";

const EARNS_POINTS = ["points", "multiplier"];
const MICRO = 1000000;

/** What a kind of benefit is called, for a till that loaded its rules before they came with sentences of their own. */
export function kindName(kind) {
    switch (kind) {
        case "points":
            return _t("Points");
        case "multiplier":
            return _t("Points multiplier");
        case "cashback":
            return _t("Cashback");
        case "discount":
            return _t("Discount");
        case "amount_off":
            return _t("Amount off");
        default:
            return _t("Discount on the next purchase");
    }
}

/** Why a condition is not met, by the kernel's word for it. */
function unmetSentence(code) {
    switch (code) {
        case "date":
            return _t("Not on this date.");
        case "weekdays":
            return _t("Not on this day of the week.");
        case "hours":
            return _t("Not at this hour.");
        case "stores":
            return _t("Not in this store.");
        case "tiers":
            return _t("Not for this tier.");
        case "tags":
            return _t("Not for this customer.");
        case "birthday":
            return _t("Only around the birthday.");
        case "first_purchase":
            return _t("Only for the first purchase.");
        case "every_purchase":
            return _t("Not for this purchase: it is not its turn.");
        case "no_lines":
            return _t("None of its products is on this sale.");
        case "currency":
            return _t("This sale is in another currency than the card.");
        case "discounted":
            return _t("These products are discounted already.");
        case "not_best":
            return _t("Another discount saves more, and only the best one counts.");
        case "not_first":
            return _t("Another discount comes first, and only the first one counts.");
        default:
            return "";
    }
}

function missingSentence(benefit, { code, value }, currency) {
    if (code === "step" && benefit.kind === "points" && benefit.mode === "unit") {
        return _t("%s pieces more for the first points.", formatPoints(Math.ceil(value / MICRO)));
    }
    if (code === "step" && benefit.kind === "multiplier") {
        return _t("There are no points that it could multiply.");
    }
    return code === "step"
        ? _t("%s more for the first of it.", formatMoney(value, currency))
        : _t("%s more is needed.", formatMoney(value, currency));
}

function givenSentence(benefit, value, currency) {
    if (EARNS_POINTS.includes(benefit.kind)) {
        return _t("+%s points", formatPoints(value));
    }
    return formatSignedMoney(benefit.kind === "cashback" ? value : -value, currency);
}

function cutSentence(benefit, { code, value }, currency) {
    if (code === "cost") {
        return _t("Not below cost: %s less than it would give.", formatMoney(value, currency));
    }
    const cut = EARNS_POINTS.includes(benefit.kind) ? _t("%s points", formatPoints(value)) : formatMoney(value, currency);
    return _t("At its limit: %s less than it would give.", cut);
}

/**
 * Say what a benefit does on a sale, or why nothing.
 *
 * @param {Object} benefit of the kernel's ruleset
 * @param {{code: string, value: number}} reason as the kernel's `explain` gives it
 * @param {Object} currency of the sale
 * @returns {{applies: boolean, text: string}}
 */
export function reasonSentence(benefit, reason, currency) {
    const { code, value } = reason;
    switch (code) {
        case "applies":
            return { applies: true, text: givenSentence(benefit, value, currency) };
        case "minimum":
        case "step":
            return { applies: false, text: missingSentence(benefit, reason, currency) };
        case "capped":
        case "cost":
            return { applies: true, text: cutSentence(benefit, reason, currency) };
        case "nothing_left":
            return {
                applies: false,
                text: benefit.kind === "rolling" ? _t("The last purchase left nothing.") : _t("No percentage of his own."),
            };
        default:
            return { applies: false, text: unmetSentence(code) };
    }
}
