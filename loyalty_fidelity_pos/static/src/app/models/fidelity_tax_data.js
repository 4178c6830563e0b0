/** The tax data of amounts off: how Odoo's own helper splits an amount over taxes, as `extra_tax_data` carries it. */
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

/**
 * Split an amount over the taxes of lines.
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
    return split.map((baseLine) => ({
        total_minor: minorAmounts(baseLine.tax_details, decimals).total_minor,
        price_unit: baseLine.price_unit,
        taxes: baseLine.tax_ids,
        data: accountTaxHelpers.export_base_line_extra_tax_data(baseLine),
    }));
}
