const VERSION = 1;

/**
 * @param {string|false} text
 * @returns {Object|null} the object that the text writes; null for anything else
 */
export function readJson(text) {
    if (!text || typeof text !== "string") {
        return null;
    }
    try {
        const value = JSON.parse(text);
        return value && typeof value === "object" && !Array.isArray(value) ? value : null;
    } catch (error) {
        if (error instanceof SyntaxError) {
            return null;
        }
        throw error;
    }
}

/** @returns {string} the text of an object, with the version of its shape */
export function writeJson(value) {
    return JSON.stringify({ v: VERSION, ...value });
}
