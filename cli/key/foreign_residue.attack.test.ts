import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { type Needle, scanProcess } from "../../conformance/mod.ts";
import { parseKey } from "../../features/keys/mod.ts";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../../testing/cli/lethe.ts";
import { Tools } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";

// `lethe key convert` when all is written and it is about to say so: its secrets have ended, its heap is whole.

const tools = new Tools();
const secrets = openSecrets();
afterAll(() => {
  tools.remove();
  secrets.purge();
});
const FORMS = SOAK ? ["openssh", "pkcs8-pem", "jwk", "seed"] : ["openssh"];
const missing =
  process.platform === "linux" && process.arch === "x64"
    ? ""
    : " (did not run: it reads /proc/PID/syscall of Linux on x86-64)";

/** A pipe without room: a write to it waits. */
function fullPipe(): number {
  const path = `${tools.put("")}.fifo`;
  execFileSync("mkfifo", [path]);
  const full = openSync(path, constants.O_RDWR);
  const filler = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(filler, new Uint8Array(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    return full;
  } finally {
    closeSync(filler);
  }
}

/** Until the process waits in write(2) to say what it did: its secrets have ended, its heap has not. */
async function reporting(pid: number): Promise<void> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    if (readFileSync(`/proc/${pid}/syscall`, "latin1").startsWith("1 0x1 ")) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("It never came to say what it did");
}

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
    const [phrases, full] = [openSync(tools.put(`${phrase}\n`), "r"), fullPipe()];
    const child = spawn(program, [...words, ...ways], {
      env: plainEnvironment(),
      stdio: ["pipe", full, "inherit", phrases],
    });
    child.stdin?.end(bytes);
    try {
      const pid = child.pid as number;
      await reporting(pid);
      const report = scanProcess(pid, needles, { pause: true, fragmentBytes: 8 });
      if (report.outcome !== "scanned") throw new Error(report.reason);
      const labels = report.findings.map(({ needle }) => needle);
      expect(labels).toContain("control");
      expect(labels.filter((label) => label !== "control")).toEqual([]);
    } finally {
      child.kill("SIGKILL");
      for (const descriptor of [phrases, full]) closeSync(descriptor);
    }
  });
});
