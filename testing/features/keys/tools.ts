import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyType } from "../../../features/keys/mod.ts";

/** What the tests encrypt keys of no value under. */
export const PASSPHRASE = "pass phrase é";

/** Of a form that a tool makes. */
export interface Made {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly encrypted: boolean;
}

/** Files that are left for the next calls: all those of a long test, removed at its end, take minutes. */
const RECENT = 64;

/** OpenSSH's and OpenSSL's own programs, in a folder that goes away. */
export class Tools {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "lethe-forms-"));
  #count = 0;

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** A file with this content, that nobody else may read, for the next calls. */
  put(bytes: Uint8Array | string): string {
    const path = this.#fresh();
    writeFileSync(path, bytes, { mode: 0o600 });
    return path;
  }

  /** A file with this content, for the whole of a test file. */
  keep(name: string, bytes: Uint8Array | string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, bytes, { mode: 0o600 });
    return path;
  }

  run(program: "ssh-keygen" | "openssl", ...parameters: readonly string[]): Buffer {
    return execFileSync(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  }

  /** A key that ssh-keygen made. */
  ssh(type: KeyType, encrypted: boolean, ...more: readonly string[]): Made {
    const [kind = "", bits = "256"] = SSH[type]?.split(" ") ?? [];
    const path = this.#fresh();
    const phrase = encrypted ? PASSPHRASE : "";
    const common = ["-q", "-t", kind, "-b", bits, "-f", path, "-N", phrase, "-a", "1"];
    this.run("ssh-keygen", ...common, "-C", "me@here", ...more);
    return { bytes: read(path), encrypted };
  }

  /** A key that openssl made, as PKCS#8 in PEM or, with `-outform DER`, in DER. */
  openssl(type: KeyType, ...more: readonly string[]): Made {
    const path = this.#fresh();
    this.run("openssl", "genpkey", ...(OPENSSL[type]?.split(" ") ?? []), "-out", path, ...more);
    return { bytes: read(path), encrypted: false };
  }

  /** The same key, under the passphrase. */
  topk8({ bytes }: Made, ...more: readonly string[]): Made {
    const path = this.#fresh();
    const ways = ["-in", this.put(bytes), "-out", path, "-passout", `pass:${PASSPHRASE}`];
    this.run("openssl", "pkcs8", "-topk8", ...ways, ...more);
    return { bytes: read(path), encrypted: true };
  }

  /** What `openssl pkey` makes of a key. */
  pkey(bytes: Uint8Array, ...more: readonly string[]): Uint8Array<ArrayBuffer> {
    const phrase = ["-passin", `pass:${PASSPHRASE}`];
    return copy(this.run("openssl", "pkey", "-in", this.put(bytes), ...phrase, ...more));
  }

  /** The public line that ssh-keygen reads out of a private key. */
  publicLine(bytes: Uint8Array, encrypted: boolean): string {
    const phrase = encrypted ? PASSPHRASE : "";
    return this.run("ssh-keygen", "-y", "-f", this.put(bytes), "-P", phrase).toString();
  }

  #fresh(): string {
    this.#count += 1;
    const [path, old] = [this.#count, this.#count - RECENT].map((number) =>
      join(this.#folder, `key${number}`),
    ) as [string, string];
    for (const name of [old, `${old}.pub`]) rmSync(name, { force: true });
    return path;
  }
}

const SSH: Readonly<Partial<Record<KeyType, string>>> = {
  ed25519: "ed25519",
  p256: "ecdsa 256",
  p384: "ecdsa 384",
  p521: "ecdsa 521",
  rsa: "rsa 2048",
};

const OPENSSL: Readonly<Partial<Record<KeyType, string>>> = {
  ed25519: "-algorithm ED25519",
  x25519: "-algorithm X25519",
  p256: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
  p384: "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
  p521: "-algorithm EC -pkeyopt ec_paramgen_curve:P-521",
  rsa: "-quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
};

function read(path: string): Uint8Array<ArrayBuffer> {
  return copy(readFileSync(path));
}

export function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copied = new Uint8Array(new ArrayBuffer(bytes.length));
  copied.set(bytes);
  return copied;
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync("/bin/sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
