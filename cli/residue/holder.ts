/**
 * The program that is looked into: `holder APPROACH`. It tells each step on a line and then blocks,
 * so that the scanner looks at exactly that moment.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { offHeapBytes } from "../../core/mod.ts";
import { entryHere } from "../entry_here.ts";
import { pause, readTyped } from "../pause.ts";
import { PASSWORD_BYTES } from "./password.ts";
import { type Life, PLAIN } from "./plain_approaches.ts";

const USES = 5;

async function lethe(): Promise<Life & { readonly memory: string }> {
  const secrets = (await entryHere()).openSecrets();
  const secret = secrets.allocate(PASSWORD_BYTES);
  return {
    memory: secrets.memory,
    begin: () => {
      secret.modify(readTyped);
    },
    use: () => {
      const copy = secret.clone();
      if (!copy.equals(secret)) throw new Error("Cannot use password: it changed");
      copy.destroy();
    },
    end: () => secret.destroy(),
  };
}

function tell(step: string, life: Life & { readonly memory?: string }): void {
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
const life = approach === "lethe" ? await lethe() : PLAIN[approach]?.();
if (life === undefined) throw new RangeError(`No such approach: ${approach}`);
const control = offHeapBytes(PASSWORD_BYTES);
readTyped(control);
tell("before", life);
pause();
await life.begin();
for (let count = 0; count < USES; count += 1) {
  await life.use();
  work();
}
tell("live", life);
pause();
life.end();
tell("ended", life);
pause();
await settle();
tell("later", life);
pause();
control.fill(0); // it has lived until here
process.exit();
