import { Buffer } from "node:buffer";
import type { KeyObject } from "node:crypto";
import { openSecrets } from "../../../adapters/node/mod.ts";
import type { SecretBuffer, Secrets } from "../../../core/mod.ts";
import {
  type KeyType,
  type ParseKeyOptions,
  type PrivateKey,
  parseKey,
} from "../../../features/keys/mod.ts";
import { thrown } from "../../core/samples.ts";
import { makeNodeKeys } from "./node_keys.ts";
import { copy } from "./tools.ts";

export const secrets: Secrets = openSecrets();
export const ALL: Readonly<Record<KeyType, KeyObject>> = makeNodeKeys();

export const text = (value: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  copy(Buffer.from(value));
export const phrase = (value: string = "phrase"): SecretBuffer => secrets.move(text(value));
export const bytesOf = (secret: SecretBuffer): Buffer =>
  secret.expose((bytes) => Buffer.from(bytes));
export const parse = (value: string | Uint8Array, options?: ParseKeyOptions): PrivateKey =>
  parseKey(secrets, text(value), options);
/** The code of the error, or `none`. */
export const refusal = (value: string | Uint8Array, options?: ParseKeyOptions): string =>
  thrown(() => parse(value, options)).code ?? "none";
export const jwkOf = (key: KeyObject): Record<string, string> =>
  key.export({ format: "jwk" }) as Record<string, string>;

/** The Ed25519 key, in some forms. */
export const pem: string = String(ALL.ed25519.export({ type: "pkcs8", format: "pem" }));
export const der: Buffer = ALL.ed25519.export({ type: "pkcs8", format: "der" });
export const seed: Buffer = Buffer.from(jwkOf(ALL.ed25519)["d"] ?? "", "base64url");
export const isKey = (key: PrivateKey): boolean =>
  key.type === "ed25519" && bytesOf(key.secretKey).subarray(0, 32).equals(seed);
