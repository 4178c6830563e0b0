/** A prize: a line of goods that is paid with points, as JSON text in `pos.order.line.fidelity_prize`. */
import { readJson, writeJson } from "@loyalty_fidelity_pos/app/models/fidelity_json";

/**
 * @param {string|false} text `pos.order.line.fidelity_prize`
 * @returns {{prize_id: number, points: number, hold: string, card: string}|null} null without one
 */
export function readPrize(text) {
    const prize = readJson(text);
    return prize && Number.isSafeInteger(prize.prize_id) ? prize : null;
}

/** @returns {string} the text of a prize, as the line carries it */
export function writePrize(prize) {
    return writeJson(prize);
}

/** @returns {Array} the lines of an order that are prizes */
export function prizeLines(order) {
    return order.lines.filter((line) => line.fidelity_prize && !line.refunded_orderline_id);
}
