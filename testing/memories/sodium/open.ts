/** Opens secrets as an application of Deno does, and tells what it got. */
import process from "node:process";
import { openSecrets } from "../../../adapters/deno/mod.ts";

const secrets = openSecrets();
secrets.random(32).destroy();
const { memory, passedOver, guarantees } = secrets;
process.stdout.write(`${JSON.stringify({ memory, passedOver, locked: guarantees.locked })}\n`);
