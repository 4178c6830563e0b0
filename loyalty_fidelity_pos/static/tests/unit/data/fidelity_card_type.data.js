import { patch } from "@web/core/utils/patch";
import { hootPosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { models } from "@web/../tests/web_test_helpers";

export class FidelityCardType extends models.ServerModel {
    _name = "fidelity.card.type";

    _load_pos_data_fields() {
        const cashback = ["cashback_spending", "cashback_spend_minimum", "cashback_payout", "cashback_payout_minimum"];
        return ["name", "color", "member_pricelist_id", "member_price_policy", ...cashback];
    }

    _records = [
        {
            id: 1,
            name: "Gift Points",
            color: 4,
            member_pricelist_id: false,
            member_price_policy: "lower",
            cashback_spending: true,
            cashback_payout: true,
        },
    ];
}

patch(hootPosModels, [...hootPosModels, FidelityCardType]);
