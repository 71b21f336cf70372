import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { expectNoResidue, type Needle } from "../../conformance/mod.ts";
import { codecFor } from "../../core/codec.ts";
import { RUNTIMES, startWaiting, type Waiting } from "../../testing/features/key_files/children.ts";
import { makeNodeKeys } from "../../testing/features/keys/node_keys.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";
import { formatKey, parseKey } from "./mod.ts";
import { parseOpenSsh } from "./openssh.ts";
import { parsePbes2 } from "./pbes2.ts";
import { BCRYPT_ROOM, bcryptPbkdf } from "./primitives/bcrypt_pbkdf.ts";
import { withWorkspace } from "./primitives/workspace.ts";

interface Said {
  readonly memory: string;
  readonly live: number;
  readonly codes: readonly string[];
}

/** Memory that a scan can read; with secretmem, under LETHE_SOAK, only copies outside of it would show. */
const SUBJECTS: readonly (readonly string[])[] = [
  ["node", "sodium"],
  ...(!SOAK
    ? []
    : [
        ["deno", "pages"],
        ["bun", "pages"],
        ["node", "heap"],
        ["node", "secretmem"],
        ["deno", "secretmem"],
        ["bun", "secretmem"],
      ]),
];

/** V8 copies nothing and reuses nothing then: what was ever put on its heap is there to be found. */
const NO_COLLECTION = ["--min-semi-space-size=128", "--max-semi-space-size=128"];

/** The command of a runtime, without collections. */
function commandOf(runtime: string): readonly string[] {
  const [file = "", ...words] = RUNTIMES[runtime] ?? [];
  if (runtime === "node") return [file, ...NO_COLLECTION, ...words];
  const flags = `--v8-flags=--expose-gc,${NO_COLLECTION.join()}`;
  return [file, ...words.map((word) => (word.startsWith("--v8-flags=") ? flags : word))];
}

const secrets = openSecrets({ memory: "heap" });
const [passphrase, wrong, leaky] = [24, 24, 32].map((length) => copy(node.randomBytes(length)));
const needles: Needle[] = [];
let folder = "";

function add(label: string, bytes: Uint8Array): void {
  needles.push({ label, bytes: copy(bytes) });
  // As words of 32 bits lie in memory.
  if (bytes.length % 4 === 0)
    needles.push({ label: `${label}, swapped`, bytes: copy(Buffer.from(bytes).swap32()) });
}

/** Files of each type and form, and what must not be left of them. */
function prepare(): void {
  const put = (name: string, bytes: Uint8Array | string): void =>
    writeFileSync(join(folder, name), bytes, { mode: 0o600 });
  if (passphrase === undefined || wrong === undefined || leaky === undefined) throw new Error();
  put("passphrase", passphrase);
  put("wrong", wrong);
  put("leaky", leaky);
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

function addPbkdf2(type: string, file: Uint8Array<ArrayBuffer>): void {
  const { salt } = parsePbes2(file);
  add(`${type} PBKDF2 key`, node.pbkdf2Sync(passphrase ?? "", salt, 1000, 32, "sha256"));
}

function addBcrypt(type: string, pem: string): void {
  const text = copy(Buffer.from(pem.replace(/-----.*-----/g, "").replace(/\s/g, "")));
  const file = new Uint8Array(codecFor("base64", "decode").decodedLength(text));
  codecFor("base64", "decode").decode(text, file);
  const salt = parseOpenSsh(file).encryption?.salt ?? file;
  const derived = new Uint8Array(48);
  withWorkspace(secrets, BCRYPT_ROOM, (space) =>
    bcryptPbkdf(passphrase ?? file, salt, 1, derived, space),
  );
  add(`${type} bcrypt key`, derived.subarray(0, 32));
}

describe.skipIf(process.platform !== "linux")("residue", () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "lethe-forms-"));
    prepare();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(SUBJECTS.filter(([name]) => existsSync(RUNTIMES[name ?? ""]?.[0] ?? "")))(
    "on %s, %s memory: no key, passphrase or derived key is left by reading, writing and refusing",
    { timeout: 300_000 },
    async (runtime = "", memory = "") => {
      const program = fileURLToPath(
        new URL("../../testing/features/keys/residue_probe.ts", import.meta.url),
      );
      const command = [...commandOf(runtime), program, runtime, memory, folder];
      const target: Waiting<Said> = await startWaiting<Said>(command);
      try {
        expect(target.said).toMatchObject({ memory, live: 0 });
        expect(target.said.codes).toEqual([
          ...(SOAK ? ["ERR_LETHE_FORGED"] : []),
          "ERR_LETHE_KEY_DAMAGED",
          "ERR_LETHE_KEY_FORMAT",
          "ERR_LETHE_KEY_PASSPHRASE",
        ]);
        // The witness is a key that the probe read the plain way: the same scan finds its copies.
        const witness = { label: "leaky", bytes: leaky ?? copy(Buffer.alloc(0)) };
        expectNoResidue({ pid: target.pid, needle: needles, witness });
      } finally {
        await target.stop();
      }
    },
  );
});
