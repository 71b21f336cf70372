import { execFileSync, spawn } from "node:child_process";
import { createPrivateKey, randomBytes } from "node:crypto";
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { type Needle, scanProcess } from "../../conformance/mod.ts";
import { parseKey } from "../../features/keys/mod.ts";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../../testing/cli/lethe.ts";
import { Tools } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";

// `lethe key` when all is written and it is about to say so: its secrets have ended, its heap is whole.

const tools = new Tools();
const secrets = openSecrets();
afterAll(() => {
  tools.remove();
  secrets.purge();
});
const CONTROL = "a-long-name-in-the-command-line";

/** What an action does with a key that another program encrypted; its file is standard input. */
interface Action {
  readonly title: string;
  readonly key: "ed25519" | "p256" | "rsa";
  readonly words: (out: string) => readonly string[];
  /** The form of the key on standard input, or a key file that import has sealed. */
  readonly from?: "key file";
}

const OUT = (out: string): readonly string[] => ["--out", out];
const SEALED: readonly string[] = ["--new-passphrase-fd", "4", "--passes", "1", "--memory", "8"];
const convert = (key: Action["key"], form: string): Action => ({
  title: `convert ${key} to ${form}`,
  key,
  words: (out) => ["convert", "-", "--to", form, "--plain", ...OUT(out)],
});
const encrypted = (key: Action["key"], form: string): Action => ({
  title: `convert ${key} to ${form} under a new passphrase`,
  key,
  words: (out) => [
    ...["convert", "-", "--to", form, "--encrypt", "--new-passphrase-fd", "4"],
    ...OUT(out),
  ],
});
const IMPORT: Action = {
  title: "import",
  key: "ed25519",
  words: (out) => ["import", out, "--from", "-", "--seal", ...SEALED],
};
const EXPORT: Action = {
  title: "export",
  key: "ed25519",
  from: "key file",
  words: (out) => ["export", out, "--to", "openssh", "--plain", ...OUT(`${out}.openssh`)],
};
const PUBLIC: Action = {
  title: "public",
  key: "ed25519",
  words: (out) => ["public", "-", ...OUT(out)],
};
const ACTIONS: readonly Action[] = SOAK
  ? [
      ...["openssh", "pkcs8-pem", "jwk", "seed"].map((form) => convert("ed25519", form)),
      ...["openssh", "pkcs8", "jwk"].flatMap((form) => [
        convert("p256", form),
        convert("rsa", form),
      ]),
      ...(["ed25519", "p256", "rsa"] as const).flatMap((key) =>
        ["openssh", "pkcs8-pem"].map((form) => encrypted(key, form)),
      ),
      ...[IMPORT, EXPORT, PUBLIC, { ...PUBLIC, key: "rsa", title: "public of rsa" } as const],
    ]
  : [convert("ed25519", "openssh")];
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

/** A key under the passphrase, and the parts of it that are secret. */
function made(
  type: Action["key"],
  phrase: string,
): { readonly bytes: Buffer; readonly parts: readonly Uint8Array[] } {
  const file = `${tools.put("")}.made`;
  if (type === "ed25519") {
    tools.run("ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", phrase, "-f", file);
    const bytes = readFileSync(file);
    using passphrase = secrets.move(new TextEncoder().encode(phrase));
    const { secretKey } = parseKey(secrets, Uint8Array.from(bytes), { passphrase });
    return { bytes, parts: [secretKey.expose((pair) => pair.slice(0, 32))] };
  }
  const algorithm =
    type === "rsa" ? ["RSA", "rsa_keygen_bits:2048"] : ["EC", "ec_paramgen_curve:P-256"];
  const [name = "", option = ""] = algorithm;
  const clear = tools.run("openssl", "genpkey", "-algorithm", name, "-pkeyopt", option);
  const under = ["-topk8", "-passout", `pass:${phrase}`, "-in", tools.put(clear), "-out", file];
  tools.run("openssl", "pkcs8", ...under);
  const { d, p } = createPrivateKey(clear).export({ format: "jwk" });
  const parts = [d, p].filter((part) => part !== undefined);
  return {
    bytes: readFileSync(file),
    parts: parts.map((part) => Buffer.from(part, "base64url").subarray(0, 32)),
  };
}

describe.skipIf(missing !== "").each(CLI_RUNTIMES)(`lethe key on %s${missing}`, (runtime) => {
  it.each(ACTIONS)("leaves no key and no passphrase after $title", async ({ key, words, from }) => {
    // OpenSSL and this test's own helpers have words like "pass phrase" as constants.
    const [phrase, fresh] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
    const { bytes, parts } = made(key, phrase);
    const out = `${tools.put("")}.${CONTROL}`;
    const descriptors = (): number[] =>
      [phrase, fresh].map((text) => openSync(tools.put(`${text}\n`), "r"));
    if (from === "key file") importKey(out, bytes, descriptors());
    const needles: readonly Needle[] = [
      ...parts.map((part, index) => ({ label: `key ${index}`, bytes: part })),
      { label: "passphrase", bytes: new TextEncoder().encode(phrase) },
      { label: "new passphrase", bytes: new TextEncoder().encode(fresh) },
      { label: "control", bytes: new TextEncoder().encode(CONTROL) },
    ];
    const [program = "", ...before] = lethe(runtime, "key");
    const [phrases, full] = [descriptors(), fullPipe()];
    // What import sealed is under the new passphrase.
    const way = ["--passphrase-fd", from === "key file" ? "4" : "3"];
    const child = spawn(program, [...before, ...words(out), ...way], {
      env: plainEnvironment(),
      stdio: ["pipe", full, "inherit", ...phrases],
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
      for (const descriptor of [...phrases, full]) closeSync(descriptor);
    }
  });
});

/** Makes the key file that export reads. */
function importKey(out: string, bytes: Buffer, phrases: readonly number[]): void {
  const [program = "", ...words] = lethe("node-24", "key");
  execFileSync(program, [...words, ...IMPORT.words(out), "--passphrase-fd", "3"], {
    env: plainEnvironment(),
    input: bytes,
    stdio: ["pipe", "pipe", "inherit", ...phrases],
  });
  for (const descriptor of phrases) closeSync(descriptor);
}
