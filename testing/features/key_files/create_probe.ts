// Run by disk.test.ts in each runtime: create_probe.ts PATH [read]. Says what creating, or reading, a key
// is answered with.
import process from "node:process";
import { codeOf, entryAtHand } from "./entry.ts";

const [path = "", what = "create"] = process.argv.slice(2);
const { openKeyFiles, openSecrets } = await entryAtHand();
const keys = openKeyFiles(openSecrets(), { onMisuse: "throw" });
const code = codeOf(() =>
  (what === "read" ? keys.read(path, 4096) : keys.createAndRead(path, 4096)).destroy(),
);
process.stdout.write(`${code}\n`);
