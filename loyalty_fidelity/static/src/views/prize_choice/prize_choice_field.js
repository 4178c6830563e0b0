import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { getFieldDomain } from "@web/model/relational_model/utils";
import { formatInteger } from "@web/views/fields/formatters";
import { useSpecialData } from "@web/views/fields/relational_utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A prize, chosen from large cards with a picture and what it costs. */
export class PrizeChoiceField extends Component {
    static template = "loyalty_fidelity.PrizeChoiceField";
    static props = {
        ...standardFieldProps,
        domain: { type: [Array, Function], optional: true },
    };

    setup() {
        this.specialData = useSpecialData(async (orm, props) => {
            const { relation } = props.record.fields[props.name];
            const { records } = await orm.call(relation, "web_search_read", [], {
                // Of the picture, only whether there is one.
                context: { bin_size: true },
                specification: { display_name: {}, points: {}, description: {}, image_256: {} },
                domain: getFieldDomain(props.record, props.name, props.domain),
                order: "points desc, id",
            });
            return records;
        });
    }

    get prizes() {
        return this.specialData.data;
    }

    get chosenId() {
        const value = this.props.record.data[this.props.name];
        return value && value.id;
    }

    imageUrl(prize) {
        return `/web/image/fidelity.prize/${prize.id}/image_256`;
    }

    formatted(points) {
        return formatInteger(points);
    }

    choose(prize) {
        this.props.record.update({
            [this.props.name]: { id: prize.id, display_name: prize.display_name },
        });
    }
}

export const prizeChoiceField = {
    component: PrizeChoiceField,
    displayName: _t("Prizes as cards"),
    supportedTypes: ["many2one"],
    extractProps: (_fieldInfo, dynamicInfo) => ({ domain: dynamicInfo.domain }),
};

registry.category("fields").add("fidelity_prize_choice", prizeChoiceField);
