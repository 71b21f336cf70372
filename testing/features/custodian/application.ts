/**
 * An application with a custodian. After each step it says where it is, and stands still until the
 * test opens the gate: a file of the step's name in the folder that it was given.
 */

import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import { type CustodianCommand, custodianOpener } from "../../../features/custodian/mod.ts";
import { atHand } from "../../built.ts";
import { load } from "../../load.ts";
import { askLimits, askNames } from "./bounds.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const [, , scenario = "", folder = "", memory = "auto", settings = "{}"] = process.argv;
const { command, place, ...options } = JSON.parse(settings) as Adapter.CustodianOptions & {
  /** Another program than the custodian of this runtime. */
  readonly command?: CustodianCommand;
  /** Of key pairs. */
  readonly place?: Adapter.KeyPlace;
};
const placed = place === undefined ? {} : { place };
/** With a program of its own it puts parts of Lethe together, which have to be of one copy. */
const entry = `adapters/${runtime}/mod.ts`;
const adapter: typeof Adapter = await import(
  command === undefined ? atHand(entry) : `../../../${entry}`
);
const secrets = adapter.openSecrets({ memory });
const pulse = new Int32Array(new SharedArrayBuffer(4));

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Asynchronously, so that what has been written is, and then without a turn of the event loop. */
async function gate(step: string): Promise<void> {
  say(`step ${step} ${process.pid} ${custodian.pid}`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  while (!existsSync(`${folder}/${step}`)) Atomics.wait(pulse, 0, 0, 10);
}

/** An end that takes long, as under load, while the custodian is stopped and goes on. */
function linger(): void {
  process.kill(custodian.pid, "SIGSTOP");
  Atomics.wait(pulse, 0, 0, 200);
  say("lingering");
  process.kill(custodian.pid, "SIGCONT");
  Atomics.wait(pulse, 0, 0, 400);
}

/** A name that both processes hold as a string: what a scan has to find in each. */
const WITNESS = "the witness, in both processes: 4711";

const openCustodian =
  command === undefined
    ? adapter.openCustodian
    : custodianOpener({
        runtime: (await import(`../../../adapters/${runtime}/runtime.ts`)).runtime,
        way: command,
      });
const custodian: Adapter.Custodian = await openCustodian({ secrets, ...options });
await custodian.generate(WITNESS, "key");

async function useFiveTimes(name: string): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await custodian.expose(name, (bytes) => bytes.reduce((sum, byte) => sum ^ byte));
  }
}

async function end(names: readonly string[]): Promise<void> {
  for (const name of names) await useFiveTimes(name);
  await custodian.expose(names[0] ?? "", () => gate("exposed"));
  for (const name of names) await custodian.delete(name);
  await gate("deleted");
  const { code, signal } = await custodian.close();
  secrets[Symbol.dispose]();
  say(`ended ${code ?? signal} live ${secrets.stats.live} ${WITNESS.length}`);
  await gate("closed");
}

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  /** Three passwords typed at the terminal, and a key that a client of an agent adds. */
  async typed() {
    const names = ["first", "second", "third"];
    for (const name of names) await custodian.prompt(name, `${name}: `, { mayLeave: true });
    const agent = await adapter.openAgent(custodian, { secrets });
    say(`agent ${agent.path}`);
    while (agent.keys().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await gate("held");
    await agent.close();
    await end(names);
  },
  /** Many secrets, with long names. */
  async names() {
    await custodian.delete(WITNESS);
    say(`names ${JSON.stringify(await askNames(custodian, Number(process.argv[6])))}`);
  },
  /** As many calls and bytes as there may be. */
  async limits() {
    await custodian.delete(WITNESS);
    say(`limits ${JSON.stringify(await askLimits(custodian))}`);
  },
  /** Three lines from standard input, three from a descriptor, one secret from this process. */
  async handed() {
    const names = ["first", "second", "third"];
    for (const from of ["stdin", "input"] as const) {
      for (const name of names) {
        await custodian.prompt(`${from} ${name}`, "-", { mayLeave: true, from }).catch(fail);
      }
    }
    const secret = secrets.allocate(32);
    secret.modify((bytes) => deriveInto(7201, bytes));
    await custodian.put("put", secret, { mayLeave: true });
    await gate("held");
    await end([...names.flatMap((name) => [`stdin ${name}`, `input ${name}`]), "put"]);
  },
  /** Signs by each type of key and padding, agrees and decrypts, with keys and messages from the folder. */
  async computed() {
    const agreed: string[] = [];
    for (const type of ["p256", "p384", "p521", "x25519", "ed25519", "rsa"] as const) {
      const { secretKey } = adapter.parseKey(secrets, load(`${folder}/${type}.key`));
      await custodian.put(type, secretKey, { type, ...placed });
      if (type !== "x25519") {
        const message = secrets.move(load(`${folder}/signed`));
        const signature = await custodian.sign(type, message);
        writeFileSync(`${folder}/${type}.signature`, signature);
        if (type === "rsa") {
          await custodian.sign(type, message, { padding: "pss" });
          await custodian.sign(type, message, { padding: "pss", hash: "sha512" });
        }
        message.destroy();
      }
      if (type !== "rsa" && type !== "ed25519") {
        agreed.push(`${type} shared`);
        await custodian.agree(type, `${type} shared`, load(`${folder}/${type}.peer`), {
          mayLeave: true,
        });
        if (type !== "p521") {
          // Of 66 bytes nothing is derived there.
          await custodian.derive(
            `${type} shared`,
            `${type} derived`,
            load(`${folder}/${type}.peer`),
          );
        }
      }
    }
    const expected = secrets.move(load(`${folder}/decrypted`));
    for (const hash of ["sha256", "sha512"] as const) {
      const sealed = load(`${folder}/${hash}.sealed`);
      const opened = await custodian.decrypt("rsa", sealed, { hash });
      if (!opened.equals(expected)) fail("another message");
      opened.destroy();
      sealed[9] = (sealed[9] as number) ^ 1;
      const isRefused = (error: { readonly code?: unknown }): boolean =>
        error.code === "ERR_LETHE_FORGED";
      if (!(await custodian.decrypt("rsa", sealed, { hash }).catch(isRefused))) fail("not refused");
    }
    expected.destroy();
    await gate("held");
    for (const type of ["p256", "p384", "p521", "x25519", "ed25519", "rsa"]) {
      await custodian.delete(type);
    }
    await end(agreed);
  },
  /** Holds a secret, and ends in the way of its fifth argument. */
  async ends() {
    const secret = secrets.allocate(32);
    secret.modify((bytes) => deriveInto(7201, bytes));
    await custodian.put("first", secret, { mayLeave: true });
    const pair = secrets.allocate(32);
    pair.modify((bytes) => deriveInto(7202, bytes));
    await custodian.put("pair", pair, { type: "x25519", ...placed });
    const pending = custodian.prompt("second", "never: ", { from: "input" });
    pending.catch(({ code }) => say(`pending ${code}`));
    say(`step live ${process.pid} ${custodian.pid}`);
    custodian.ended.then(({ code, signal }) => {
      say(`custodian ${signal ?? code}`);
      custodian.expose("first", () => undefined).catch(({ code: why }) => say(`later ${why}`));
    });
    if (process.argv[6] === "") setInterval(() => undefined, 1e6);
    if (process.argv[6] === "exit") process.exit(7);
    if (process.argv[6] === "uncaught") throw new Error("of the application");
    if (process.argv[6] === "unhandled") void Promise.reject(new Error("of the application"));
  },
  /** Has the custodian ask at the terminal, and ends meanwhile in the way of its fifth argument. */
  async asks() {
    let ticks = 0;
    setInterval(() => {
      ticks += 1;
      if (ticks === 20) say("ticking");
    }, 10);
    // Before it asks: the signal comes as soon as the question is seen.
    process.once("SIGUSR2", () => {
      if (process.argv[6] === "exits") process.exit(7);
      if (process.argv[6] === "lingers") {
        process.on("exit", linger);
        process.exit(7);
      }
      setTimeout(() => {
        throw new Error("of the application");
      });
    });
    const ask = async (): Promise<void> => {
      await custodian.prompt("first", "password: ", { mayLeave: true });
      await custodian.expose("first", (bytes) =>
        say(`typed ${Buffer.from(bytes).toString("hex")}`),
      );
      await custodian.close();
      process.exit(0);
    };
    // Nobody awaits it: on Bun an exception does not end a program in a top-level await.
    ask().catch(({ code }) => say(`rejected ${code}`));
    say(`asking ${process.pid} ${custodian.pid}`);
  },
  /**
   * Many callers at once, each with secrets of its own, half of them with another custodian that is
   * killed in the middle.
   */
  async crowd() {
    const [callers, operations] = [50, Number(process.argv[6] ?? 2000)];
    const other = await adapter.openCustodian({ secrets, ...options });
    const tally = { right: 0, wrong: 0, lost: 0, done: 0, thrown: 0 };
    const copies = await Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        const secret = secrets.allocate(1 + caller * 3);
        secret.modify((bytes) => deriveInto(7300 + caller, bytes));
        const copy = secret.clone();
        await (caller % 2 === 0 ? custodian : other).put(`${caller}`, secret, { mayLeave: true });
        return copy;
      }),
    );
    const call = async (caller: number, round: number): Promise<void> => {
      const to = caller % 2 === 0 ? custodian : other;
      const copy = copies[caller] as (typeof copies)[number];
      const own = `${caller}`;
      const is = await (round % 4 === 0
        ? to.equals(own, copy)
        : round % 4 === 1
          ? to.expose(own, async (bytes) => {
              await undefined;
              return copy.equals(bytes);
            })
          : round % 4 === 2
            ? to.expose(own, (bytes) => copy.equals(bytes))
            : to.expose(own, (): boolean => {
                throw new RangeError("of the caller");
              }));
      tally[is ? "right" : "wrong"] += 1;
    };
    await Promise.all(
      copies.map(async (_, caller) => {
        for (let round = 0; round < operations / callers; round++) {
          await call(caller, round).catch((error) => {
            if (error instanceof RangeError) tally.thrown += 1;
            else if (error.code === "ERR_LETHE_CUSTODIAN") tally.lost += 1;
            else tally.wrong += 1;
          });
          tally.done += 1;
          if (tally.done === operations / 5) process.kill(other.pid, "SIGKILL");
        }
      }),
    );
    for (const copy of copies) copy.destroy();
    say(`crowd ${JSON.stringify(tally)} killed ${(await other.ended).signal}`);
    await gate("crowd");
    await custodian.close();
  },
};

function fail(error: unknown): never {
  say(`failed ${String(error)}`);
  throw error;
}

await SCENARIOS[scenario]?.();
