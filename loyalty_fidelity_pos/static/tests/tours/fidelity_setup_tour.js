import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const recipe = (name) => `.o_fidelity_recipe:contains(${name})`;
const example = (text) => ({
    content: `the example says: ${text}`,
    trigger: `.o_fidelity_example:contains(${text})`,
});
const field = (name) => `.o_field_widget[name=${name}] input:visible`;

tours.add("loyalty_fidelity_pos.guided_setup", {
    steps: () => [
        { trigger: recipe("Supermarket points"), run: "click" },
        example("gets 4 points"),
        {
            content: "The example follows while one types, and the text stays as it is typed",
            trigger: field("step_amount"),
            run: "fill 2",
        },
        example("gets 23 points"),
        {
            trigger: field("step_amount"),
            run({ anchor }) {
                if (anchor.value !== "2" || anchor !== document.activeElement) {
                    throw new Error(`What was typed became "${anchor.value}"`);
                }
            },
        },
        { content: "Nonsense is told at once", trigger: field("points"), run: "fill 0" },
        example("Enter a number of points"),
        { trigger: ".o_fidelity_steps button:contains(Continue)", run: "click" },
        { trigger: ".modal:contains(Points:) button:contains(Close)", run: "click" },
        { trigger: field("points"), run: "edit 3" },
        example("gets 69 points"),
        { trigger: ".o_fidelity_steps button:contains(Continue)", run: "click" },
        { trigger: field("card_count"), run: "edit 5" },
        { trigger: ".o_fidelity_steps button:contains(Continue)", run: "click" },
        { trigger: ".o_fidelity_summary:contains(5 cards)" },
        { content: "Back and forth, nothing is lost", trigger: ".o_fidelity_steps button:contains(Back)", run: "click" },
        { trigger: `.o_field_widget[name=card_count]:visible` },
        { trigger: ".o_fidelity_steps button:contains(Continue)", run: "click" },
        { trigger: ".o_fidelity_steps button:contains(Create and publish)", run: "click" },
        { content: "It is there again after a visit elsewhere", trigger: recipe("Print or order"), run: "click" },
        { trigger: ".o_list_view:contains(Not given out)" },
        { trigger: ".o_breadcrumb a, .o_breadcrumb .o_back_button", run: "click" },
        { trigger: recipe("Try a basket"), run: "click" },
        { trigger: ".o_fidelity_panel:contains(69)" },
    ],
});
