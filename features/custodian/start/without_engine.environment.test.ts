import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcomeOf } from "../../../testing/cli/lethe.ts";
import { installLethe } from "../../../testing/features/custodian/installed.ts";
import { MISSING, ONE_EACH, RUNTIMES, SOAK } from "../../../testing/features/prompt/pty.ts";

const PROGRAM = `import { generateKeyPairSync } from "node:crypto";
import { openSecrets } from "lethe";
import { openCustodian } from "lethe/custodian";
import { parseKey } from "lethe/keys";
import { nobleEngine } from "lethe/noble";
const heap = (options) => openSecrets({ memory: "heap", ...options });
const key = () =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" });
const noble = heap({ engine: nobleEngine() });
for (const open of [
  () => openCustodian({ secrets: heap() }),
  () => openCustodian({ secrets: noble }),
  () => parseKey(heap(), key()),
  () => parseKey(noble, key()),
]) {
  try {
    await open();
    console.log("done");
  } catch ({ code, message }) {
    console.log(code, message.replaceAll("\\n", " "));
  }
}
`;

let project = "";
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "lethe-without-engine-"));
  installLethe(project, ["@noble"]);
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  writeFileSync(join(project, "main.mjs"), PROGRAM);
});
afterAll(() => rmSync(project, { recursive: true }));

const RUN_HERE = SOAK ? ONE_EACH : ["node-24"];

describe.skipIf(MISSING !== null)("without sodium-native", { timeout: 60_000 }, () => {
  it.each(RUN_HERE)("on %s, an error names what this caller can do", (runtime) => {
    const command = [...(RUNTIMES[runtime] ?? []), join(project, "main.mjs")];
    const { stdout } = outcomeOf(command, { cwd: project });
    const [here, there, secrets, done] = stdout.trim().split("\n");
    expect(here).toMatch(
      /^ERR_LETHE_UNAVAILABLE Cannot open custodian: \S+ has no engine for it; make one of these available; no other can be passed .*npm install sodium-native/,
    );
    expect(there).toMatch(
      /^ERR_LETHE_CUSTODIAN Cannot start custodian: .*Cannot open custodian: .*npm install sodium-native/,
    );
    expect(secrets).toMatch(
      /^ERR_LETHE_UNAVAILABLE .*, or in a program pass one to openSecrets as the option engine: /,
    );
    expect(done).toBe("done");
  });
});
