// Run by library_author.environment.test.ts on each runtime of servers: prints what the trial tells.
import process from "node:process";
import { runtimeEntry } from "../../features/key_files/entry.ts";
import { cookieTrial } from "./cookie_trial.ts";

const { openSecrets } = await runtimeEntry();
process.stdout.write(`${JSON.stringify(await cookieTrial(openSecrets))}\n`);
