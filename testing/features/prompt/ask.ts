/** Asks for secrets as an application does, and tells at each point where it is. */
import { spawn } from "node:child_process";
import { readSync } from "node:fs";
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import type { SecretBuffer } from "../../../core/mod.ts";
import { atHand } from "../../built.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const [, , scenario = "keep", memory = "auto"] = process.argv;
const secrets = adapter.openSecrets({ memory });
const ask = (text: string, options = {}): Promise<SecretBuffer> =>
  adapter.promptSecret(secrets, text, options);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

let ticks = 0;
const clock = setInterval(() => ticks++, 10);

/** Ordinary memory that a scan has to find: the proof that it sees. */
const witness = new Uint8Array(new ArrayBuffer(64));
deriveInto(7999, witness);

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  /** Three passwords, held, used five times and destroyed; each pause is a prompt of its own. */
  async keep() {
    const held = [await ask("first: "), await ask("second: "), await ask("third: ")];
    say(`held ${process.pid} ${held.map(({ byteLength }) => byteLength).join(" ")}`);
    (await ask("pause: ")).destroy();
    for (let round = 0; round < 5; round++) {
      for (const secret of held) secret.expose((bytes) => bytes.reduce((sum, byte) => sum ^ byte));
    }
    for (const secret of held) secret.destroy();
    say(`gone ${secrets.stats.live} ${witness.length}`);
    (await ask("pause: ")).destroy();
  },
  /** Asks again and again, and tells what came, in hex: these texts are not secrets. */
  async series() {
    for (;;) {
      const before = ticks;
      try {
        const secret = await ask("password: ", { mask: "*", maxBytes: 24 });
        const hex = secret.expose((bytes) => Buffer.from(bytes).toString("hex"));
        say(`got ${hex} ${ticks - before > 5 ? "ticking" : "stalled"}`);
        secret.destroy();
        if (hex === "71756974") return;
      } catch (error) {
        say(`rejected ${(error as { code?: unknown }).code}`);
      }
    }
  },
  async "handles-nothing"() {
    await ask("password: ");
  },
  async wipes() {
    adapter.wipeOnExit(secrets);
    await ask("password: ");
  },
  /** One line of a descriptor, and then what is left there. */
  async line() {
    const descriptor = Number(process.argv[4]);
    const secret = await ask("", { descriptor, maxBytes: 256 });
    const rest = new Uint8Array(64);
    // Deno reads no other inherited descriptor by itself.
    const length = descriptor === 0 ? readSync(0, rest, 0, rest.length, null) : 0;
    say(`rest ${Buffer.from(rest.subarray(0, length)).toString()}`);
    say(`held ${secret.byteLength}`);
    await new Promise((resolve) => setTimeout(resolve, Number(process.argv[5])));
    secret.destroy();
    say(`gone ${witness.length}`);
    await new Promise((resolve) => setTimeout(resolve, Number(process.argv[5])));
  },
  /** Starts a program that asks, kills it while it does, and puts the terminal right. */
  async guards() {
    const { openTerminals } = await import(`../../../adapters/${runtime}/prompt.ts`);
    const restore = openTerminals().remember();
    const parameters = process.argv.slice(4);
    const child = spawn(parameters[0] ?? "", parameters.slice(1), { stdio: "inherit" });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await new Promise((resolve) => process.once("SIGUSR2", resolve));
    child.kill("SIGKILL");
    await ended;
    restore();
  },
  async throws() {
    setTimeout(() => {
      throw new Error("of the application");
    }, 500);
    await ask("password: ");
  },
  async exits() {
    setTimeout(() => process.exit(7), 500);
    await ask("password: ");
  },
  async "deno-exits"() {
    const { Deno } = globalThis as unknown as { Deno: { exit(code: number): void } };
    setTimeout(() => Deno.exit(7), 500);
    await ask("password: ");
  },
  async handles() {
    process.on("SIGTERM", () => say("the application goes on"));
    await ask("password: ");
  },
  async aborts() {
    await ask("password: ", { signal: AbortSignal.timeout(500) });
  },
  async purges() {
    setTimeout(() => secrets.purge(), 500);
    await ask("password: ");
  },
};

say(`ready ${process.pid}`);
try {
  await SCENARIOS[scenario]?.();
} catch (error) {
  const { code, name, message } = error as Error & { code?: unknown };
  say(`rejected ${typeof code === "string" ? code : name} ${message}`);
}
clearInterval(clock);
say(`live ${secrets.stats.live}`);
