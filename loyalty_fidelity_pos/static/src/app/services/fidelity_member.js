import { shortName } from "@loyalty_fidelity_pos/app/services/fidelity_words";

/**
 * What an order keeps of a member while it is open, in `uiState.fidelity`.
 *
 * @param {Object} answer of `fidelity_identify`, of status `ok`
 * @param {string} card its number
 * @param {ResPartner|null} partner the customer, where this till may see him
 */
export function memberFacts(answer, card, partner) {
    return {
        card,
        masked: answer.card.masked,
        member: shortName(answer.member.name),
        partner_id: answer.partner_id || partner?.id,
        card_type: answer.card_type,
        tier: answer.tier || null,
        progress: answer.progress || null,
        unit: answer.unit,
        balance: answer.balance,
        cashback_minor: answer.cashback_minor ?? null,
        rolling: answer.rolling || null,
        situation: answer.situation || null,
        prices: answer.prices || null,
        ruleset_id: answer.ruleset?.id,
    };
}
