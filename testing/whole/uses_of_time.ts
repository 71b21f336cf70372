import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Adapter from "../../adapters/node/mod.ts";
import { openEnclaves } from "../../features/enclave/open_enclaves.ts";

/** What of an adapter is used here. */
export type Entry = Pick<typeof Adapter, "openSecrets" | "openCustodian" | "promptSecret">;

/** The entry of the runtime that runs this. */
export async function entryHere(): Promise<typeof Adapter> {
  const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
  return await import(`../../adapters/${runtime}/mod.ts`);
}

/** Everything that waits for a timer or a clock, on the real thing. Each gives what it came to. */
export const USES: Readonly<Record<string, (entry: Entry) => Promise<string>>> = {
  async "a prompt waits for its line"({ openSecrets, promptSecret }) {
    const folder = mkdtempSync(join(tmpdir(), "lethe-timers-"));
    const path = join(folder, "fifo");
    try {
      spawnSync("mkfifo", [path]);
      const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
      spawn("sh", ["-c", 'sleep 0.1; echo "a line" > "$1"', "sh", path], { stdio: "ignore" });
      const line = await promptSecret(openSecrets({ memory: "heap" }), "", { descriptor });
      closeSync(descriptor);
      return `${line.byteLength} bytes`;
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  async "re-keying takes its turns"({ openSecrets }) {
    const secrets = openSecrets({ memory: "heap" });
    const enclaves = Array.from({ length: 3000 }, () =>
      openEnclaves(secrets).seal(secrets.random(32)),
    );
    await openEnclaves(secrets).rekey();
    return `${enclaves[2999]?.expose((bytes) => bytes.length)} bytes`;
  },
  async "a custodian opens, answers and closes"({ openCustodian, openSecrets }) {
    const secrets = openSecrets({ memory: "heap" });
    const custodian = await openCustodian({ secrets });
    await custodian.generate("key", "key", { expires: new Date("2100-01-01"), mayLeave: true });
    const length = await custodian.expose("key", (bytes) => bytes.length);
    const { code } = await custodian.close();
    return `${length} bytes, exit ${code}`;
  },
};

export const ANSWERS: Readonly<Record<string, string>> = {
  "a prompt waits for its line": "6 bytes",
  "re-keying takes its turns": "32 bytes",
  "a custodian opens, answers and closes": "32 bytes, exit 0",
};
