import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { type Needle, scanProcess } from "../../conformance/mod.ts";
import { Tracer } from "../../conformance/tracer/tracer.ts";
import { parseKey } from "../../features/keys/mod.ts";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../../testing/cli/lethe.ts";
import { Tools } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";

// `lethe key convert` when its last instruction is done and its memory is still there.

const tools = new Tools();
const secrets = openSecrets();
afterAll(() => {
  tools.remove();
  secrets.purge();
});
const FORMS = SOAK ? ["openssh", "pkcs8-pem", "jwk", "seed"] : ["openssh"];
const missing =
  process.platform === "linux" &&
  process.arch === "x64" &&
  spawnSync("cc", ["--version"]).error === undefined
    ? ""
    : " (did not run: no C compiler for the tracer)";

describe.skipIf(missing !== "").each(CLI_RUNTIMES)(`lethe key on %s${missing}`, (runtime) => {
  it.each(FORMS)("leaves no key and no passphrase after convert to %s", async (form) => {
    // OpenSSL and this test's own helpers have words like "pass phrase" as constants.
    const phrase = randomBytes(16).toString("hex");
    const file = `${tools.put("")}.made`;
    tools.run("ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", phrase, "-f", file);
    const bytes = Uint8Array.from(readFileSync(file));
    const passphrase = secrets.move(new TextEncoder().encode(phrase));
    const { secretKey } = parseKey(secrets, bytes.slice(), { passphrase });
    const seed = secretKey.expose((pair) => pair.slice(0, 32));
    const control = "a-long-name-in-the-command-line";
    const needles: readonly Needle[] = [
      { label: "seed", bytes: seed },
      { label: "passphrase", bytes: new TextEncoder().encode(phrase) },
      { label: "control", bytes: new TextEncoder().encode(control) },
    ];
    const out = `${tools.put("")}.${control}`;
    const [program = "", ...words] = lethe(runtime, "key", "convert", "-");
    const ways = ["--passphrase-fd", "3", "--to", form, "--plain", "--out", out];
    const descriptor = openSync(tools.put(`${phrase}\n`), "r");
    const child = spawn(program, [...words, ...ways], {
      env: plainEnvironment(),
      stdio: ["pipe", "ignore", "inherit", descriptor],
    });
    closeSync(descriptor);
    const report = await new Tracer(child.pid as number).atExit(
      () => child.stdin?.end(bytes),
      async () => scanProcess(child.pid as number, needles, { pause: false, fragmentBytes: 8 }),
    );
    if (report.outcome !== "scanned") throw new Error(report.reason);
    const labels = report.findings.map(({ needle }) => needle);
    expect(labels).toContain("control");
    expect(labels.filter((label) => label !== "control")).toEqual([]);
  });
});
