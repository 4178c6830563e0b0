/**
 * Pivot and graph of figures: a sentence above says what they count. "Count" is not offered as a measure, for it would
 * count rolled-up rows, which mean nothing to people.
 */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { GraphController } from "@web/views/graph/graph_controller";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";
import { PivotController } from "@web/views/pivot/pivot_controller";
import { PivotModel } from "@web/views/pivot/pivot_model";
import { pivotView } from "@web/views/pivot/pivot_view";

const SENTENCES = {
    "fidelity.fact.purchase": _t(
        "Paid receipts with a card, returns subtracted, by the clock of the store. Spending is tax included."
    ),
    "fidelity.fact.product": _t(
        "Goods on receipts with a card, what came back subtracted, under the category that each product has now."
    ),
    "fidelity.fact.entry": _t(
        "What came into and went out of members' accounts, moves among members aside. The net figure adds up to the balances."
    ),
};

/** Measures without the number of rows. */
function withoutCount(measures) {
    const { __count, ...others } = measures;
    return others;
}

export class FactPivotModel extends PivotModel {
    async load(searchParams) {
        await super.load(searchParams);
        this.metaData.measures = withoutCount(this.metaData.measures);
    }
}

export class FactPivotController extends PivotController {
    static template = "loyalty_fidelity_bi.FactPivotView";

    get sentence() {
        return SENTENCES[this.props.resModel];
    }
}

export class FactGraphModel extends GraphModel {
    _buildMetaData(params) {
        const metaData = super._buildMetaData(params);
        metaData.measures = withoutCount(metaData.measures);
        return metaData;
    }
}

export class FactGraphController extends GraphController {
    static template = "loyalty_fidelity_bi.FactGraphView";

    get sentence() {
        return SENTENCES[this.props.resModel];
    }
}

registry.category("views").add("fidelity_fact_pivot", { ...pivotView, Controller: FactPivotController, Model: FactPivotModel });
registry.category("views").add("fidelity_fact_graph", { ...graphView, Controller: FactGraphController, Model: FactGraphModel });
