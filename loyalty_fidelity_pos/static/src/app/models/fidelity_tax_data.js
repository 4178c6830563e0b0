/** The tax data of amounts off: how Odoo's own helper splits an amount over taxes, as `extra_tax_data` carries it. */
import { roundDecimals } from "@web/core/utils/numbers";
import { accountTaxHelpers } from "@account/helpers/account_tax";
import { major, minorAmounts } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";

const COMPUTATION_KEY = "fidelity_amount";
const SIGNED = ["manual_total_excluded_currency", "manual_total_excluded"];

function opposite(amounts) {
    return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, 0 - amount]));
}

/**
 * @param {Object} data `extra_tax_data` of a line
 * @returns {Object} the same for the opposite quantity
 */
export function turned(data) {
    const result = { ...data, quantity: -data.quantity };
    for (const name of SIGNED.filter((name) => name in data)) {
        result[name] = 0 - data[name];
    }
    if (data.manual_tax_amounts) {
        result.manual_tax_amounts = Object.fromEntries(
            Object.entries(data.manual_tax_amounts).map(([tax, amounts]) => [tax, opposite(amounts)])
        );
    }
    return result;
}

/** Add an untaxed amount to a part; the server does the same (`account.tax._fidelity_level`). */
function level(order, part, missing) {
    const inCompany = part.rate ? roundDecimals(missing / part.rate, order.company.currency_id?.decimal_places ?? 2) : 0;
    part.tax_details.delta_total_excluded_currency += missing;
    part.tax_details.delta_total_excluded += inCompany;
    if (!Object.keys(part.manual_tax_amounts || {}).length) {
        part.price_unit += missing;
        return;
    }
    part.manual_total_excluded_currency += missing;
    part.manual_total_excluded += inCompany;
    for (const amounts of Object.values(part.manual_tax_amounts)) {
        amounts.base_amount_currency += missing;
        amounts.base_amount += inCompany;
    }
}

/**
 * Split an amount over the taxes of lines. Odoo's helper can miss a unit of a small part, where the tax on it rounds to
 * nothing: what is missing becomes untaxed amount of the largest part.
 *
 * @param {PosOrder} order
 * @param {Object[]} baseLines of the tax engine, with their tax details
 * @param {number} amount_minor what the result comes to, tax included, signed
 * @returns {{total_minor: number, price_unit: number, taxes: Object[], data: Object}[]} lines of quantity 1, usually
 *     one; `data` is their `extra_tax_data`
 */
export function splitByTax(order, baseLines, amount_minor) {
    const decimals = order.currency.decimal_places;
    const split = accountTaxHelpers.prepare_global_discount_lines(
        baseLines,
        order.company,
        "fixed",
        -major(amount_minor, decimals),
        { computation_key: COMPUTATION_KEY }
    );
    const totalOf = (baseLine) => minorAmounts(baseLine.tax_details, decimals).total_minor;
    const missing = amount_minor - split.reduce((sum, baseLine) => sum + totalOf(baseLine), 0);
    if (split.length && missing) {
        const largest = split.reduce((best, part) => (Math.abs(totalOf(part)) > Math.abs(totalOf(best)) ? part : best));
        level(order, largest, major(missing, decimals));
    }
    return split.map((baseLine) => ({
        total_minor: totalOf(baseLine),
        price_unit: baseLine.price_unit,
        taxes: baseLine.tax_ids,
        data: accountTaxHelpers.export_base_line_extra_tax_data(baseLine),
    }));
}
