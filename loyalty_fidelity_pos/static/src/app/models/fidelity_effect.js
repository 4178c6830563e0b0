/**
 * The effect: what loyalty did to the price of a line, as JSON text in `pos.order.line.fidelity_effect`. Its three
 * kinds (`percent`, `amount`, `share`) are in docs/architecture.md.
 */
import { readJson, writeJson } from "@loyalty_fidelity_pos/app/models/fidelity_json";

const KINDS = ["percent", "amount", "share"];

/**
 * @param {string|false} text `pos.order.line.fidelity_effect`
 * @returns {Object|null} the effect; null without one, or when the text is not one
 */
export function readEffect(text) {
    const effect = readJson(text);
    return effect && KINDS.includes(effect.kind) ? effect : null;
}

/** @returns {string} the text of an effect, as the line carries it */
export function writeEffect(effect) {
    return writeJson(effect);
}
