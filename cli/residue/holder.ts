/**
 * The program that is looked into: `holder APPROACH`. It tells each step on a line and then blocks,
 * so that the scanner looks at exactly that moment.
 */
import { writeSync } from "node:fs";
import { offHeapBytes } from "../../core/mod.ts";
import { pause, readTyped } from "../pause.ts";
import { LETHE } from "./lethe_lives.ts";
import type { Life } from "./life.ts";
import { PASSWORD_BYTES } from "./password.ts";
import { PLAIN } from "./plain_approaches.ts";

const USES = 5;

function tell(step: string, life: Life): void {
  const helpers = life.helpers?.() ?? [];
  writeSync(1, `${JSON.stringify({ step, memory: life.memory ?? null, helpers })}\n`);
}

/** What a program does beside its password: enough for the collector to run by itself. */
function work(): void {
  const rows = Array.from({ length: 20_000 }, (_, index) => ({ index, text: `row ${index}` }));
  JSON.parse(JSON.stringify(rows));
}

/** What time does to a program: the event loop turns, and everything that can be is collected. */
async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    COLLECTORS.find((collector) => typeof collector === "function")?.(true);
  }
}
const COLLECTORS = [
  (globalThis as { gc?: () => void }).gc,
  (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc,
] as readonly (((force: boolean) => void) | undefined)[];

const [approach = ""] = process.argv.slice(2);
const start = LETHE[approach] ?? PLAIN[approach];
if (start === undefined) throw new RangeError(`No such approach: ${approach}`);
const control = offHeapBytes(PASSWORD_BYTES);
readTyped(control);
const life = await start(new TextDecoder().decode(control));
tell("before", life);
pause();
await life.begin();
for (let count = 0; count < USES; count += 1) {
  await life.use();
  work();
}
tell("live", life);
pause();
const ending = life.end();
if (ending !== undefined) await ending; // no turn for those that need none
tell("ended", life);
pause();
await settle();
tell("later", life);
pause();
control.fill(0); // it has lived until here
process.exit();
