/**
 * Fakes every timer, also those of `node:timers`, before Lethe is loaded, and then uses Lethe. Prints what
 * each use came to.
 *
 *     faked_first.ts numbers|node
 *
 * "numbers": by functions that never call, and give numbers as a page's do. "node": by those of node:test.
 */
import { createRequire, syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { entryHere, USES } from "./uses_of_time.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const require = createRequire(import.meta.url);
setTimeout(() => {
  say("it hangs");
  process.exit(1);
}, 30_000);

if (process.argv[2] === "node") require("node:test").mock.timers.enable();
else {
  for (const name of ["Timeout", "Interval", "Immediate"]) {
    const fakes = { [`set${name}`]: () => 1, [`clear${name}`]: () => undefined };
    Object.assign(globalThis, fakes);
    Object.assign(require("node:timers"), fakes);
  }
}
// Without it Bun itself hears nothing of a child.
if (!("Bun" in globalThis)) process.nextTick = () => undefined;
syncBuiltinESMExports();

const entry = await entryHere();
for (const [name, use] of Object.entries(USES)) say(`${name}: ${await use(entry)}`);
process.exit(0);
