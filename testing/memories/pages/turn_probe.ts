// Run by sweep.attack.test.ts in each runtime: turn_probe.ts. It starts itself as three workers, which
// all want the turn to sweep, again and again; says how often two had it at once, and how often anybody had it.
import { openKernel } from "../../../memories/pages/mod.ts";
import { say } from "./runtime.ts";
import { inWorker, startWorker } from "./worker.ts";

const ROUNDS = 1000;
/** Long enough that two who have it at once see each other. */
const LENGTH = 5000;
const WORKERS = 3;

/** How many have the turn, how often it was more than one, and how often anybody had it. */
const [INSIDE, TOGETHER, TURNS] = [0, 1, 2] as const;

const isWorker = await inWorker(async (message) => {
  const counts = new Int32Array(message as SharedArrayBuffer);
  const { runtimeFfi } = await import("./runtime.ts");
  const { sweepTurn } = openKernel(await runtimeFfi());
  for (let round = 0; round < ROUNDS; round++) {
    sweepTurn.run(() => {
      if (Atomics.add(counts, INSIDE, 1) !== 0) Atomics.add(counts, TOGETHER, 1);
      for (let turns = 0; turns < LENGTH; turns++) Atomics.add(counts, TURNS, 1);
      Atomics.sub(counts, INSIDE, 1);
    });
  }
  return "done";
});

if (!isWorker) {
  const counts = new SharedArrayBuffer(12);
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, () => startWorker(import.meta.url)),
  );
  await Promise.all(workers.map(({ answer }) => answer(counts)));
  const [, together, turns] = new Int32Array(counts);
  say({ together, turns: (turns ?? 0) / LENGTH });
  (globalThis as { Deno?: { exit(): never } }).Deno?.exit();
  (globalThis as { process?: { exit(): never } }).process?.exit();
}
