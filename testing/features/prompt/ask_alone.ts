/** Asks for one secret and waits for nothing else, here or in a custodian, and says what came, in hex. */
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { atHand } from "../../built.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

say(`ready ${process.pid}`);
try {
  if (process.argv[2] === "custodian") {
    const custodian = await adapter.openCustodian();
    await custodian.prompt("typed", "password: ", { mayLeave: true });
    await custodian.expose("typed", (bytes) => say(`got ${Buffer.from(bytes).toString("hex")}`));
    await custodian.close();
  } else {
    const secrets = adapter.openSecrets();
    const secret = await adapter.promptSecret(secrets, "password: ");
    secret.expose((bytes) => say(`got ${Buffer.from(bytes).toString("hex")}`));
  }
} catch (error) {
  const { code, name, message } = error as Error & { code?: unknown };
  say(`rejected ${typeof code === "string" ? code : name} ${message}`);
}
