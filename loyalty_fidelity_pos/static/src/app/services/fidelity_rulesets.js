import { basketFromOrder } from "@loyalty_fidelity_pos/app/models/fidelity_basket";
import { readJson } from "@loyalty_fidelity_pos/app/models/fidelity_json";
import { priceLines, savedMinor } from "@loyalty_fidelity_pos/app/models/fidelity_price_lines";
import { RuleError } from "@loyalty_fidelity_pos/app/rules/errors";
import { evaluate } from "@loyalty_fidelity_pos/app/rules/evaluate";
import { explain } from "@loyalty_fidelity_pos/app/rules/explain";
import { parse } from "@loyalty_fidelity_pos/app/rules/ruleset";

const { DateTime } = luxon;

const RULE_MODELS = ["fidelity.card.type", "fidelity.ruleset"];

/**
 * The rulesets that the till loaded. Which one is in force is decided here, by the clock, at the moment of asking: a
 * ruleset published for next week applies next week without reloading the till.
 */
export class FidelityRulesets {
    /**
     * @param {() => Object} models gives the till's models; they arrive after this object is made
     * @param {(order: PosOrder) => Object} situationOf the kernel's situation of an order
     */
    constructor(models, situationOf) {
        this.models = models;
        this.situationOf = situationOf;
        this.parsed = new Map();
    }

    get _all() {
        return this.models()?.["fidelity.ruleset"]?.getAll() || [];
    }

    /**
     * The ruleset in force for a card.
     *
     * @param {string} number of the card
     * @param {Object|null} member as `pos.order.getFidelityMember` gives it; without one the number tells the card type
     * @returns {{id: number, hash: string, cardType: string, cardTypeId: number, rules: Object, labels: Object<string, string>}|null} `labels`
     *     say what each benefit gives, by its key; null when this till has no rules for the card, or the
     *     server named newer ones
     */
    inForce(number, member) {
        const now = DateTime.now();
        const valid = this._all.filter((ruleset) => !ruleset.valid_from || ruleset.valid_from <= now);
        if (member?.ruleset_id && !this._all.some((ruleset) => ruleset.id === member.ruleset_id)) {
            return null;
        }
        const ours = valid.filter((ruleset) =>
            member
                ? ruleset.card_type_id?.id === member.card_type.id
                : number.startsWith(this._rules(ruleset).number_prefix)
        );
        const [latest] = ours.sort((a, b) => (b.valid_from || 0) - (a.valid_from || 0) || b.id - a.id);
        return latest
            ? {
                  id: latest.id,
                  hash: latest.fingerprint,
                  cardType: latest.card_type_id?.name,
                  cardTypeId: latest.card_type_id?.id,
                  rules: this._rules(latest),
                  labels: readJson(latest.benefit_labels) || {},
              }
            : null;
    }

    /** Like `inForce`; null also when the rules are of a kind that this till does not understand. */
    tryInForce(number, member) {
        try {
            return this.inForce(number, member);
        } catch (error) {
            if (error instanceof RuleError) {
                return null;
            }
            throw error;
        }
    }

    /**
     * What the basket of an order with a card earns as it stands, what is due being paid with means that count.
     *
     * @param {PosOrder} order
     * @returns {{points: number, base_minor: number, cashback_minor: number, rolling_bps: ?number, rolling_minor: ?number, saved_minor: number,
     *     code: string, ruleset: Object, kinds: string[], settledLater: boolean}|null} null when no rules are known here: the server
     *     computes at payment. `kinds` are those of the card's benefits; `rolling_bps` or `rolling_minor` is the next purchase's;
     *     `saved_minor` what the card took off the price; `missing_minor` what is missing for a discount, or null;
     *     `settledLater`: returned goods take points back at payment
     */
    preview(order) {
        const claim = order.getFidelityClaim();
        try {
            const ruleset = claim && this.inForce(claim.card, order.getFidelityMember());
            if (!ruleset) {
                return null;
            }
            const basket = basketFromOrder(order, ruleset.rules);
            const situation = this.situationOf(order);
            const outcome = evaluate(ruleset.rules, basket, situation);
            return {
                points: outcome.points + outcome.unlinked_points,
                base_minor: outcome.base_minor,
                cashback_minor: outcome.cashback_minor + outcome.unlinked_cashback,
                rolling_bps: outcome.rolling_bps,
                rolling_minor: outcome.rolling_minor,
                saved_minor: savedMinor(order),
                code: outcome.code,
                ruleset,
                kinds: ruleset.rules.benefits.map((benefit) => benefit.kind),
                missing_minor: missingMinor(order, ruleset.rules, basket, situation),
                settledLater: basket.lines.some((line) => line.kind === "return_linked"),
            };
        } catch (error) {
            if (error instanceof RuleError) {
                return null;
            }
            throw error;
        }
    }

    /**
     * What each benefit does on an order, or why nothing.
     *
     * @param {PosOrder} order with a card
     * @returns {{ruleset: Object, reasons: {benefit: string, code: string, value: number}[]}|null} null when no rules are known here
     */
    explain(order) {
        const claim = order.getFidelityClaim();
        const ruleset = claim && this.tryInForce(claim.card, order.getFidelityMember());
        if (!ruleset) {
            return null;
        }
        const { rules } = ruleset;
        const goods = order.lines.filter((line) => !line.isFidelityAmount());
        const rolling = order.getFidelityMember()?.rolling;
        try {
            const lines = priceLines(order, goods, (line) => line.getFidelityManual(), rules);
            const around = [this.situationOf(order), rolling?.bps || null, rolling?.minor || 0];
            return { ruleset, reasons: explain(rules, lines, basketFromOrder(order, rules), ...around) };
        } catch (error) {
            if (error instanceof RuleError) {
                return null;
            }
            throw error;
        }
    }

    /**
     * Load the rules again when the server names some that this till does not have: published since it was opened.
     *
     * @param {number|undefined} id of the ruleset that the server named
     * @param {PosData} data
     * @throws {ConnectionLostError|RPCError}
     */
    async fetchMissing(id, data) {
        if (!id || this._all.some((ruleset) => ruleset.id === id)) {
            return;
        }
        const answer = await data.call("pos.session", "load_data", [odoo.pos_session_id, RULE_MODELS]);
        const rules = Object.fromEntries(RULE_MODELS.map((model) => [model, answer[model] || []]));
        this.models().connectNewData(rules);
        data.synchronizeServerDataInIndexedDB(rules);
    }

    _rules(ruleset) {
        if (!this.parsed.has(ruleset.id)) {
            this.parsed.set(ruleset.id, parse(JSON.parse(ruleset.payload)));
        }
        return this.parsed.get(ruleset.id);
    }
}

/** What the smallest receipt that a discount asks for still misses, in minor units; null where no discount waits for that. */
function missingMinor(order, rules, basket, situation) {
    const waiting = rules.benefits.filter(
        ({ kind, minimum_receipt_minor }) => ["discount", "amount_off"].includes(kind) && minimum_receipt_minor
    );
    if (!waiting.length || order.isEmpty()) {
        return null;
    }
    const goods = order.lines.filter((line) => !line.isFidelityAmount());
    const lines = priceLines(order, goods, (line) => line.getFidelityManual(), rules);
    const keys = new Set(waiting.map(({ key }) => key));
    const missing = explain(rules, lines, basket, situation)
        .filter(({ benefit, code }) => code === "minimum" && keys.has(benefit))
        .map(({ value }) => value);
    return missing.length ? Math.min(...missing) : null;
}
