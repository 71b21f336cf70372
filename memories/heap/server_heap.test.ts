import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, it } from "vitest";

it("takes its random bytes from the system, also when a function of node:fs was patched later", () => {
  const program = `
    import { openSecrets } from ${JSON.stringify(new URL("../../adapters/node/mod.ts", import.meta.url))};
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    fs.readSync = (descriptor, bytes, at, length) => { bytes.fill(7); return length; };
    syncBuiltinESMExports();
    const secret = openSecrets({ memory: "heap" }).random(32);
    console.log(secret.expose((bytes) => new Set(bytes).size) > 8);`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--no-warnings", "--input-type=module", "--eval", program],
    { encoding: "utf8" },
  );
  expect([stdout, stderr]).toEqual(["true\n", ""]);
});
