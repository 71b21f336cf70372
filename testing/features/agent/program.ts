// An application with an agent: program.ts RUNTIME MEMORY [OPTIONS]. It says where the agent is, and serves until it is
// ended; at SIGUSR2 it closes the agent. OPTIONS are those of openAgent() as JSON; with "open" a question stays open until
// its client leaves.
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { atHand } from "../../built.ts";

const [runtime = "node", memory = "auto", json = "{}"] = process.argv.slice(2);
const { open = false, ...options } = JSON.parse(json);
const entry: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const secrets = entry.openSecrets({ memory });
const custodian = await entry.openCustodian({ secrets });
/** A name that both processes hold as a string: what a scan has to find in each. */
await custodian.generate("the witness, in both processes: 4711", "key");
const agent = await entry.openAgent(custodian, {
  secrets,
  confirm: ({ signal }) => (open ? left(signal) : true),
  ...options,
});

function left(signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(true)));
}

process.stdout.write(
  `ready ${process.pid} ${custodian.pid} ${agent.path} ${custodian.report.memory}\n`,
);
process.on("SIGUSR2", async () => {
  await agent.close();
  process.stdout.write("closed\n");
});
