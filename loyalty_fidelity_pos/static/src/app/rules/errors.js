/** The one error that a rule raises; the mirror of `loyalty_fidelity/rules/errors.py`. */

export class RuleError extends Error {
    /**
     * @param {string} code short and stable, in snake case; the same as in Python
     * @param {Object} [details] what a developer wants to see; never a whole card number
     */
    constructor(code, details = {}) {
        const shown = Object.entries(details).map(([name, value]) => `${name}=${value}`);
        super(shown.length ? `${code} (${shown.join(", ")})` : code);
        this.name = "RuleError";
        this.code = code;
        this.details = details;
    }
}
