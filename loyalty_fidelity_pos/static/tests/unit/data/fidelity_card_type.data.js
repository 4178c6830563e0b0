import { patch } from "@web/core/utils/patch";
import { hootPosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { models } from "@web/../tests/web_test_helpers";

export class FidelityCardType extends models.ServerModel {
    _name = "fidelity.card.type";

    _load_pos_data_fields() {
        return ["name", "color", "member_pricelist_id", "member_price_policy", "cashback_payout"];
    }

    _records = [
        { id: 1, name: "Gift Points", color: 4, member_pricelist_id: false, member_price_policy: "lower" },
    ];
}

patch(hootPosModels, [...hootPosModels, FidelityCardType]);
