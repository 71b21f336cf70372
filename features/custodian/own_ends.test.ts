import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { derivedNeedle } from "../../conformance/mod.ts";
import { faultyCommand } from "../../testing/features/custodian/faulty.ts";
import {
  Application,
  commandFor,
  Gates,
  scanned,
  WITNESS,
} from "../../testing/features/custodian/stage.ts";
import { atLastMoment, HAS_GDB } from "../../testing/features/process/shutdown/last_moment.ts";
import { INSTALLED, MISSING, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import { password } from "../../testing/features/prompt/typed.ts";

/** What a prompt has read of a line whose end has not come: the one secret that is not sealed. */
const HALF = { label: "half a line", bytes: password("ascii") };
const HELD = derivedNeedle(7201, 32, "held");
/** A key pair, which Node has in the secure heap, open. */
const PAIR = derivedNeedle(7202, 32, "pair");

type Row = readonly [way: string, signal: NodeJS.Signals, status: RegExp];
const ROWS: readonly Row[] = [
  ["uncaught", "SIGUSR2", /custodian 70\n/],
  ["unhandled", "SIGUSR2", /custodian 70\n/],
  // Where a runtime may not signal itself, its exit status says the same.
  ["by the signal", "SIGTERM", /custodian (SIGTERM|143)\n/],
  ["by the signal", "SIGINT", /custodian (SIGINT|130)\n/],
  ["by the signal", "SIGHUP", /custodian (SIGHUP|129)\n/],
  ["by the signal", "SIGQUIT", /custodian (SIGQUIT|131)\n/],
];

let gates: Gates | undefined;
let stage: Application | undefined;
afterEach(async () => {
  await stage?.close();
  gates?.remove();
  stage = undefined;
  gates = undefined;
});

/** An application on Node with such a custodian, which holds a secret and a key pair, and has read half a line. */
async function start(name: string, fault: string): Promise<readonly [number, number]> {
  gates = new Gates();
  const isNode = name.startsWith("node");
  const place = isNode ? "secure heap" : "vault";
  const settings = JSON.stringify({ input: 9, place, command: faultyCommand(name, fault) });
  const command = commandFor(RUNTIMES["node-24"] ?? [], "ends", gates, "sodium", settings, "");
  stage = new Application(command, HALF.bytes);
  const [, application, custodian] = await stage.saw(/step live (\d+) (\d+)/);
  await expect.poll(() => copies(Number(custodian)), { timeout: 20_000 }).toBe(isNode ? 2 : 1);
  return [Number(application), Number(custodian)];
}

/** How many copies of its secrets a look finds that also finds the witness. */
function copies(pid: number): number {
  const { findings } = scanned(pid, [HALF, HELD, PAIR, WITNESS]);
  expect(findings.some(({ needle }) => needle === WITNESS.label)).toBe(true);
  return findings.filter(({ needle }) => needle !== WITNESS.label).length;
}

const notRun = HAS_GDB ? "" : "NOT RUN, there is no gdb: ";

describe
  .skipIf(MISSING !== null || !HAS_GDB)
  .each(INSTALLED.filter((name) => SOAK || name === "node-24"))(
  `${notRun}the last moment of a custodian on %s`,
  (name) => {
    it.each(SOAK ? ROWS : [])("%s, %s: nothing is left", async (way, signal, status) => {
      const [, custodian] = await start(name, way);
      await atLastMoment(
        custodian,
        () => process.kill(custodian, signal),
        () => expect(copies(custodian)).toBe(0),
      );
      await stage?.saw(/pending ERR_LETHE_CUSTODIAN/);
      await stage?.saw(status);
      await stage?.saw(/later ERR_LETHE_CUSTODIAN/);
      expect(stage?.text).not.toContain("of the custodian");
    });

    it("after its application was killed: nothing is left", async () => {
      const [application, custodian] = await start(name, "");
      await atLastMoment(
        custodian,
        () => process.kill(application, "SIGKILL"),
        () => expect(copies(custodian)).toBe(0),
      );
    });
  },
);
