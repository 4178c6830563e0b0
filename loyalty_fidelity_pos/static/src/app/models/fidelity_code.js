/** The codes on an order, as JSON text in `pos.order.fidelity_codes`: evidence for the server, which uses them. */
import { Voucher, PREFIX } from "@loyalty_fidelity_pos/app/rules/voucher";
import { matches, parseSelectors } from "@loyalty_fidelity_pos/app/rules/selector";
import { productFacts } from "@loyalty_fidelity_pos/app/models/fidelity_product";
import { readJson, writeJson } from "@loyalty_fidelity_pos/app/models/fidelity_json";

/**
 * @param {string|false} text `pos.order.fidelity_codes`
 * @returns {Object[]} each with `id`, `code`, `name`, `text`, `amount_minor`, `percent_bps`, `minimum_minor`, `selector` (null:
 *     everything) and, where it needs one, `card`; in the order in which they were read
 */
export function readCodes(text) {
    const codes = readJson(text)?.codes;
    return (Array.isArray(codes) ? codes : []).filter((each) => Number.isSafeInteger(each?.id) && typeof each.code === "string");
}

/** @returns {string|false} the text of codes, as the order carries it */
export function writeCodes(codes) {
    return codes.length ? writeJson({ codes }) : false;
}

/** @returns {string} the benefit of a code's amount off */
export function benefitOf(code) {
    return `${PREFIX}${code.id}`;
}

/**
 * @param {Object[]} codes
 * @param {PosOrderline[]} goods
 * @returns {Voucher[]} what codes take off, as the rules take it
 */
export function vouchersOf(codes, goods) {
    return codes.map(
        ({ amount_minor, percent_bps, minimum_minor, selector, ...code }) =>
            new Voucher({ key: benefitOf(code), amount_minor, percent_bps, minimum_minor, lines: chosenLines(selector, goods) })
    );
}

function chosenLines(selector, goods) {
    if (!selector) {
        return null;
    }
    const { chosen } = parseSelectors({ chosen: selector });
    return goods.filter((line) => matches(chosen, productFacts(line))).map((line) => line.uuid);
}
