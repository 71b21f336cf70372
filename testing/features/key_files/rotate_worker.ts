// Run by one_writer.attack.test.ts in each runtime, many at once: rotate_worker.ts DIRECTORY NAME COUNT
// [keep]. Rotates DIRECTORY/key, and writes what it was told to DIRECTORY.log: `begin NAME`, then
// `PREVIOUS CURRENT NAME` in hex; test keys of nobody.
import { appendFileSync, renameSync } from "node:fs";
import process from "node:process";
import type { SecretBuffer } from "../../../core/mod.ts";
import { entryAtHand } from "./entry.ts";

const [directory = "", name = "", count = "", keep] = process.argv.slice(2);
const { openKeyFiles, openSecrets } = await entryAtHand();
const secrets = openSecrets({ memory: "heap" });
const keys = openKeyFiles(secrets, { onMisuse: "throw", wait: 120_000 });
const path = `${directory}/key`;
const log = (line: string): void => appendFileSync(`${directory}.log`, `${line}\n`);
const hex = (secret: SecretBuffer): string =>
  secret.expose((bytes) => Buffer.from(bytes).toString("hex"));

for (let done = 0; done < Number(count); done++) {
  log(`begin ${name}`);
  try {
    const { previous, current } = keys.rotate(path, 32, { keepPrevious: keep === "keep" });
    log(`${hex(previous)} ${hex(current)} ${name}`);
    keys.destroy([previous, current]);
    if (keep === "keep") putAway();
  } catch (error) {
    const { code } = error as { code?: string };
    // Another one was told its key and has not put the old one away yet, or was killed: whoever finds it does.
    if (code !== "ERR_LETHE_KEY_EXISTS") throw error;
    putAway();
  }
}

/** Whatever is there now, and nothing of it is lost: a removal could hit a later one than was seen. */
function putAway(): void {
  try {
    renameSync(`${path}.previous`, `${path}.kept-${crypto.randomUUID()}`);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
  }
}
