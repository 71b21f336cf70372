// A double of the transit engine of OpenBao and Vault: encrypt and decrypt as their HTTP API publishes them, no more.
import { hkdfSync, randomBytes } from "node:crypto";
import {
  base64Of,
  type Came,
  fieldsFault,
  type Given,
  gcmOpen,
  gcmSeal,
  HttpDouble,
} from "./http_double.ts";

interface TransitKey {
  readonly versions: Buffer[];
  readonly derived: boolean;
  leastToDecrypt: number;
  leastToEncrypt: number;
}

const errors = (status: number, ...texts: readonly string[]): Given => ({
  status,
  body: { errors: texts },
});

export class TransitDouble extends HttpDouble {
  readonly token: string = `hvs.${randomBytes(24).toString("base64url")}`;
  readonly keys: Map<string, TransitKey> = new Map();
  /** What a request must come to: none without it. */
  namespace: string | null = null;
  mount = "transit";

  addKey(name: string, derived: boolean = false): TransitKey {
    const key = { versions: [randomBytes(32)], derived, leastToDecrypt: 1, leastToEncrypt: 0 };
    this.keys.set(name, key);
    return key;
  }

  rotate(name: string): void {
    this.keys.get(name)?.versions.push(randomBytes(32));
  }

  override answer({ method, path, headers, body }: Came): Given {
    const [, how, name = ""] =
      new RegExp(`^/v1/${this.mount}/(encrypt|decrypt)/([\\w.-]+)$`).exec(path) ?? [];
    if (how === undefined) return errors(404, "no handler for route");
    if (method !== "POST" && method !== "PUT") return errors(405, "unsupported operation");
    if (headers["x-vault-request"] !== "true") return errors(412, "missing X-Vault-Request header");
    if ((headers["x-vault-namespace"] ?? null) !== this.namespace)
      return errors(403, "permission denied");
    if (headers["x-vault-token"] !== this.token) return errors(403, "permission denied");
    if (headers["content-type"] !== "application/json") return errors(400, "error parsing JSON");
    const asked = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    const key = this.keys.get(name);
    if (key === undefined) return errors(400, "encryption key not found");
    const context = asked["context"] === undefined ? Buffer.alloc(0) : base64Of(asked["context"]);
    const additional =
      asked["associated_data"] === undefined ? Buffer.alloc(0) : base64Of(asked["associated_data"]);
    if (context === null || additional === null)
      return errors(400, "failed to base64-decode context");
    if (key.derived && context.length === 0) {
      return errors(
        400,
        "missing 'context' for key derivation; the key was created using a derived key",
      );
    }
    return how === "encrypt"
      ? this.#encrypt(key, asked, context, additional)
      : this.#decrypt(key, asked, context, additional);
  }

  #encrypt(
    key: TransitKey,
    asked: Readonly<Record<string, unknown>>,
    context: Buffer,
    additional: Buffer,
  ): Given {
    const fault = fieldsFault(asked, ["plaintext"], ["context", "associated_data", "key_version"]);
    const plaintext = base64Of(asked["plaintext"]);
    if (fault !== null || plaintext === null) return errors(400, `invalid request ${fault}`);
    const version = (asked["key_version"] as number | undefined) ?? key.versions.length;
    const bytes = key.versions[version - 1];
    if (bytes === undefined)
      return errors(400, "requested version for encryption is higher than the latest key version");
    if (version < key.leastToEncrypt) {
      return errors(
        400,
        "requested version for encryption is less than the minimum encryption key version",
      );
    }
    const sealed = gcmSeal(derive(bytes, context, key.derived), plaintext, additional);
    const ciphertext = `vault:v${version}:${sealed.toString("base64")}`;
    return this.#data({ ciphertext, key_version: version });
  }

  #decrypt(
    key: TransitKey,
    asked: Readonly<Record<string, unknown>>,
    context: Buffer,
    additional: Buffer,
  ): Given {
    const fault = fieldsFault(asked, ["ciphertext"], ["context", "associated_data"]);
    const [, number, text] = /^vault:v(\d+):(.+)$/.exec(`${asked["ciphertext"]}`) ?? [];
    const sealed = base64Of(text);
    if (fault !== null || sealed === null)
      return errors(400, `invalid ciphertext: no prefix ${fault}`);
    const version = Number(number);
    if (version > key.versions.length) return errors(400, "invalid ciphertext: version is too new");
    if (version < key.leastToDecrypt) {
      return errors(400, "ciphertext or signature version is disallowed by policy (too old)");
    }
    const bytes = key.versions[version - 1] as Buffer;
    const opened = gcmOpen(derive(bytes, context, key.derived), sealed, additional);
    if (opened === null) return errors(400, "cipher: message authentication failed");
    return this.#data({ plaintext: opened.toString("base64") });
  }

  #data(data: Readonly<Record<string, unknown>>): Given {
    const body = {
      request_id: "0b8a1a4e-2d0c-4f8e-9e1b-4d2f0b6a7c11",
      lease_id: "",
      renewable: false,
      lease_duration: 0,
      data,
      wrap_info: null,
      warnings: null,
      auth: null,
    };
    return { status: 200, body, headers: { "cache-control": "no-store" } };
  }
}

function derive(key: Buffer, context: Buffer, derived: boolean): Buffer {
  return derived ? Buffer.from(hkdfSync("sha256", key, "", context, 32)) : key;
}
