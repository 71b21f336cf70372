/** The functions of `lethe/crypto`, as {@link Tried}. */
import {
  bytes,
  COST,
  type Entry,
  LEAST_COST,
  MESSAGE,
  nameOf,
  PAIR,
  type Scene,
  type Tried,
  told,
} from "./tried.ts";

function crypto({ entry, secrets }: Scene): ReturnType<Entry["openCrypto"]> {
  return entry.openCrypto(secrets);
}

export const CRYPTO: Readonly<Record<string, Tried>> = {
  openCrypto: {
    names: ["engine", "engines", "operations", "residue"],
    run: (scene) => told(crypto(scene).engine, crypto(scene).passedOver.length),
  },
  encrypt: {
    names: ["additional"],
    run(scene) {
      const key = scene.secrets.random(32);
      const sealed = crypto(scene).encrypt(key, MESSAGE);
      const bound = crypto(scene).encrypt(key, MESSAGE, { additional: bytes(3) });
      return told(
        sealed.length,
        crypto(scene).isAuthentic(key, sealed),
        crypto(scene).isAuthentic(key, bound),
        crypto(scene)
          .decrypt(key, sealed)
          .expose((all) => all.join()),
      );
    },
  },
  keyedHash: {
    names: ["byteLength", "dkLen", "salt", "personalization"],
    run: (scene) => {
      const hash = crypto(scene).keyedHash(scene.secrets.move(bytes(32)), MESSAGE);
      return told(hash.expose((all) => all.join()));
    },
  },
  hmac: {
    names: ["hash"],
    run: (scene) => {
      const tag = crypto(scene).hmac(scene.secrets.move(bytes(32)), MESSAGE);
      return told(tag.expose((all) => all.join()));
    },
  },
  hkdf: {
    names: ["salt", "info", "byteLength"],
    run: (scene) => {
      const key = crypto(scene).hkdf(scene.secrets.move(bytes(32)));
      return told(key.expose((all) => all.join()));
    },
  },
  argon2id: {
    names: [...COST, "byteLength", "personalization", "maxmem", "version"],
    run: (scene) => {
      const key = crypto(scene).argon2id(scene.secrets.move(bytes(9)), bytes(16), LEAST_COST);
      return told(key.expose((all) => all.join()));
    },
  },
  verifyPassword: {
    names: [...COST, "mostCost", "salt", "hash"],
    run: (scene) => {
      const password = scene.secrets.move(bytes(9));
      const stored = crypto(scene).hashPassword(password, LEAST_COST);
      return told(stored.length, crypto(scene).verifyPassword(password, stored));
    },
  },
  sign: {
    names: ["seed", ...PAIR, "context"],
    run: (scene) => {
      const pair = crypto(scene).signKeyPair(scene.secrets.move(bytes(32)));
      const signature = crypto(scene).sign(pair.secretKey, MESSAGE);
      return told(signature.join(), crypto(scene).verify(pair.publicKey, MESSAGE, signature));
    },
  },
  unsealBox: {
    names: PAIR,
    run: (scene) => {
      const pair = crypto(scene).agreeKeyPair();
      const box = crypto(scene).sealBox(pair.publicKey, MESSAGE);
      const [lacking] = [{ secretKey: pair.secretKey }] as unknown as [typeof pair];
      return told(
        crypto(scene)
          .unsealBox(pair, box)
          .expose((all) => all.join()),
        nameOf(() => crypto(scene).unsealBox(lacking, box)),
      );
    },
  },
};
