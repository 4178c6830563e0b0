import { _t } from "@web/core/l10n/translation";
import { parseFloat } from "@web/views/fields/parsers";
import { NumberPopup } from "@point_of_sale/app/components/popups/number_popup/number_popup";
import { makeAwaitable } from "@point_of_sale/app/utils/make_awaitable_dialog";
import { major, minor } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";
import { formatMoney } from "@loyalty_fidelity_pos/app/services/fidelity_words";

/** @returns {number} what was typed, in minor units; zero for nothing that is an amount */
function amountOf(buffer, decimals) {
    try {
        return minor(parseFloat(String(buffer)), decimals);
    } catch {
        return 0;
    }
}

/**
 * Ask for an amount; all of it is there to be confirmed.
 *
 * @param {Object} dialog Odoo's service
 * @param {ResCurrency} currency
 * @param {string} title
 * @param {number} most in minor units
 * @param {number} [least] in minor units
 * @returns {Promise<number>} in minor units, at most `most`; zero when nothing was chosen
 */
export async function askAmount(dialog, currency, title, most, least = 0) {
    const { decimal_places: decimals } = currency;
    const typed = await makeAwaitable(dialog, NumberPopup, {
        title,
        subtitle: least
            ? _t("From %(least)s to %(most)s", { least: formatMoney(least, currency), most: formatMoney(most, currency) })
            : _t("At most %s", formatMoney(most, currency)),
        startingValue: major(most, decimals).toFixed(decimals),
        isValid: (buffer) => amountOf(buffer, decimals) >= Math.max(1, least) && amountOf(buffer, decimals) <= most,
    });
    return typed === undefined ? 0 : Math.min(most, amountOf(typed, decimals));
}
