// An application with an agent: program.ts RUNTIME MEMORY. It says where the agent is, and serves until it is ended.
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";

const [runtime = "node", memory = "auto"] = process.argv.slice(2);
const entry: typeof Adapter = await import(`../../../adapters/${runtime}/mod.ts`);
const secrets = entry.openSecrets({ memory });
const custodian = await entry.openCustodian({ secrets });
/** A name that both processes hold as a string: what a scan has to find in each. */
await custodian.generate("the witness, in both processes: 4711", "key");
const agent = await entry.openAgent(custodian, { secrets, confirm: () => true });
process.stdout.write(`ready ${process.pid} ${custodian.pid} ${agent.path}\n`);
process.on("SIGUSR2", () => process.stdout.write(`memory ${process.memoryUsage().rss}\n`));
