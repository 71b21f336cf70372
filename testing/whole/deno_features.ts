/** Uses the features that are named, one after another, and says how each came out. */
import process from "node:process";
import {
  hardenProcess,
  openCrypto,
  openCustodian,
  openKeyFiles,
  openSecrets,
  promptSecret,
  wipeOnExit,
} from "../../adapters/deno/mod.ts";

const [, , names = "", folder = ""] = process.argv;
const secrets = openSecrets();
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Each gives what it has come to, and throws when it cannot be had. */
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
