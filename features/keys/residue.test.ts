import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { derivedNeedle } from "../../conformance/mod.ts";
import { codecFor } from "../../core/codec.ts";
import { BLINDING_SEED } from "../../testing/features/keys/blinding_seed.ts";
import { makeNodeKeys } from "../../testing/features/keys/node_keys.ts";
import { big, montgomeryWords, numbersOfKey } from "../../testing/features/keys/rsa_numbers.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { ScannedFolder, SUBJECTS } from "../../testing/features/residue/scanned.ts";
import { SOAK } from "../../testing/tier.ts";
import { formatKey, parseKey } from "./mod.ts";
import { parseOpenSsh } from "./openssh.ts";
import { parsePbes2 } from "./pbes2.ts";
import { BCRYPT_ROOM, bcryptPbkdf } from "./primitives/bcrypt_pbkdf.ts";
import { limbsOf } from "./primitives/montgomery.ts";
import { withWorkspace } from "./primitives/workspace.ts";

const secrets = openSecrets({ memory: "heap" });
const [passphrase, wrong] = [24, 24].map((length) => copy(node.randomBytes(length))) as [
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>,
];
let folder: ScannedFolder;

const add = (label: string, bytes: Uint8Array): void => folder.add(label, bytes);

/** Files of each type and form, and what must not be left of them. */
function prepare(): void {
  const put = (name: string, bytes: Uint8Array | string): void => folder.put(name, bytes);
  put("passphrase", passphrase);
  put("wrong", wrong);
  add("passphrase", passphrase);
  add("wrong passphrase", wrong);
  for (const [name, pad] of [
    ["inner", 0x36],
    ["outer", 0x5c],
  ] as const) {
    add(
      `${name} pad`,
      passphrase.map((byte) => byte ^ pad),
    );
  }
  add("hash of the passphrase", node.createHash("sha512").update(passphrase).digest());
  for (const [type, object] of Object.entries(makeNodeKeys())) {
    if (!SOAK && type !== "ed25519") continue;
    const jwk = object.export({ format: "jwk" });
    for (const name of type === "rsa"
      ? (["d", "p", "q", "dp", "dq", "qi"] as const)
      : (["d"] as const)) {
      add(`${type} ${name}`, Buffer.from(jwk[name] ?? "", "base64url"));
    }
    if (object.asymmetricKeyType === "ec") {
      const publicKey = node.createPublicKey(object);
      // The probe agrees with its own public key.
      add(`${type} shared`, node.diffieHellman({ privateKey: object, publicKey }));
    }
    if (type === "rsa") {
      addBlinding(object);
      const message = node.randomBytes(32);
      add("OAEP message", message);
      put("message", message);
      const sealing = { key: node.createPublicKey(object), oaepHash: "sha256" };
      put(
        "message.sealed",
        node.publicEncrypt({ ...sealing, oaepLabel: Buffer.alloc(1) }, message),
      );
    }
    const key = parseKey(secrets, copy(object.export({ type: "pkcs8", format: "der" })));
    put(`plain.${type}.pkcs8`, object.export({ type: "pkcs8", format: "pem" }));
    put(`plain.${type}.jwk`, JSON.stringify(jwk));
    for (const format of ["openssh", "pkcs8"] as const) {
      if (format === "openssh" && type === "x25519") continue;
      const phrase = secrets.move(copy(passphrase));
      const cost = format === "pkcs8" ? 1000 : 1;
      const sealed = formatKey(secrets, key, { format, cost, passphrase: phrase });
      sealed.expose((bytes) => {
        put(`sealed.${type}.${format}`, bytes);
        if (format === "pkcs8") addPbkdf2(type, copy(bytes));
        else addBcrypt(type, Buffer.from(bytes).toString());
      });
    }
  }
  secrets.purge();
}

/** As the probe draws it, and as it is computed with. */
function addBlinding(key: node.KeyObject): void {
  const { n } = numbersOfKey(key);
  const drawn = derivedNeedle(BLINDING_SEED, n.length + 8).bytes;
  add("blinding", drawn);
  for (const words of montgomeryWords(big(drawn), big(n), limbsOf(n.length))) {
    add("blinding, in words", words);
  }
}

function addPbkdf2(type: string, file: Uint8Array<ArrayBuffer>): void {
  const { salt } = parsePbes2(file);
  add(`${type} PBKDF2 key`, node.pbkdf2Sync(passphrase, salt, 1000, 32, "sha256"));
}

function addBcrypt(type: string, pem: string): void {
  const text = copy(Buffer.from(pem.replace(/-----.*-----/g, "").replace(/\s/g, "")));
  const file = new Uint8Array(codecFor("base64", "decode").decodedLength(text));
  codecFor("base64", "decode").decode(text, file);
  const salt = parseOpenSsh(file).encryption?.salt ?? file;
  const derived = new Uint8Array(48);
  withWorkspace(secrets, BCRYPT_ROOM, (space) => bcryptPbkdf(passphrase, salt, 1, derived, space));
  add(`${type} bcrypt key`, derived.subarray(0, 32));
}

describe.skipIf(process.platform !== "linux")("residue", () => {
  beforeAll(() => {
    folder = new ScannedFolder("forms");
    prepare();
  });
  afterAll(() => folder.remove());

  it.each(SUBJECTS)(
    "on %s, %s memory: no key, passphrase or derived key is left by reading, writing and refusing",
    { timeout: 300_000 },
    async (...subject) => {
      await folder.scan({
        program: fileURLToPath(
          new URL("../../testing/features/keys/residue_probe.ts", import.meta.url),
        ),
        subject,
        codes: [
          ...(SOAK ? ["ERR_LETHE_FORGED"] : []),
          "ERR_LETHE_KEY_DAMAGED",
          "ERR_LETHE_KEY_FORMAT",
          "ERR_LETHE_KEY_PASSPHRASE",
        ],
      });
    },
  );
});
