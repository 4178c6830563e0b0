/** Codes: how one is written, and whether a text can be one; the mirror of `loyalty_fidelity/rules/code_number.py`. */

import { RuleError } from "./errors.js";

export const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
export const RANDOM_LENGTH = 14;
export const LENGTH = 15;
const GROUP = 5;
const MAX_LENGTH = 64;
const SEPARATORS = " \t\r\n.-_\u00a0\u2010\u2011\u2012\u2013\u2014\u2212";

function allOfAlphabet(characters) {
    return characters.every((character) => ALPHABET.includes(character));
}

/**
 * Compute the check character of 14 characters.
 *
 * @param {string} text
 * @returns {string}
 * @throws {RuleError} `malformed` when it is not 14 characters of the alphabet
 */
export function checkCharacter(text) {
    const characters = typeof text === "string" ? Array.from(text) : [];
    if (characters.length !== RANDOM_LENGTH || !allOfAlphabet(characters)) {
        throw new RuleError("malformed");
    }
    let total = 0;
    characters.forEach((character, place) => {
        total += ALPHABET.indexOf(character) * (place + 2);
    });
    return ALPHABET[total % ALPHABET.length];
}

function upper(character) {
    return character >= "a" && character <= "z" ? character.toUpperCase() : character;
}

/**
 * Bring what was read or typed to the form in which codes are stored: no separators, capital letters.
 *
 * @param {string} raw
 * @returns {string} 15 characters with a right check character
 * @throws {RuleError} `malformed`, `check_digit`
 */
export function normalise(raw) {
    const read = typeof raw === "string" ? Array.from(raw) : [];
    const characters = read.filter((character) => !SEPARATORS.includes(character)).map(upper);
    const wrong = read.length > MAX_LENGTH || characters.length !== LENGTH || !allOfAlphabet(characters);
    const text = characters.join("");
    if (wrong || /^[0-9]+$/.test(text)) {
        throw new RuleError("malformed");
    }
    if (checkCharacter(text.slice(0, RANDOM_LENGTH)) !== text[RANDOM_LENGTH]) {
        throw new RuleError("check_digit");
    }
    return text;
}

/**
 * Tell whether a text can be a code. Never throws.
 *
 * @param {*} raw
 * @returns {boolean}
 */
export function isCode(raw) {
    try {
        normalise(raw);
    } catch (error) {
        if (error instanceof RuleError) {
            return false;
        }
        throw error;
    }
    return true;
}

/**
 * Write a code as people read it, in groups of five.
 *
 * @param {string} code
 * @returns {string}
 */
export function grouped(code) {
    // Whole characters, as on the server.
    const characters = Array.from(code);
    const groups = [];
    for (let start = 0; start < characters.length; start += GROUP) {
        groups.push(characters.slice(start, start + GROUP).join(""));
    }
    return groups.join("-");
}
