// A double of Google Cloud KMS: encrypt and decrypt of symmetric keys as its API publishes them, no more.
import { randomBytes } from "node:crypto";
import {
  base64Of,
  type Came,
  fieldsFault,
  type Given,
  gcmOpen,
  gcmSeal,
  HttpDouble,
} from "./http_double.ts";

interface GcpKey {
  readonly versions: { readonly bytes: Buffer; enabled: boolean }[];
}

const error = (status: string, code: number): Given => ({
  status: code,
  body: { error: { code, status, message: "a text that nobody should rely on", details: [] } },
});

/** CRC-32C a bit at a time, as RFC 3720 defines it: another way than Lethe's. */
export function slowCrc32c(bytes: Uint8Array): string {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return `${crc ^ 0xffffffffn}`;
}

export class GcpKmsDouble extends HttpDouble {
  override readonly type: string = "application/json; charset=UTF-8";
  readonly token: string = `ya29.${randomBytes(60).toString("base64url")}`;
  readonly keys: Map<string, GcpKey> = new Map();

  /** @returns its name */
  addKey(id: string): string {
    const name = `projects/lethe-test/locations/europe-west3/keyRings/ring/cryptoKeys/${id}`;
    this.keys.set(name, { versions: [{ bytes: randomBytes(32), enabled: true }] });
    return name;
  }

  rotate(name: string): void {
    this.keys.get(name)?.versions.push({ bytes: randomBytes(32), enabled: true });
  }

  override answer({ method, path, headers, body }: Came): Given {
    const [, name = "", number, how] =
      /^\/v1\/(projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/:]+)(?:\/cryptoKeyVersions\/(\d+))?:(encrypt|decrypt)$/.exec(
        path,
      ) ?? [];
    if (method !== "POST" || how === undefined) return { status: 404, body: "<!DOCTYPE html>" };
    if (headers["authorization"] !== `Bearer ${this.token}`) return error("UNAUTHENTICATED", 401);
    if (headers["content-type"] !== "application/json") return error("INVALID_ARGUMENT", 400);
    const asked = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    const key = this.keys.get(name);
    if (key === undefined) return error("NOT_FOUND", 404);
    const input = how === "encrypt" ? "plaintext" : "ciphertext";
    const bound = "additionalAuthenticatedData";
    const fields = fieldsFault(asked, [input], [`${input}Crc32c`, bound, `${bound}Crc32c`]);
    const bytes = base64Of(asked[input]);
    const additional = asked[bound] === undefined ? Buffer.alloc(0) : base64Of(asked[bound]);
    if (fields !== null || bytes === null || additional === null)
      return error("INVALID_ARGUMENT", 400);
    for (const [field, value] of [
      [input, bytes],
      [bound, additional],
    ] as const) {
      const sum = asked[`${field}Crc32c`];
      if (sum !== undefined && sum !== slowCrc32c(value)) return error("INVALID_ARGUMENT", 400);
    }
    const sums = { input: `${input}Crc32c` in asked, bound: `${bound}Crc32c` in asked };
    return how === "encrypt"
      ? this.#encrypt(name, key, number, bytes, additional, sums)
      : this.#decrypt(key, number, bytes, additional);
  }

  #encrypt(
    name: string,
    { versions }: GcpKey,
    number: string | undefined,
    plaintext: Buffer,
    additional: Buffer,
    sums: { readonly input: boolean; readonly bound: boolean },
  ): Given {
    const version = number === undefined ? versions.length : Number(number);
    const used = versions[version - 1];
    if (used === undefined) return error("NOT_FOUND", 404);
    if (!used.enabled) return error("FAILED_PRECONDITION", 400);
    const sealed = Buffer.concat([
      Buffer.from([version]),
      gcmSeal(used.bytes, plaintext, additional),
    ]);
    return {
      status: 200,
      body: {
        name: `${name}/cryptoKeyVersions/${version}`,
        ciphertext: sealed.toString("base64"),
        ciphertextCrc32c: slowCrc32c(sealed),
        // A false value is left out of the JSON of protocol buffers.
        ...(sums.input ? { verifiedPlaintextCrc32c: true } : {}),
        ...(sums.bound ? { verifiedAdditionalAuthenticatedDataCrc32c: true } : {}),
        protectionLevel: "SOFTWARE",
      },
    };
  }

  #decrypt(
    { versions }: GcpKey,
    number: string | undefined,
    sealed: Buffer,
    additional: Buffer,
  ): Given {
    const used = versions[(sealed[0] ?? 0) - 1];
    if (number !== undefined || used === undefined) return error("INVALID_ARGUMENT", 400);
    if (!used.enabled) return error("FAILED_PRECONDITION", 400);
    const plaintext = gcmOpen(used.bytes, sealed.subarray(1), additional);
    if (plaintext === null) return error("INVALID_ARGUMENT", 400);
    return {
      status: 200,
      body: {
        plaintext: plaintext.toString("base64"),
        plaintextCrc32c: slowCrc32c(plaintext),
        ...(used === versions.at(-1) ? { usedPrimary: true } : {}),
        protectionLevel: "SOFTWARE",
      },
    };
  }
}
