import * as nodeCrypto from "node:crypto";
import { request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { createSecureContext } from "node:tls";
import type { SecretBuffer } from "../../../core/contract/secret_buffer.ts";
import { dangerouslyExposeString } from "../../../core/dangerous.ts";

/** A way from a secret into another library's hands. */
export interface Bridge {
  readonly name: string;
  /** 32 bytes; or those as base64, or as the seed of an Ed25519 key in one of its forms. */
  readonly secret: "key" | "token" | "pkcs8" | "pem" | "openssh";
  /**
   * @param port of a server that reads and forgets, in another process
   * @param database the folder of a PostgreSQL server's socket
   * @returns what the program would keep: the key object, or nothing; `end` of it is called when it is dropped
   */
  run(secret: SecretBuffer, port: number, database: string): unknown;
  /** Takes a PostgreSQL server of its own whose role `app` has the secret as its password. */
  readonly asksDatabase?: true;
}

const DATA = new Uint8Array(100).fill(1);
const NONCE = new Uint8Array(24).fill(2);
const { subtle } = globalThis.crypto;
const ssh2: typeof import("ssh2") = createRequire(import.meta.url)("ssh2");

const noble = async () => ({
  ...(await import("@noble/ciphers/chacha.js")),
  ...(await import("@noble/hashes/sha2.js")),
  ...(await import("@noble/hashes/hmac.js")),
});

/** Every bridge of docs/interop.md, in its order. */
export const BRIDGES: readonly Bridge[] = [
  {
    name: "createSecretKey",
    secret: "key",
    run: (secret) => secret.expose((bytes) => nodeCrypto.createSecretKey(bytes)),
  },
  {
    name: "createHmac, by bytes",
    secret: "key",
    run: (secret) =>
      secret.expose((bytes) => {
        nodeCrypto.createHmac("sha256", bytes).update(DATA).digest();
      }),
  },
  {
    name: "createCipheriv, by bytes",
    secret: "key",
    run: (secret) =>
      secret.expose((bytes) => {
        const cipher = nodeCrypto.createCipheriv("aes-256-gcm", bytes, NONCE.subarray(0, 12));
        cipher.update(DATA);
        cipher.final();
      }),
  },
  {
    name: "hkdfSync, by bytes",
    secret: "key",
    run: (secret) =>
      secret.expose((bytes) => {
        nodeCrypto.hkdfSync("sha256", bytes, NONCE, DATA, 32);
      }),
  },
  {
    name: "createPrivateKey, of PKCS #8",
    secret: "pkcs8",
    run: (secret) =>
      secret.expose((bytes) =>
        nodeCrypto.createPrivateKey({
          key: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
          format: "der",
          type: "pkcs8",
        }),
      ),
  },
  {
    name: "subtle.importKey, HMAC",
    secret: "key",
    run: (secret) =>
      secret.expose((bytes) =>
        subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
      ),
  },
  {
    name: "subtle.importKey and encrypt, AES-GCM",
    secret: "key",
    run: (secret) =>
      secret.expose(async (bytes) => {
        const key = await subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt"]);
        await subtle.encrypt({ name: "AES-GCM", iv: NONCE.subarray(0, 12) }, key, DATA);
        return key;
      }),
  },
  {
    name: "noble, XChaCha20-Poly1305",
    secret: "key",
    run: (secret) =>
      secret.expose(async (bytes) => {
        (await noble()).xchacha20poly1305(bytes, NONCE).encrypt(DATA);
      }),
  },
  {
    name: "noble, HMAC-SHA-256",
    secret: "key",
    run: (secret) =>
      secret.expose(async (bytes) => {
        const { hmac, sha256 } = await noble();
        hmac(sha256, bytes, DATA);
      }),
  },
  {
    name: "tls key, PEM as a Buffer",
    secret: "pem",
    run: (secret) =>
      secret.expose((bytes) =>
        createSecureContext({ key: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }),
      ),
  },
  {
    name: "ssh2 parseKey and sign, by bytes",
    secret: "openssh",
    run: (secret) =>
      secret.expose((bytes) => {
        const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const key = ssh2.utils.parseKey(file);
        if (key instanceof Error) throw key;
        key.sign(Buffer.from(DATA));
        return key;
      }),
  },
  {
    name: "http request body, by bytes",
    secret: "token",
    run: (secret, port) => secret.expose((bytes) => post(port, {}, bytes)),
  },
  {
    name: "http request header, dangerouslyExposeString",
    secret: "token",
    run: (secret, port) =>
      dangerouslyExposeString(secret, (text) => post(port, { authorization: text })),
  },
  {
    name: "fetch header, dangerouslyExposeString",
    secret: "token",
    run: (secret, port) =>
      dangerouslyExposeString(secret, async (text) => {
        const response = await fetch(`http://127.0.0.1:${port}`, {
          headers: { authorization: `Bearer ${text}` },
        });
        await response.arrayBuffer();
      }),
  },
  {
    name: "pg password, dangerouslyExposeString",
    secret: "token",
    asksDatabase: true,
    run: async (secret, _port, host) => {
      const { default: pg } = await import("pg");
      const password = (): string => dangerouslyExposeString(secret, (text) => text);
      const client = new pg.Client({ host, user: "app", database: "postgres", password });
      await client.connect();
      return client;
    },
  },
  {
    name: "postgres password, dangerouslyExposeString",
    secret: "token",
    asksDatabase: true,
    run: async (secret, _port, host) => {
      const { default: postgres } = await import("postgres");
      const password = (): string => dangerouslyExposeString(secret, (text) => text);
      const sql = postgres({ host, username: "app", database: "postgres", password, max: 1 });
      await sql`select 1`; // it connects with its first query
      return sql;
    },
  },
  {
    name: "dangerouslyExposeString, the string alone",
    secret: "token",
    run: (secret) => dangerouslyExposeString(secret, (text) => void text.length),
  },
];

function post(port: number, headers: Record<string, string>, body?: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method: "POST", headers, agent: false };
    const request = httpRequest(options, (response) => {
      response.resume();
      response.on("end", () => resolve());
    });
    request.on("error", reject);
    if (body === undefined) request.end();
    else request.end(body);
  });
}
