import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { derivedNeedle, scanProcess } from "../../../conformance/mod.ts";
import {
  atLastMoment,
  HAS_GDB,
  Leaver,
} from "../../../testing/features/process/shutdown/last_moment.ts";
import { ONE_EACH, SOAK } from "../../../testing/features/prompt/pty.ts";

const onLinux = process.platform === "linux";
const NEEDLE = derivedNeedle(8101, 64, "secret");
const WITNESS = derivedNeedle(8102, 512, "witness");

/** Memory that can be looked into from outside. */
const MEMORY: Readonly<Record<string, string>> = { deno: "pages", bun: "pages" };

/** `npm run soak` looks into all of them at the last moment, `npm test` into one of each kind, each on one runtime. */
const DEEP: Readonly<Record<string, readonly string[]>> = {
  "node-24": ["SIGTERM"],
  bun: ["process.exit"],
};

type Row = readonly [way: string, signal: NodeJS.Signals | null, code: number | null];
const ROWS: readonly Row[] = [
  ["normal", null, 0],
  ["process.exit", null, 7],
  ["Deno.exit", null, 7],
  ["exception", null, 1],
  ["rejection", null, 1],
  ["wait", "SIGTERM", null],
  ["wait", "SIGINT", null],
  ["wait", "SIGHUP", null],
  ["wait", "SIGQUIT", null],
  ["wait", "SIGUSR2", null],
];

/** Of the statuses, those that `npm test` looks at: an end by itself, by a fault, by a signal. */
const DAILY: readonly string[] = ["normal", "exception", "SIGINT"];

function rowsOf(name: string, deep: boolean): readonly Row[] {
  const isDeep = ([way, signal]: Row): boolean =>
    SOAK || DEEP[name]?.includes(signal ?? way) === true;
  const isDaily = ([way, signal]: Row): boolean => deep || DAILY.includes(signal ?? way);
  return ROWS.filter(
    (row) => isDeep(row) === deep && isDaily(row) && (row[0] !== "Deno.exit" || name === "deno"),
  );
}

/** How many copies of the secret are there, in a look that finds the witness. */
function copies(pid: number): number {
  const report = scanProcess(pid, [NEEDLE, WITNESS]);
  if (report.outcome !== "scanned") throw new Error(report.reason);
  // Deno gives its memory back before it ends, so that a part of the witness has to do.
  expect(report.findings.some(({ needle }) => needle === WITNESS.label)).toBe(true);
  return report.findings.filter(({ needle }) => needle === NEEDLE.label).length;
}

let leaver: Leaver | undefined;
afterEach(() => leaver?.kill());

const notRun = HAS_GDB ? "" : "NOT RUN, there is no gdb: ";

const LOOKED_INTO = ONE_EACH.filter((name) => SOAK || Object.hasOwn(DEEP, name));

describe.skipIf(!onLinux || !HAS_GDB).each(LOOKED_INTO)(
  `${notRun}the last moment on %s`,
  (name) => {
    it.each(rowsOf(name, true))("%s %s: nothing is left", async (way, signal, code) => {
      leaver = new Leaver(name, way, "wipe", MEMORY[name] ?? "sodium");
      const pid = await leaver.pid();
      await atLastMoment(
        pid,
        () => (signal === null ? leaver?.go() : process.kill(pid, signal)),
        () => expect(copies(pid)).toBe(0),
      );
      leaver.go();
      const result = await leaver.end();
      expect([result.code, result.signal]).toEqual([code, signal]);
      if (code === 1) expect(result.stderr).toContain("of the application");
    });

    it.runIf(SOAK || name === "bun")("without wipeOnExit the secret is found there", async () => {
      leaver = new Leaver(name, "process.exit", "keep", MEMORY[name] ?? "sodium");
      const pid = await leaver.pid();
      await atLastMoment(
        pid,
        () => leaver?.go(),
        () => expect(copies(pid)).toBe(1),
      );
      expect((await leaver.end()).code).toBe(7);
    });
  },
);

describe.skipIf(!onLinux || SOAK).each(["node-24"])("the status on %s", (name) => {
  it.each(rowsOf(name, false))("after %s %s is what it would have been", async (...row) => {
    const [way, signal, code] = row;
    leaver = new Leaver(name, way, "wipe", "auto");
    const pid = await leaver.pid();
    if (signal === null) leaver.go();
    else process.kill(pid, signal);
    const result = await leaver.end();
    expect([result.code, result.signal]).toEqual([code, signal]);
    if (code === 1) expect(result.stderr).toContain("of the application");
  });
});

describe.skipIf(!onLinux).each(SOAK ? ONE_EACH : ["node-24"])("wiping on exit on %s", (name) => {
  it.each([
    ["leaves them", "wipe", "live 1"],
    ["wipes them, if asked to,", "purge", "live 0"],
  ])("%s at a signal that the application handles", async (_, mode, live) => {
    leaver = new Leaver(name, "handled", mode, "auto");
    const pid = await leaver.pid();
    leaver.go();
    await leaver.said("under way");
    process.kill(pid, "SIGTERM");
    const { code, signal, stdout } = await leaver.end();
    expect([code, signal]).toEqual([5, null]);
    expect(stdout).toContain(live);
  });

  it("does not keep the program from a second signal, nor it from going on", async () => {
    leaver = new Leaver(name, "stubborn", "wipe", "auto");
    const pid = await leaver.pid();
    leaver.go();
    await leaver.said("under way");
    process.kill(pid, "SIGTERM");
    await leaver.said("live 1");
    process.kill(pid, "SIGINT");
    expect((await leaver.end()).signal).toBe("SIGINT");
  });

  it("can be taken back", async () => {
    leaver = new Leaver(name, "removed", "wipe", "auto");
    const pid = await leaver.pid();
    leaver.go();
    await leaver.said("under way");
    process.kill(pid, "SIGTERM");
    const { signal, stdout } = await leaver.end();
    expect([signal, stdout.includes("listeners 0")]).toEqual(["SIGTERM", true]);
  });

  it("happens in a worker that ends, and not to the main thread", async () => {
    leaver = new Leaver(name, "worker", "wipe", "heap");
    await leaver.pid();
    leaver.go();
    const { stdout } = await leaver.end();
    expect(stdout).toContain("live in the worker 0");
    expect(stdout).toContain("worker 0, here 1");
  });

  // Node when it starts, and Deno with its first listener of any signal, make SIGHUP deadly again.
  it.skipIf(name !== "bun")("leaves a signal that is ignored, as by nohup", async () => {
    leaver = new Leaver(name, "wait", "wipe", "auto", ["/bin/sh", "-c", 'trap "" HUP; "$@"', "sh"]);
    const pid = await leaver.pid();
    process.kill(pid, "SIGHUP");
    leaver.go();
    await leaver.said("under way");
    process.kill(pid, "SIGTERM");
    expect((await leaver.end()).code).toBe(143);
  });
});
