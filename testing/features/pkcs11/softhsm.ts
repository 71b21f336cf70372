/** Tokens of SoftHSM in a folder of one test, made and judged by `pkcs11-tool` (OpenSC). */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Where Debian has it; a link to the folder of the architecture. */
export const SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so";
export const P11_KIT_CLIENT = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so";

/** Why there are no tokens here, or null. */
export const noSoftHsm: string | null =
  process.platform !== "linux"
    ? "it takes Linux"
    : !existsSync(SOFTHSM)
      ? "softhsm2 is missing"
      : (["softhsm2-util", "pkcs11-tool"].find(
          (program) => spawnSync(program, ["--help"]).error !== undefined,
        ) ?? null);

/** The keys that a token gets, as pkcs11-tool names their types. */
export type KeyType = "rsa:2048" | "aes:32" | "EC:prime256v1" | "EC:secp384r1";

export class SoftHsm {
  readonly folder: string = mkdtempSync(join(tmpdir(), "lethe-pkcs11-"));
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    mkdirSync(this.tokens, { mode: 0o700 });
    const config = join(this.folder, "softhsm2.conf");
    writeFileSync(config, `directories.tokendir = ${this.tokens}\n`);
    this.env = { ...process.env, SOFTHSM2_CONF: config };
  }

  get tokens(): string {
    return join(this.folder, "tokens");
  }

  addToken(label: string, pin: string): void {
    const words = [
      "--init-token",
      "--free",
      "--label",
      label,
      "--so-pin",
      "12345678",
      "--pin",
      pin,
    ];
    execFileSync("softhsm2-util", words, { env: this.env, stdio: "pipe" });
  }

  addKey(token: string, pin: string, type: KeyType, label: string, id: string): void {
    const how = type === "aes:32" ? "--keygen" : "--keypairgen";
    const usage = type.startsWith("EC:") ? "--usage-derive" : "--usage-decrypt";
    const words = [how, "--key-type", type, "--label", label, "--id", id, usage];
    this.tool(token, pin, words);
  }

  /** Runs pkcs11-tool, logged in. */
  tool(token: string, pin: string, words: readonly string[], input?: Uint8Array): Buffer {
    const login = ["--module", SOFTHSM, "--token-label", token, "--login", "--pin", pin];
    const options = { env: this.env, stdio: "pipe" as const, ...(input && { input }) };
    return execFileSync("pkcs11-tool", [...login, ...words], options);
  }

  /** What pkcs11-tool decrypts: an operation with its options. */
  decrypt(token: string, pin: string, body: Uint8Array, words: readonly string[]): Buffer {
    const [sealed, plain] = [join(this.folder, "sealed"), join(this.folder, "plain")];
    writeFileSync(sealed, body);
    const files = ["--input-file", sealed, "--output-file", plain];
    this.tool(token, pin, ["--decrypt", ...words, ...files]);
    return execFileSync("cat", [plain]);
  }

  uri(token: string, object: string, more: string = "", module: string = SOFTHSM): string {
    return `pkcs11:token=${token};object=${object}${more}?module-path=${module}`;
  }

  stop(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
