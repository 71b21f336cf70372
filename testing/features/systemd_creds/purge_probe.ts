// Run by faulty_programs.test.ts: purge_probe.ts PROGRAM. Secrets of a program that crashes on misuse are purged while the program runs.

import process from "node:process";
import { openSecrets } from "../../../adapters/node/mod.ts";
import { useSystemdCreds } from "../../../adapters/node/systemd_creds.ts";

const secrets = openSecrets({ memory: "heap", onMisuse: "crash" });
const program = process.argv[2] ?? "";
const wrapper = useSystemdCreds(secrets, { name: "backup", key: "host", program });
const wrapping = Promise.resolve(wrapper.wrap(secrets.random(16)));
setTimeout(() => secrets.purge(), 100);
try {
  await wrapping;
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}\n`);
}
