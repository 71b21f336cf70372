/** Touches a secret in a way that must kill the process. Surviving is the failure. */
import process from "node:process";
import { openSodiumMemory } from "../../../memories/sodium/mod.ts";

const region = openSodiumMemory().allocate(32);
region.protect("read-write");
const bytes = region.view().fill(0xa5);
const [, , deed, state] = process.argv;
region.protect(state === "exposed" ? "read-only" : "no-access");
process.stdout.write("before\n");
if (deed === "read") process.stdout.write(`${bytes[0]}\n`);
else bytes[31] = 1;
process.stdout.write("survived\n");
