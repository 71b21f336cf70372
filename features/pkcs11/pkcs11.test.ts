/** A wrapper over SoftHSM in this process. The other runtimes, servers and residue: pkcs11.environment.test.ts. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { usePkcs11 } from "../../adapters/node/pkcs11.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { noSoftHsm, SOFTHSM, SoftHsm } from "../../testing/features/pkcs11/softhsm.ts";
import { runWrapperConformance } from "../envelopes/mod.ts";
import { Pkcs11Error } from "./mod.ts";
import type { Pkcs11Options, Pkcs11Wrapper } from "./types.ts";

const PIN = "4711-secret";
const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));
const secrets = openSecrets({ memory: "heap" });
const why = noSoftHsm === null ? "" : `NOT RUN, ${noSoftHsm}: `;

function errorOf(work: () => unknown): Pkcs11Error {
  try {
    work();
  } catch (error) {
    return error as Pkcs11Error;
  }
  throw new Error("it does not throw");
}

describe.skipIf(noSoftHsm !== null)(`${why}a key of a token`, () => {
  let hsm: SoftHsm;
  const kept: Pkcs11Wrapper[] = [];
  const use = (more: Partial<Pkcs11Options> & { object?: string } = {}): Pkcs11Wrapper => {
    const { object = "sealing", ...options } = more;
    const key = usePkcs11(secrets, { uri: hsm.uri("lethe", object), pin: bytes(PIN), ...options });
    kept.push(key);
    return key;
  };
  const land = (length: number, fill: (page: Uint8Array<ArrayBuffer>) => void): SecretBuffer => {
    const secret = secrets.allocate(length);
    secret.modify(fill);
    return secret;
  };

  beforeAll(() => {
    hsm = new SoftHsm();
    hsm.addToken("lethe", PIN);
    hsm.addKey("lethe", PIN, "aes:32", "sealing", "01");
    hsm.addKey("lethe", PIN, "aes:32", "other", "02");
    process.env["SOFTHSM2_CONF"] = hsm.env["SOFTHSM2_CONF"];
  });
  afterAll(() => {
    for (const key of kept) key.destroy();
    hsm?.stop();
  });

  it("follows the rules of wrappers, and takes its PIN", async () => {
    const pin = bytes(PIN);
    const [wrapper, other] = [use({ pin }), use({ object: "other" })];
    expect(pin.every((byte) => byte === 0)).toBe(true);
    expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
    expect(`${wrapper} ${wrapper.name}`).not.toContain("module-path");
    for (const key of [wrapper, other]) key.destroy();
    const { code } = errorOf(() => wrapper.wrap(secrets.random(16)));
    expect(code).toBe("ERR_LETHE_DESTROYED");
  });

  it("LOGIN-3: a wrong PIN is tried once, and the module is let go", () => {
    const before = secrets.stats.live;
    const pin = bytes("4711-wrong!");
    const error = errorOf(() => use({ pin }));
    expect(error).toBeInstanceOf(Pkcs11Error);
    expect(error).toMatchObject({
      code: "ERR_LETHE_WRAPPER",
      returnValue: "CKR_PIN_INCORRECT",
      triesLeft: "fewer",
      message: expect.stringMatching(/was not tried again/),
    });
    expect(pin).toEqual(bytes("4711-wrong!"));
    expect(secrets.stats.live).toBe(before);
    expect(errorOf(() => use({ pin: bytes("1") })).returnValue).toBe("CKR_PIN_LEN_RANGE");
  });

  it("FOUND-1: says what is not there, and takes none of several", () => {
    const before = secrets.stats.live;
    for (const [options, message] of [
      [{ uri: hsm.uri("none", "sealing") }, /no token that is present/],
      [{ uri: hsm.uri("lethe", "none") }, /has no key that is the one of the URI/],
      [{ uri: `pkcs11:token=lethe;id=%99?module-path=${SOFTHSM}` }, /has no key/],
      [{ uri: `pkcs11:token=lethe?module-path=${SOFTHSM}` }, /more than one key/],
      [{ uri: hsm.uri("lethe", "sealing", ";type=cert") }, /names no key/],
      [{ uri: hsm.uri("lethe", "sealing", ";slot-id=1") }, /no token/],
      [{ uri: hsm.uri("lethe", "sealing", ";serial=0") }, /no token/],
      [{ uri: hsm.uri("lethe", "sealing", ";slot-description=a") }, /no token/],
      [{ uri: hsm.uri("lethe", "sealing", ";library-description=a") }, /not the one of the URI/],
      [{ uri: hsm.uri("lethe", "sealing", ";library-version=9.9") }, /not the one of the URI/],
    ] as const) {
      const error = errorOf(() => use(options));
      expect(error.message).toMatch(message);
      expect(error).toMatchObject({ code: "ERR_LETHE_WRAPPER", returnValue: null });
    }
    const all = ";manufacturer=SoftHSM%20project;model=SoftHSM%20v2;library-version=2.6;id=%01";
    use({ uri: hsm.uri("lethe", "sealing", all) }).destroy();
    expect(secrets.stats.live).toBe(before);
  });

  it("MODULE-1: loads no module that others could change, and nothing that is none", () => {
    const from = (path: string): Pkcs11Error =>
      errorOf(() => use({ uri: `pkcs11:?module-path=${path}` }));
    const open = join(hsm.folder, "open");
    mkdirSync(open);
    copyFileSync(SOFTHSM, join(open, "module.so"));
    copyFileSync(SOFTHSM, join(hsm.folder, "module.so"));
    chmodSync(join(hsm.folder, "module.so"), 0o664);
    expect(from(join(hsm.folder, "module.so")).message).toMatch(/can write to/);
    chmodSync(open, 0o777);
    symlinkSync(join(open, "module.so"), join(hsm.folder, "link.so"));
    for (const path of [join(open, "module.so"), join(hsm.folder, "link.so")]) {
      expect(from(path).message).toMatch(/can write to/);
    }
    writeFileSync(join(hsm.folder, "text.so"), "text", { mode: 0o644 });
    expect(from(join(hsm.folder, "text.so")).message).toMatch(/does not load/);
    expect(from("/lib/x86_64-linux-gnu/libz.so.1").message).toMatch(/does not load/);
    expect(from(join(hsm.folder, "none.so")).message).toMatch(/no such module/);
    expect(from(hsm.folder).message).toMatch(/is not a library/);
  });

  it("takes its PIN from a secret, which stays the caller's, and its module by any of its names", async () => {
    const pin = secrets.move(bytes(PIN));
    const first = use({ pin });
    const path = realpathSync(SOFTHSM);
    expect(path).not.toBe(SOFTHSM);
    const second = use({ pin, uri: hsm.uri("lethe", "sealing", "", path) });
    pin.destroy();
    const fileKey = secrets.random(16);
    const opened = await second.unwrap(await first.wrap(fileKey), land);
    expect(opened?.equals(fileKey)).toBe(true);
    for (const one of [first, second, fileKey, opened]) one?.destroy();
  });

  it("has ended its session when it calls what the caller gave", async () => {
    const key = use();
    const fileKey = secrets.random(16);
    const stanzas = await key.wrap(fileKey);
    // A second login within the first one would be refused, and the module would start over.
    const opened = await key.unwrap(stanzas, (length, fill) => {
      (key.unwrap(stanzas, land) as SecretBuffer).destroy();
      return land(length, fill);
    });
    expect(opened?.equals(fileKey)).toBe(true);
    for (const one of [key, fileKey, opened]) one?.destroy();
  });

  it("is refused for what is not an option, without quoting it", () => {
    const make = usePkcs11 as (...args: unknown[]) => unknown;
    const uri = hsm.uri("lethe", "sealing");
    for (const [first, options] of [
      [{}, { uri }],
      [secrets, undefined],
      [secrets, {}],
      [secrets, { uri, pin: "271828" }],
      [secrets, { uri, pin: 271828 }],
      [secrets, { uri: `${uri}&pin-value=271828` }],
      [secrets, { uri: "pkcs11:token=lethe;object=sealing", pin: bytes(PIN) }],
      [secrets, { uri, hash: "271828" }],
      [secrets, { uri, spendLastTry: 271828 }],
      [secrets, { uri, pins: bytes("271828") }],
    ]) {
      const error = errorOf(() => make(first, options));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).not.toContain("271828");
    }
    expect(() => make(secrets, { uri, pin: bytes("") })).toThrow(RangeError);
  });

  it("says that the token was removed, and goes on when it is back", async () => {
    const key = use();
    const fileKey = secrets.random(16);
    const stanzas = await key.wrap(fileKey);
    renameSync(hsm.tokens, `${hsm.tokens}-away`);
    mkdirSync(hsm.tokens);
    const before = secrets.stats.live;
    for (const work of [() => key.wrap(fileKey), () => key.unwrap(stanzas, land)]) {
      expect(errorOf(work).message).toMatch(/no token that is present is the one of the URI/);
    }
    expect(secrets.stats.live).toBe(before);
    rmdirSync(hsm.tokens);
    renameSync(`${hsm.tokens}-away`, hsm.tokens);
    const again = await key.unwrap(await key.wrap(fileKey), land);
    expect(again?.equals(fileKey)).toBe(true);
    key.destroy();
  });
});
