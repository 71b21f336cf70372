import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { requireBuilt } from "../../testing/build_stamp.ts";
import { BLAKE2B_ABC } from "../../testing/features/crypto/vectors.ts";

/** Uses each operation once, in the one runtime that refuses to compile WebAssembly. */
const WORKER = `
import { nobleEngine } from "dist/engines/noble/noble_engine.js";
import { openCrypto, openSecrets } from "dist/adapters/workerd/mod.js";

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export default {
  async test() {
    const engine = nobleEngine();
    const secrets = openSecrets();
    const crypto = openCrypto(secrets, { engine });
    const [key, message] = [secrets.random(32), secrets.random(100)];
    const checks = {
      aead: crypto.decrypt(key, crypto.encrypt(key, message)).equals(message),
      hmac: crypto.hmac(key, message).byteLength === 32,
      hkdf: crypto.hkdf(key, { hash: "sha512" }).byteLength === 32,
      argon2id: crypto.argon2id(key, new Uint8Array(16), { passes: 1, memoryBytes: 8192 }).byteLength === 32,
      password: crypto.verifyPassword(key, crypto.hashPassword(key, { passes: 1, memoryBytes: 8192 })),
      subkey: crypto.deriveSubkey(key, 1, new Uint8Array(8)).byteLength === 32,
    };
    const [sign, agree] = [crypto.signKeyPair(), crypto.agreeKeyPair()];
    checks.ed25519 = crypto.verify(sign.publicKey, message, crypto.sign(sign.secretKey, message));
    checks.x25519 = crypto.agree(agree.secretKey, crypto.agreeKeyPair().publicKey).byteLength === 32;
    checks.box = crypto.unsealBox(agree, crypto.sealBox(agree.publicKey, message)).equals(message);
    const hash = new Uint8Array(64);
    engine.keyedHash(hash, new TextEncoder().encode("abc"), new Uint8Array(0));
    for (const [name, passed] of Object.entries(checks)) console.log("RESULT", name, passed);
    console.log("RESULT", hex(hash));
    try {
      openCrypto(secrets);
    } catch (error) {
      console.log("RESULT", error.code);
    }
  },
};
`;

it("the noble engine does every operation in a real workerd, and none is there by itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "lethe-workerd-crypto-"));
  try {
    requireBuilt();
    const own = globSync("dist/{adapters/{web,workerd},chunks,engines,features}/**/*.js");
    // workerd looks for a bare name beside the module that imports it, where a bundler would not.
    const noble = globSync("node_modules/@noble/{ciphers,curves,hashes}/{,abstract/}*.js");
    const places = ["", "@noble/curves/", "@noble/curves/abstract/"];
    const modules = [
      ...own.map((path) => [path, path] as const),
      ...noble.flatMap((path) =>
        places.map((place) => [path.replace("node_modules/", `dist/chunks/${place}`), path]),
      ),
    ].map(([name, path]) => `(name = "${name}", esModule = embed "${path}")`);
    // Embeds are relative to the configuration.
    for (const name of ["dist", "node_modules"]) symlinkSync(resolve(name), join(folder, name));
    writeFileSync(join(folder, "worker.js"), WORKER);
    writeFileSync(
      join(folder, "config.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  compatibilityDate = "2026-10-01",
  modules = [(name = "worker.js", esModule = embed "worker.js"), ${modules.join(",\n")}],
);
`,
    );
    const { stdout, stderr } = spawnSync(
      "node_modules/.bin/workerd",
      ["test", join(folder, "config.capnp")],
      { encoding: "utf8" },
    );
    const results = `${stdout}${stderr}`.split("\n").filter((line) => line.startsWith("RESULT"));
    expect(results, `${stdout}${stderr}`).toEqual([
      ...["aead", "hmac", "hkdf", "argon2id", "password", "subkey", "ed25519", "x25519", "box"].map(
        (name) => `RESULT ${name} true`,
      ),
      `RESULT ${BLAKE2B_ABC}`,
      "RESULT ERR_LETHE_UNAVAILABLE",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
