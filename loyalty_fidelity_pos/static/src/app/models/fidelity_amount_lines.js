/** Amount lines: an amount off becomes negative lines of the loyalty discount product, one for each set of taxes. */
import { accountTaxHelpers } from "@account/helpers/account_tax";
import { add, largestRemainder } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { taxedBaseLines } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";
import { writeEffect } from "@loyalty_fidelity_pos/app/models/fidelity_effect";
import { splitByTax } from "@loyalty_fidelity_pos/app/models/fidelity_tax_data";

/** @returns {string} the same for the same set of taxes */
export function taxKey(taxes) {
    return taxes
        .map((tax) => tax.id)
        .sort((one, other) => one - other)
        .join("_");
}

/** @returns {string} what a line of an effect stands for: an amount line is found again by it */
export function placeOf({ of, benefit }, taxes) {
    return of || `${benefit} ${taxKey(taxes)}`;
}

function groupByTax(lines) {
    const groups = new Map();
    for (const line of lines) {
        const key = taxKey(line.tax_ids);
        groups.set(key, [...(groups.get(key) || []), line]);
    }
    return [...groups.values()];
}

/** The taxes to write on a line, before its fiscal position, so that the tax engine comes to `taxes`. */
function sourceTaxes(order, line, taxes) {
    const source = line.tax_ids.filter((tax) => accountTaxHelpers.can_be_discounted(tax));
    const mapped = order.fiscal_position_id
        ? order.fiscal_position_id.getTaxesAfterFiscalPosition(source)
        : source;
    return taxKey(mapped) === taxKey(taxes) ? source : taxes;
}

/**
 * @param {PosOrder} order
 * @param {PosOrderline[]} lines that may be touched
 * @param {{benefit: string, amount_minor: number, allocation: Object<string, number>}} effect as the kernel gives it
 * @param {string} name what the customer reads
 * @returns {Object[]} for each amount line: its `place` (see `placeOf`), `taxes`, `amount_minor` (negative) and `vals`
 */
export function amountLineVals(order, lines, { benefit, allocation }, name) {
    const result = [];
    for (const group of groupByTax(lines.filter((line) => allocation[line.uuid]))) {
        const keys = group.map((line) => line.uuid);
        let left = keys.map((key) => allocation[key]);
        const baseLines = taxedBaseLines(order, group, (line) => line.getDiscount());
        for (const { total_minor, price_unit, taxes, data } of splitByTax(order, baseLines, -add(left))) {
            const parts = largestRemainder(-total_minor, left);
            left = left.map((rest, at) => rest - parts[at]);
            const shared = keys.map((key, at) => [key, parts[at]]).filter(([_key, part]) => part);
            const source = sourceTaxes(order, group[0], taxes);
            result.push({
                place: placeOf({ benefit }, source),
                amount_minor: total_minor,
                taxes: source,
                vals: {
                    qty: 1,
                    price_unit,
                    extra_tax_data: data,
                    full_product_name: name,
                    fidelity_effect: writeEffect({
                        kind: "amount",
                        benefit,
                        amount_minor: -total_minor,
                        allocation: Object.fromEntries(shared),
                    }),
                },
            });
        }
    }
    return result;
}
