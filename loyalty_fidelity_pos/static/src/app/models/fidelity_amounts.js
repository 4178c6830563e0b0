/**
 * Amounts as the tax engine computes them, in minor units: of lines as they are, or as they would be with another
 * discount.
 */
import { roundDecimals } from "@web/core/utils/numbers";
import { accountTaxHelpers } from "@account/helpers/account_tax";

const MICRO = 1000000;

/** @returns {number} a quantity in millionths */
export function micro(quantity) {
    return Math.round(quantity * MICRO) + 0;
}

/** @returns {number} an amount in minor units, half away from zero as on the server; -0 never leaves here */
export function minor(amount, decimals) {
    return roundDecimals(amount * 10 ** decimals, 0) + 0;
}

/** @returns {number} an amount of the currency, from minor units */
export function major(amount_minor, decimals) {
    return roundDecimals(amount_minor / 10 ** decimals, decimals);
}

/**
 * @param {Object} details the tax engine's `tax_details` of a line
 * @param {number} decimals of the currency
 * @returns {{total_minor: number, untaxed_minor: number}} signed
 */
export function minorAmounts(details, decimals) {
    const untaxed = details.total_excluded_currency + details.delta_total_excluded_currency;
    const taxes = details.taxes_data.reduce((sum, tax) => sum + tax.tax_amount_currency, 0);
    return { total_minor: minor(untaxed + taxes, decimals), untaxed_minor: minor(untaxed, decimals) };
}

/**
 * @param {PosOrder} order
 * @param {PosOrderline[]} lines
 * @param {(line: PosOrderline) => number} discountOf percentage to compute a line with
 * @param {(line: PosOrderline) => number} [priceOf] unit price to compute it with, if not its own
 * @returns {Object[]} the tax engine's base lines, with their tax details
 */
export function taxedBaseLines(order, lines, discountOf, priceOf = (line) => line.price_unit) {
    const baseLines = lines.map((line) =>
        line.getBaseLine({ quantity: line.qty, price_unit: priceOf(line), discount: discountOf(line) })
    );
    accountTaxHelpers.add_tax_details_in_base_lines(baseLines, order.company);
    accountTaxHelpers.round_base_lines_tax_details(baseLines, order.company);
    return baseLines;
}

/**
 * @param {PosOrder} order
 * @param {PosOrderline[]} lines
 * @param {(line: PosOrderline) => number} discountOf percentage to compute a line with
 * @param {(line: PosOrderline) => number} [priceOf] unit price to compute it with, if not its own
 * @returns {Object<string, number>} total with tax in minor units by line uuid, signed
 */
export function totalsWith(order, lines, discountOf, priceOf) {
    const decimals = order.currency.decimal_places;
    const baseLines = taxedBaseLines(order, lines, discountOf, priceOf);
    return Object.fromEntries(
        lines.map((line, at) => [line.uuid, minorAmounts(baseLines[at].tax_details, decimals).total_minor])
    );
}
