/**
 * The claim: what the till knows about the card of an order, as JSON text in `pos.order.fidelity_claim`.
 * It is evidence for the server, which decides. Its shape is in docs/architecture.md.
 */

import { readJson, writeJson } from "@loyalty_fidelity_pos/app/models/fidelity_json";

/**
 * @param {string|false} text `pos.order.fidelity_claim`
 * @returns {Object|null} the claim; null without one, or when the text is not a claim
 */
export function readClaim(text) {
    const claim = readJson(text);
    return claim && typeof claim.card === "string" ? claim : null;
}

/**
 * @param {string|false} text `pos.order.fidelity_result`
 * @returns {Object|null} the outcome that the server reports; null before it has one
 */
export function readResult(text) {
    const result = readJson(text);
    return result && typeof result.state === "string" ? result : null;
}

/** @returns {string} the text of a claim, as the order carries it */
export function writeClaim(claim) {
    return writeJson(claim);
}

/**
 * Make the claim of a card that was just read.
 *
 * @param {Object} read
 * @param {string} read.card normalised number
 * @param {string} read.entry `scan`, `typed` or `search`
 * @param {string} read.screen `product`, `payment` or another screen's name
 * @param {string} read.addedAt ISO 8601, UTC
 * @param {Object|null} [previous] the claim it replaces
 */
export function newClaim({ card, entry, screen, addedAt }, previous = null) {
    const cards = previous ? [...(previous.previous_cards || []), previous.card] : [];
    return {
        card,
        entry,
        screen,
        added_at: addedAt,
        offline: false,
        previous_cards: cards.filter((number, index) => number !== card && cards.indexOf(number) === index),
    };
}

/**
 * The claim to write for a card that was found, or is kept for later.
 *
 * @param {Object|null} current the order's
 * @param {Object} read the claim of the card
 * @returns {{claim: Object, replaced: ?string}} `replaced` is the number of the card that it takes the place of
 */
export function replacing(current, read) {
    if (!current || current.card === read.card) {
        return { claim: { ...read, ...(current || {}) }, replaced: null };
    }
    const { card, entry, screen, added_at: addedAt } = read;
    return { claim: newClaim({ card, entry, screen, addedAt }, current), replaced: current.card };
}

/** @returns {string} a moment as the claim carries it */
export function isoSeconds(moment) {
    return moment.toUTC().startOf("second").toISO({ suppressMilliseconds: true });
}
