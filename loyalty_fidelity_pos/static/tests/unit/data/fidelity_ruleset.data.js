import { patch } from "@web/core/utils/patch";
import { hootPosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { models } from "@web/../tests/web_test_helpers";

/** The payload of the mock rulesets: so many points per full 5.00 of what was paid, from 10.00 on. */
export function payload(points, changes = {}) {
    return JSON.stringify({
        schema: 1,
        card_type: "gift-points",
        currency: "USD",
        currency_decimals: 2,
        number_prefix: "0490",
        base: "total",
        customer_account_earns: false,
        unlinked_return: "take_back",
        benefits: [
            { key: "b1", kind: "points", points, step_minor: 500, minimum_receipt_minor: 1000 },
        ],
        ...changes,
    });
}

export class FidelityRuleset extends models.ServerModel {
    _name = "fidelity.ruleset";

    _compute_display_name() {
        for (const ruleset of this) {
            ruleset.display_name = ruleset.fingerprint;
        }
    }

    _load_pos_data_fields() {
        return ["card_type_id", "fingerprint", "valid_from", "payload", "benefit_labels"];
    }

    _records = [
        {
            id: 1,
            card_type_id: 1,
            fingerprint: "first",
            valid_from: "2019-01-01 00:00:00",
            payload: payload(1),
        },
        {
            id: 2,
            card_type_id: 1,
            fingerprint: "second",
            valid_from: "2019-07-01 00:00:00",
            payload: payload(2),
            benefit_labels: JSON.stringify({ b3: "5 % off every product", b4: "$ 5.00 off the receipt" }),
        },
    ];
}

patch(hootPosModels, [...hootPosModels, FidelityRuleset]);
