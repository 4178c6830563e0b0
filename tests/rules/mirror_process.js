/** `node mirror_process.js <mirror's folder>` answers one JSON call per line of standard input with a line of JSON. */

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { loadKernel } from "./kernel_calls.js";

const answer = await loadKernel(pathToFileURL(process.argv[2] + "/"));
// JSON writes -0 as 0, which would hide it.
const showMinusZero = (_key, value) => (Object.is(value, -0) ? "-0" : value);
for await (const line of createInterface({ input: process.stdin })) {
    if (!process.stdout.write(JSON.stringify(answer(JSON.parse(line)), showMinusZero) + "\n")) {
        await new Promise((resolve) => process.stdout.once("drain", resolve));
    }
}
