/** Uses the features that are named, one after another, and says how each came out. */
import process from "node:process";
import { openKernelKeyring } from "../../adapters/deno/doors/keyrings.ts";
import { watchDirectory } from "../../adapters/deno/doors/rotation.ts";
import {
  hardenProcess,
  landingOf,
  openAgent,
  openCrypto,
  openCustodian,
  openExecSource,
  openKeyFiles,
  openSecrets,
  promptSecret,
  readSecret,
  wipeOnExit,
} from "../../adapters/deno/mod.ts";
import { openEtcdStore } from "../../features/stores/mod.ts";

const [, , names = "", folder = ""] = process.argv;
const secrets = openSecrets();
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function read(reference: string): Promise<number> {
  const secret = await readSecret(secrets, reference);
  return secret.byteLength;
}

/** Each gives what it came to. */
const FEATURES: Readonly<Record<string, () => unknown>> = {
  openSecrets: () => openSecrets().memory,
  'openSecrets, memory: "sodium"': () => openSecrets({ memory: "sodium" }).memory,
  openCrypto: () => openCrypto(secrets).engine,
  openKeyFiles() {
    const keys = openKeyFiles(secrets);
    keys.create(`${folder}/key`, 32);
    keys.read(`${folder}/key`, 32).destroy();
    keys.remove(`${folder}/key`);
    return "key";
  },
  hardenProcess: () =>
    Object.entries(hardenProcess())
      .map(([name, { outcome }]) => `${name} ${outcome}`)
      .join(", "),
  wipeOnExit: () => typeof wipeOnExit(secrets),
  async openCustodian() {
    const custodian = await openCustodian();
    const { memory } = custodian.report;
    await custodian.close();
    return memory;
  },
  async "custodian.prompt"() {
    const custodian = await openCustodian();
    await custodian.prompt("typed", "type here> ", { mayLeave: true });
    const typed = await custodian.expose("typed", ({ length }) => length);
    await custodian.close();
    return typed;
  },
  "readSecret, file:": () => read(`file:${folder}/token`),
  "readSecret, exec:": () => read("exec:/bin/echo a token"),
  /** Not in the table: a program that has to be ended. */
  async late() {
    const programs = openExecSource({ timeout: 300 });
    const land = secrets.land.bind(secrets);
    return await programs.read("/bin/sleep 60", { land }).then(() => "read");
  },
  "readSecret, env:": () => read("env:LETHE_TOKEN"),
  async watchDirectory() {
    const stop = new AbortController();
    await watchDirectory(folder)(() => undefined, stop.signal);
    stop.abort();
    return "watched";
  },
  async openKernelKeyring() {
    const keyring = openKernelKeyring({ keyring: "process" });
    keyring.add("lethe-token", secrets.random(8));
    const record = await keyring.read("lethe-token", { land: landingOf(secrets) });
    return record.field().byteLength;
  },
  async openEtcdStore() {
    const store = openEtcdStore({ endpoints: ["http://127.0.0.1:2379"], timeout: 5000 });
    const error: unknown = await store.read("db").catch((reason: unknown) => reason);
    const code = (error as { code?: unknown } | null)?.code ?? "answered";
    if (code === "ERR_LETHE_STORE_DENIED") throw error;
    return code;
  },
  async openAgent() {
    const custodian = await openCustodian();
    try {
      const agent = await openAgent(custodian);
      await agent.close();
      return JSON.stringify(agent.report.peer);
    } finally {
      await custodian.close();
    }
  },
  /** It ends the process. */
  misuse() {
    const secret = openSecrets({ onMisuse: "crash" }).random(32).freeze();
    secret.modify((bytes) => bytes.fill(0));
  },
  async promptSecret() {
    const secret = await promptSecret(secrets, "type here> ");
    return secret.byteLength;
  },
};

for (const name of names.split(";")) {
  try {
    say(`${name}: done, ${await FEATURES[name]?.()}`);
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    say(`${name}: ${code} ${message}`);
  }
}
say("over");
