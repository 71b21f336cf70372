import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import { openSecrets, promptSecret } from "../../adapters/node/mod.ts";

it.skipIf(process.platform !== "linux")(
  "a prompt that is aborted while it waits for another one rejects at once, and keeps nobody waiting",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "lethe-queue-"));
    const path = join(folder, "fifo");
    spawnSync("mkfifo", [path]);
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      const secrets = openSecrets({ memory: "heap" });
      const controller = new AbortController();
      const first = promptSecret(secrets, "", { descriptor });
      const early = promptSecret(secrets, "", { descriptor, signal: AbortSignal.abort("early") });
      const late = promptSecret(secrets, "", { descriptor, signal: controller.signal });
      const last = promptSecret(secrets, "", { descriptor });
      await expect(early).rejects.toBe("early");
      controller.abort("late");
      await expect(late).rejects.toBe("late");
      writeSync(descriptor, "one\nthree\n");
      expect([(await first).byteLength, (await last).byteLength]).toEqual([3, 5]);
      secrets.purge();
    } finally {
      closeSync(descriptor);
      rmSync(folder, { recursive: true });
    }
  },
);
