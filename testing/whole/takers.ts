import { through } from "./through.ts";
import type { Entry, Scene } from "./tried.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const SEED: Bytes = new Uint8Array(32).fill(7);

/** Makes bytes of the kind that is tried, with this content. */
export type Make = (content: readonly number[]) => Bytes;

/** Every parameter that takes bytes, as a call that passes it what `make` makes. */
export function takers(
  { entry, secrets, custodian }: Pick<Scene, "entry" | "secrets" | "custodian">,
  make: Make,
): Readonly<Record<string, () => unknown>> {
  const { formatKey, formatPublicKey, openEnclaves, parseKey, parsePublicKey } = entry;
  const crypto = entry.openCrypto(secrets);
  const [key, plain] = [secrets.random(32), Uint8Array.of(1, 2, 3)];
  const like = (bytes: Uint8Array): Bytes => make([...bytes]);
  const some = (length: number): Bytes => make(new Array(length).fill(1));
  const held = parseKey(secrets, SEED.slice(), { raw: "ed25519" });
  const named = { format: "jwk", comment: Uint8Array.of(97) } as const;
  const jwk = formatKey(secrets, held, named).expose((bytes) => Uint8Array.from(bytes));
  const publicJwk = formatPublicKey(held, named);
  const sealed = crypto.encrypt(key, plain);
  const signing = crypto.signKeyPair();
  const signature = crypto.sign(signing.secretKey, plain);
  const agreeing = crypto.agreeKeyPair();
  const box = crypto.sealBox(agreeing.publicKey, plain);
  const yes = (holds: boolean): void => {
    if (!holds) throw new Error("it does not hold");
  };
  return {
    "move source": () => secrets.move(some(3)),
    "decode source": () => secrets.decode(make([48, 49]), "hex"),
    "equals other": () => yes(secrets.move(some(3)).equals(some(3))),
    "equalBytes left and right": () => yes(entry.equalBytes(some(3), some(3))),
    "wipeBytes bytes": () => yes(entry.wipeBytes(some(3))),
    "encrypt message": () => crypto.encrypt(key, some(3)),
    "encrypt additional": () => crypto.encrypt(key, plain, { additional: some(1) }),
    "decrypt encrypted": () => crypto.decrypt(key, like(sealed)),
    "decrypt additional": () =>
      crypto.decrypt(key, crypto.encrypt(key, plain, { additional: some(2) }), {
        additional: some(2),
      }),
    "isAuthentic encrypted": () => yes(crypto.isAuthentic(key, like(sealed))),
    "keyedHash message": () => crypto.keyedHash(key, some(1)),
    "hmac message": () => crypto.hmac(key, some(1)),
    "verifyHmac message and tag": () => crypto.verifyHmac(key, some(1), some(32)),
    "hkdf salt": () => crypto.hkdf(key, { salt: some(1) }),
    "hkdf info": () => crypto.hkdf(key, { info: some(1) }),
    "deriveSubkey context": () => crypto.deriveSubkey(key, 1, some(8)),
    "argon2id salt": () => crypto.argon2id(key, some(16), { passes: 1, memoryBytes: 8192 }),
    "verifyPassword hash": () => {
      const stored = crypto.hashPassword(key, { passes: 1, memoryBytes: 8192 });
      yes(crypto.verifyPassword(key, like(new TextEncoder().encode(stored))));
    },
    "sign message": () => crypto.sign(signing.secretKey, some(1)),
    "verify publicKey": () => yes(crypto.verify(like(signing.publicKey), plain, signature)),
    "verify message": () => yes(crypto.verify(signing.publicKey, like(plain), signature)),
    "verify signature": () => yes(crypto.verify(signing.publicKey, plain, like(signature))),
    "agree publicKey": () => crypto.agree(agreeing.secretKey, like(agreeing.publicKey)),
    "sealBox publicKey and message": () => crypto.sealBox(like(agreeing.publicKey), some(3)),
    "unsealBox box": () => crypto.unsealBox(agreeing, like(box)),
    "unsealBox publicKey": () =>
      crypto.unsealBox({ ...agreeing, publicKey: like(agreeing.publicKey) }, box),
    "parseKey source": () => parseKey(secrets, like(SEED), { raw: "ed25519" }),
    "parseKey keyId": () => parseKey(secrets, like(jwk), { keyId: make([97]) }),
    "formatKey publicKey and comment": () => {
      const key = { ...held, publicKey: like(held.publicKey) };
      return formatKey(secrets, key, { format: "openssh", comment: make([97]) });
    },
    "parsePublicKey source and keyId": () => parsePublicKey(like(publicJwk), { keyId: make([97]) }),
    "formatPublicKey publicKey and comment": () =>
      formatPublicKey(
        { ...held, publicKey: like(held.publicKey) },
        { format: "jwk", comment: make([97]) },
      ),
    "sealStream and unsealStream chunks": async () => {
      const chunks = await through(openEnclaves(secrets).sealStream({ key }), [some(5)]);
      const parts = chunks.map((chunk) => like(chunk as Uint8Array));
      yes((await through(openEnclaves(secrets).unsealStream({ key }), parts)).length === 1);
    },
    "custodian.sign message": () => custodian.sign("pair", some(1)),
    "custodian.hmac message": () => custodian.hmac("key", some(1)),
    "custodian.verifyHmac message and tag": () => custodian.verifyHmac("key", some(1), some(32)),
    "custodian.encrypt message": () => custodian.encrypt("key", some(1)),
    "custodian.encrypt additional": () =>
      custodian.encrypt("key", secrets.random(3), { additional: some(1) }),
    "custodian.decrypt encrypted and additional": async () => {
      const given = await custodian.encrypt("key", secrets.random(3), { additional: some(1) });
      return await custodian.decrypt("key", like(given), { additional: some(1) });
    },
    "custodian.agree publicKey": () =>
      custodian.agree("agreeing", fresh(), like(agreeing.publicKey)),
    "custodian.derive context": () => custodian.derive("key", fresh(), some(1)),
    "custodian.verifyPassword hash": async () => {
      const stored = await custodian.hashPassword("key", { passes: 1, memoryBytes: 8192 });
      yes(await custodian.verifyPassword("key", like(new TextEncoder().encode(stored))));
    },
  };
}
let number = 0;
const fresh = (): string => {
  number += 1;
  return `d${number}`;
};

/** A scene with the secrets that the calls use. */
export async function openTakers(
  entry: Entry,
): Promise<Pick<Scene, "entry" | "secrets" | "custodian">> {
  const secrets = entry.openSecrets({ memory: "heap" });
  const custodian = await entry.openCustodian({ secrets });
  await custodian.generate("key", "key");
  await custodian.generate("pair", "ed25519");
  await custodian.generate("agreeing", "x25519");
  return { entry, secrets, custodian };
}

/** What became of each call: empty for one that worked. */
export async function outcomes(
  calls: Readonly<Record<string, () => unknown>>,
): Promise<Readonly<Record<string, string>>> {
  const said: Record<string, string> = {};
  for (const [name, call] of Object.entries(calls)) {
    try {
      await call();
      said[name] = "";
    } catch (error) {
      const { name: type, message } = error as Error;
      said[name] = `${type}: ${message}`;
    }
  }
  return said;
}
