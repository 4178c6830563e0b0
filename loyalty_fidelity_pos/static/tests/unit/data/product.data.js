import { ProductProduct } from "@point_of_sale/../tests/unit/data/product_product.data";
import { ProductTemplate } from "@point_of_sale/../tests/unit/data/product_template.data";

/** The product of amount lines, as the addon's data make it. */
export const DISCOUNT_PRODUCT = 9100;

const template = ProductTemplate._records.find(({ id }) => id === 5);
const discountTemplate = {
    ...template,
    id: DISCOUNT_PRODUCT,
    name: "Loyalty discount",
    display_name: "Loyalty discount",
    type: "service",
    list_price: 0,
    taxes_id: [],
    pos_categ_ids: [],
    available_in_pos: false,
    product_variant_ids: [DISCOUNT_PRODUCT],
};
ProductTemplate._records = [...ProductTemplate._records, discountTemplate];

const variant = ProductProduct._records.find(({ id }) => id === 5);
const discountVariant = {
    ...variant,
    id: DISCOUNT_PRODUCT,
    product_tmpl_id: DISCOUNT_PRODUCT,
    display_name: "Loyalty discount",
    lst_price: 0,
    barcode: false,
};
ProductProduct._records = [...ProductProduct._records, discountVariant];
