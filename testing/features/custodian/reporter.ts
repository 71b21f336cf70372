/** Opens a custodian, prints its report or the error, and how it ended. */
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { atHand } from "../../built.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const say = (result: object): void => void process.stdout.write(`${JSON.stringify(result)}\n`);

/** With an argument it waits for a line first, so that limits can be set on a process that runs. */
async function begin(): Promise<void> {
  if (process.argv[3] === undefined) return;
  process.stdout.write(`ready ${process.pid}\n`);
  await new Promise((resolve) => process.stdin.once("data", resolve));
}

try {
  const secrets = adapter.openSecrets();
  await begin();
  const custodian = await adapter.openCustodian({
    secrets,
    ...JSON.parse(process.argv[2] ?? "{}"),
  });
  await custodian.generate("key", "key");
  await custodian.hmac("key", new Uint8Array(3));
  const { report } = custodian;
  say({ report, end: await custodian.close() });
} catch (error) {
  const { code, name, message } = error as Error & { readonly code?: string };
  say({ error: { code: code ?? name, message } });
}
process.exit(0);
