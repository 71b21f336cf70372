import { afterEach, describe, expect, it } from "vitest";
import { Application, commandFor, Gates } from "../../testing/features/custodian/stage.ts";
import { ONE_EACH, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";

let gates: Gates | undefined;
let stage: Application | undefined;
afterEach(async () => {
  await stage?.close();
  gates?.remove();
});

/** `npm run soak` takes every runtime, and as many secrets as a custodian holds. */
const RUNS = (SOAK ? ONE_EACH : ["node-24"]).flatMap((name): [string, number][] => [
  [name, 300],
  ...(SOAK ? [[name, 100_000] as [string, number]] : []),
]);

describe.each(RUNS)("on %s, with %i secrets", (name, count) => {
  it("no answer is too large, and a call that fails fails alone", async () => {
    gates = new Gates();
    const command = commandFor(RUNTIMES[name] ?? [], "names", gates, "auto", "{}", String(count));
    stage = new Application(command);
    const [, text = ""] = await stage.saw(/names (\{.*\})/, 300_000);
    expect(JSON.parse(text)).toEqual({
      count,
      named: 100,
      all: count,
      inOrder: true,
      full: count === 100_000 ? "ERR_LETHE_EXHAUSTED" : null,
      important: 32,
      deleted: count / 2,
    });
    expect((await stage.ended).code).toBe(0);
  }, 400_000);
});

describe.skipIf(!SOAK).each(ONE_EACH)("on %s", (name) => {
  it("a limit refuses what is beyond it, and ends nothing", async () => {
    gates = new Gates();
    stage = new Application(commandFor(RUNTIMES[name] ?? [], "limits", gates, "auto"));
    const [, text = ""] = await stage.saw(/limits (\{.*\})/, 300_000);
    expect(JSON.parse(text)).toEqual({
      refused: Array(4).fill("ERR_LETHE_EXHAUSTED"),
      full: "ERR_LETHE_EXHAUSTED",
      again: "done",
      count: 4097,
    });
  }, 400_000);
});
