/** A software TPM with its resource manager, and a token of tpm2-pkcs11 on it: of one test alone, on a bus for itself. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

export const TPM_MODULE = "/usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1";

/** Why there is none here, or null. */
export const noTpm: string | null = !existsSync(TPM_MODULE)
  ? "libtpm2-pkcs11-1 is missing"
  : ([
      "swtpm",
      "tpm2-abrmd",
      "tpm2_ptool",
      "tpm2_dictionarylockout",
      "dbus-run-session",
      "pkcs11-tool",
    ].find((program) => spawnSync(program, ["--version"]).error !== undefined) ?? null);

const SCRIPT = `
export TPM2TOOLS_TCTI="tabrmd:bus_type=session"
swtpm socket --tpm2 --tpmstate dir="$1" --server type=tcp,port="$2",bindaddr=127.0.0.1 \
  --ctrl type=tcp,port="$3",bindaddr=127.0.0.1 --flags not-need-init,startup-clear >/dev/null 2>&1 &
for count in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  sleep 1
  tpm2_getrandom --hex 1 >/dev/null 2>&1 && break
  pgrep -P $$ tpm2-abrmd >/dev/null && continue
  tpm2-abrmd --session --allow-root --flush-all --tcti "swtpm:host=127.0.0.1,port=$2" >/dev/null 2>&1 &
done
echo "$DBUS_SESSION_BUS_ADDRESS"
exec cat
`;

export class SoftwareTpm {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** The address of its bus. */
  readonly bus: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, child: ChildProcess, bus: string) {
    this.folder = folder;
    this.#child = child;
    this.bus = bus;
    this.env = {
      ...process.env,
      DBUS_SESSION_BUS_ADDRESS: bus,
      TPM2TOOLS_TCTI: "tabrmd:bus_type=session",
      TPM2_PKCS11_TCTI: "tabrmd:bus_type=session",
      TPM2_PKCS11_STORE: join(folder, "store"),
    };
  }

  static async start(): Promise<SoftwareTpm> {
    const folder = mkdtempSync(join(tmpdir(), "lethe-tpm-"));
    for (const name of ["state", "store"]) mkdirSync(join(folder, name), { mode: 0o700 });
    const port = await freePorts();
    const ports = [`${port}`, `${port + 1}`];
    const words = ["--", "sh", "-c", SCRIPT, "sh", join(folder, "state"), ...ports];
    const child = spawn("dbus-run-session", words, {
      ...{ detached: true, stdio: ["pipe", "pipe", "ignore"] },
    });
    const [line] = await once(createInterface(child.stdout as NodeJS.ReadableStream), "line");
    return new SoftwareTpm(folder, child, `${line}`);
  }

  /** The variables of a program that uses it, as env(1) takes them. */
  get variables(): readonly string[] {
    return Object.entries(this.env)
      .filter(([name]) => name.startsWith("TPM2") || name === "DBUS_SESSION_BUS_ADDRESS")
      .map(([name, value]) => `${name}=${value}`);
  }

  run(program: string, words: readonly string[]): Buffer {
    return execFileSync(program, words, { env: this.env, stdio: "pipe" });
  }

  addToken(label: string, pin: string, key: string): void {
    const own = [`--label=${label}`, `--userpin=${pin}`];
    this.run("tpm2_ptool", ["init"]);
    this.run("tpm2_ptool", ["addtoken", "--pid=1", "--sopin=12345678", ...own]);
    this.run("tpm2_ptool", ["addkey", "--algorithm=rsa2048", `--key-label=${key}`, ...own]);
  }

  tool(label: string, pin: string, words: readonly string[], sealed?: Uint8Array): Buffer {
    const file = join(this.folder, "sealed");
    if (sealed !== undefined) writeFileSync(file, sealed);
    const input = sealed === undefined ? [] : ["--input-file", file];
    const login = ["--module", TPM_MODULE, "--token-label", label, "--login", "--pin", pin];
    return this.run("pkcs11-tool", [...login, ...words, ...input]);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "close");
    process.kill(-(this.#child.pid ?? 0), "SIGKILL");
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of the TPM; the one after it is that of its control channel. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = createServer().listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as { port: number };
    const second = createServer().listen(port + 1, "127.0.0.1");
    const isFree = await once(second, "listening").then(
      () => true,
      () => false, // another program has it
    );
    for (const server of [first, second]) server.close();
    if (isFree) return port;
  }
}
