import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { derivedNeedle } from "../../conformance/mod.ts";
import {
  Application,
  commandFor,
  expectClean,
  Gates,
  isRunning,
} from "../../testing/features/custodian/stage.ts";
import { INSTALLED, MISSING, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

/** `npm run soak` takes every runtime. */
const EVERYWHERE = INSTALLED.filter((name) => SOAK || name === "node-24");
const SECRET = derivedNeedle(7201, 32);

let gates: Gates | undefined;
let stage: Application | undefined;
afterEach(async () => {
  await stage?.close();
  gates?.remove();
  stage = undefined;
  gates = undefined;
});

async function start(name: string, how: string = ""): Promise<readonly [number, number]> {
  gates = new Gates();
  stage = new Application(
    commandFor(RUNTIMES[name] ?? [], "ends", gates, "auto", '{"input":9}', how),
  );
  const [, application, custodian] = await stage.saw(/step live (\d+) (\d+)/);
  return [Number(application), Number(custodian)];
}

async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; isRunning(pid); ) {
    if (Date.now() > deadline) throw new Error(`The custodian ${pid} did not end`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.skipIf(MISSING !== null).each(EVERYWHERE)("a custodian on %s", (name) => {
  it.each(SOAK ? (["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) : (["SIGTERM"] as const))(
    "that ends by %s rejects every call, the one that waits and the next",
    async (signal) => {
      const [application, custodian] = await start(name);
      process.kill(custodian, signal);
      await stage?.saw(/pending ERR_LETHE_CUSTODIAN/);
      // Deno may not signal itself there: its exit status says the same.
      const number = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: 137 }[signal];
      await stage?.saw(new RegExp(`custodian (${signal}|${number})\\n`));
      await stage?.saw(/later ERR_LETHE_CUSTODIAN/);
      if (signal === "SIGTERM") expectClean(application, [SECRET]);
    },
  );

  it("ends with an application that was killed", async () => {
    const [application, custodian] = await start(name);
    expectClean(custodian, [SECRET]);
    process.kill(application, "SIGKILL");
    await gone(custodian);
  });

  it.runIf(SOAK)(
    "ends with it although it stands still itself: the kernel sees to that",
    async () => {
      const [application, custodian] = await start(name);
      process.kill(custodian, "SIGSTOP");
      process.kill(application, "SIGKILL");
      await gone(custodian);
    },
  );
});

describe.skipIf(MISSING !== null)("a custodian ends with its application", () => {
  it.each(
    (SOAK ? EVERYWHERE : []).flatMap((name): readonly [string, string, number][] => [
      [name, "exit", 7],
      [name, "uncaught", 1],
      [name, "unhandled", 1],
    ]),
  )("on %s by %s, and the status is %i", async (name, how, status) => {
    const [, custodian] = await start(name, how);
    expect((await stage?.ended)?.code).toBe(status);
    await gone(custodian);
  });

  it.each(SOAK ? (["SIGINT", "SIGTERM", "SIGHUP"] as const) : (["SIGTERM"] as const))(
    "by %s",
    async (signal) => {
      const [application, custodian] = await start("node-24");
      process.kill(application, signal);
      expect((await stage?.ended)?.signal).toBe(signal);
      await gone(custodian);
    },
  );
});

describe.skipIf(MISSING !== null).each(SOAK ? EVERYWHERE : ["node-24"])(
  "50 callers on %s",
  (name) => {
    it("lose nothing, mix up nothing, and leave nothing, while one custodian is killed", async () => {
      gates = new Gates();
      const operations = SOAK ? 10_000 : 300;
      stage = new Application(
        commandFor(RUNTIMES[name] ?? [], "crowd", gates, "auto", "{}", String(operations)),
      );
      const [, text = "{}"] = await stage.saw(/crowd (\{.*\}) killed SIGKILL/);
      const { right, wrong, lost, thrown, done } = JSON.parse(text);
      expect([wrong, done, right + lost + thrown]).toEqual([0, operations, operations]);
      // Half of them have the other custodian, and that one dies after a fifth of all.
      expect(lost).toBeGreaterThan(operations / 10);
      expect(right).toBeGreaterThan(operations * 0.35);
      const [, application, custodian] = await stage.saw(/step crowd (\d+) (\d+)/);
      const needles = [20, 33, 49].map((caller) =>
        derivedNeedle(7300 + caller, 1 + caller * 3, `of caller ${caller}`),
      );
      expectClean(Number(application), needles);
      expectClean(Number(custodian), needles);
      gates.open("crowd");
      expect((await stage.ended).code).toBe(0);
    });
  },
);
