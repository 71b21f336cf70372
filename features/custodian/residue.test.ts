import { Buffer } from "node:buffer";
import { afterEach, describe, expect, it } from "vitest";
import { derivedNeedle, type Needle } from "../../conformance/mod.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { ClientKey } from "../../testing/features/agent/keys.ts";
import { putKeys } from "../../testing/features/custodian/computed_needles.ts";
import {
  Application,
  commandFor,
  expectClean,
  Gates,
  isRunning,
  scanned,
  WITNESS,
} from "../../testing/features/custodian/stage.ts";
import { INSTALLED, MISSING, Pty, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { type Kind, password } from "../../testing/features/prompt/typed.ts";
import { SOAK } from "../../testing/tier.ts";

const KINDS: readonly Kind[] = ["ascii", "unicode", "paste"];
const TYPED: readonly Needle[] = KINDS.map((kind) => ({ label: kind, bytes: password(kind) }));

/** The same passwords without a terminal. */
const LINES = Buffer.concat(TYPED.flatMap(({ bytes }) => [bytes, Buffer.from("\n")]));

/** Closed at rest, and yet to be looked into from outside: so that copies can be counted. */
const MEMORY: Readonly<Record<string, string>> = { deno: "pages", bun: "pages" };

interface Shown {
  saw(pattern: RegExp): Promise<RegExpExecArray>;
}

let gates: Gates | undefined;
let stage: { close(): Promise<void> } | undefined;
afterEach(async () => {
  await stage?.close();
  gates?.remove();
  stage = undefined;
  gates = undefined;
});

/** Walks an application through its life, and looks into both processes at each step. */
async function follow(shown: Shown, opened: Gates, needles: readonly Needle[]): Promise<void> {
  const step = async (name: string): Promise<readonly [number, number]> => {
    const [, mine, its] = await shown.saw(new RegExp(`step ${name} (\\d+) (\\d+)`));
    await new Promise((resolve) => setTimeout(resolve, 100));
    return [Number(mine), Number(its)];
  };
  const [application, custodian] = await step("held");
  // Sealed at rest: found nowhere, in no encoding, while the custodian holds all of them.
  expectClean(application, needles);
  expectClean(custodian, needles);
  opened.open("held");

  // The control: one of them is open in the application, once, in locked memory, and nowhere else.
  await step("exposed");
  const { findings } = scanned(application, [...needles, WITNESS]);
  const [first, ...others] = needles;
  const live = findings.filter(({ needle }) => needle === first?.label);
  expect(
    live.map(({ encoding, complete, mapping }) => [encoding, complete, mapping.flags]),
  ).toEqual([["raw", true, expect.arrayContaining(["lo", "dd"])]]);
  for (const { label } of others) {
    expect(findings.filter(({ needle }) => needle === label)).toEqual([]);
  }
  expectClean(custodian, needles);
  opened.open("exposed");

  await step("deleted");
  expectClean(application, needles);
  expectClean(custodian, needles);
  opened.open("deleted");

  await step("closed");
  await shown.saw(/ended 0 live 0/);
  expect(isRunning(custodian)).toBe(false);
  expectClean(application, needles);
  opened.open("closed");
}

describe.skipIf(MISSING !== null).each(SOAK ? INSTALLED : ["node-24"])("on %s", (name) => {
  const runtime = RUNTIMES[name] ?? [];
  const memory = MEMORY[name] ?? "sodium";

  it("passwords typed into the custodian, and a key given to its agent, leave no copy in either process", async () => {
    gates = new Gates();
    const pty = new Pty(commandFor(runtime, "typed", gates, memory));
    stage = pty;
    for (const [index, kind] of KINDS.entries()) {
      await pty.saw([/first: /, /second: /, /third: /][index] as RegExp);
      await new Promise((resolve) => setTimeout(resolve, 150));
      pty.typePassword(kind);
      await new Promise((resolve) => setTimeout(resolve, 150));
      pty.type("\r");
    }
    const key = new ClientKey();
    const [, socket = ""] = await pty.saw(/agent (\S+)/);
    const client = await AgentClient.open(socket);
    expect(await client.ask(key.adding)).toBe(6);
    await follow(pty, gates, [...TYPED, { label: "key of the agent", bytes: key.seed }]);
    client.end();
    for (const { bytes } of TYPED) {
      expect(pty.text).not.toContain(new TextDecoder().decode(bytes.subarray(0, 8)));
    }
  });
});

describe.skipIf(MISSING !== null || !SOAK).each(INSTALLED)("without a terminal on %s", (name) => {
  it("the same from pipes, and a secret from the application, leave none either", async () => {
    gates = new Gates();
    const memory = MEMORY[name] ?? "sodium";
    // What Node gives a child as a pipe is a socket; cat makes it one.
    const shell = ["/bin/sh", "-c", 'cat | "$@"', "sh"];
    const command = commandFor(RUNTIMES[name] ?? [], "handed", gates, memory, '{"input":9}');
    const application = new Application([...shell, ...command], LINES);
    stage = application;
    application.child.stdin?.write(LINES);
    await follow(application, gates, [...TYPED, derivedNeedle(7201, 32, "put")]);
  });
});

/** One of each kind, since an installed Node of another version runs the same code. */
const KINDS_OF_RUNTIME = ["node-24", "deno", "bun"].filter((name) => INSTALLED.includes(name));

describe.skipIf(process.platform !== "linux" || !SOAK).each(KINDS_OF_RUNTIME)(
  "computing on %s",
  (name) => {
    it("keys that sign by PKCS#1, PSS and ECDSA, agree and decrypt OAEP leave none in either process, nor what they made", async () => {
      gates = new Gates();
      const needles = putKeys(gates.folder);
      const memory = MEMORY[name] ?? "sodium";
      const command = commandFor(RUNTIMES[name] ?? [], "computed", gates, memory);
      const application = new Application(command);
      stage = application;
      await follow(application, gates, needles);
    });
  },
);
