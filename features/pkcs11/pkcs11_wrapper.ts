import { isBytes } from "../../core/arguments/check_bytes.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { wipeBytes } from "../../core/bytes.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { FILE_KEY_BYTES, type Land, type Stanza } from "../../core/contract/key_wrapper.ts";
import { disposable } from "../../core/dispose.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import type { Ffi } from "../../system/ffi.ts";
import { born, checkSecret } from "../crypto/lend.ts";
import { type View, within } from "../envelopes/bytes.ts";
import { readPoint } from "../keys/primitives/curve_constants.ts";
import { notItsPublicHalf } from "./ec_key.ts";
import {
  agreeOnToken,
  ecdhContext,
  openByShared,
  POINT_BYTES,
  SHARED_BYTES,
  sealByPoint,
} from "./ecdh.ts";
import { type FoundKey, findKey } from "./key.ts";
import { loadModule, type Pkcs11Module } from "./module.ts";
import {
  type Algorithm,
  algorithmOf,
  bodyBytes,
  checkOffered,
  decrypt,
  type EncryptingAlgorithm,
  encrypt,
} from "./operations.ts";
import { checkKeyOptions, copyOfPin, PKCS11_OPTIONS } from "./options.ts";
import { failed, Pkcs11Error, VERB } from "./pkcs11_error.ts";
import { tagOf } from "./tag.ts";
import { findSlot, withSession } from "./token.ts";
import type { Pkcs11Options, Pkcs11Wrapper } from "./types.ts";
import type { Pkcs11Uri } from "./uri.ts";

const TYPE = "lethe/pkcs11";

/** A key of a token. Each call finds the token, logs in, and ends the session. */
export class Pkcs11Key implements Pkcs11Wrapper {
  readonly version = null;
  readonly residue =
    "the module runs in this process. SoftHSM 2.6 and the client of p11-kit left nothing when measured, tpm2-pkcs11 left file keys, others were not measured; Lethe itself leaves nothing";
  readonly name: string;
  readonly #secrets: Secrets;
  readonly #module: Pkcs11Module;
  readonly #uri: Pkcs11Uri;
  readonly #pin: SecretBuffer | null;
  readonly #spendLastTry: boolean;
  readonly #algorithm: Algorithm;
  readonly #tag: string;
  readonly #bodyBytes: number;
  /** An error about the PIN, after which none is tried any more. */
  #refusal: Pkcs11Error | null = null;
  #isDestroyed = false;

  constructor(secrets: Secrets, ffi: () => Ffi, options: Pkcs11Options) {
    const { pin, ...ofKey } = readOptions(options, VERB, PKCS11_OPTIONS);
    const { uri, modulePath, hash, spendLastTry, name } = checkKeyOptions(secrets, ofKey);
    this.#uri = uri;
    this.name = name;
    this.#secrets = secrets;
    this.#spendLastTry = spendLastTry;
    this.#pin = pin === undefined ? null : copyOfPin(secrets, pin);
    try {
      this.#module = loadModule(ffi, modulePath);
      this.#module.enter();
    } catch (error) {
      this.#pin?.destroy();
      throw error;
    }
    try {
      const [algorithm, tag, length, isPair] = this.#visit((session, slot) => {
        const key = findKey(this.#module, session, this.#uri);
        checkOffered(this.#module, slot, key);
        const isPair = key.kind === "ec" && key.privateKey !== null;
        return [algorithmOf(key, hash), tagOf(secrets, key), bodyBytes(key), isPair] as const;
      });
      [this.#algorithm, this.#tag, this.#bodyBytes] = [algorithm, tag, length];
      if (isPair) this.#checkPair();
    } catch (error) {
      this.destroy();
      throw error;
    }
    if (isBytes(pin)) wipeBytes(pin);
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#pin?.destroy();
    this.#module.leave();
  }

  wrap(fileKey: SecretBuffer): readonly Stanza[] {
    checkSecret(fileKey, "wrap file key", "fileKey", FILE_KEY_BYTES);
    return [{ args: [TYPE, this.#algorithm, this.#tag], body: this.#encrypt(fileKey) }];
  }

  #encrypt(fileKey: SecretBuffer): View {
    const [module, algorithm] = [this.#module, this.#algorithm];
    const [body, point] = this.#use((key, session) => {
      if (key.kind === "ec") return [null, key.point] as const;
      const encrypted = fileKey.expose((bytes) =>
        encrypt(module, session, key, algorithm as EncryptingAlgorithm, bytes as View),
      );
      return [encrypted, null] as const;
    });
    return body ?? sealByPoint(ecdhContext(this.#secrets), point, fileKey);
  }

  unwrap(stanzas: readonly Stanza[], land: Land): SecretBuffer | null {
    for (const { args, body } of stanzas) {
      if (args[0] !== TYPE) continue;
      if (args.length !== 3) throw malformed();
      if (args[1] !== this.#algorithm || args[2] !== this.#tag) continue;
      if (body.length !== this.#bodyBytes) throw malformed();
      const fileKey =
        this.#algorithm === "ecdh-p256" ? this.#agree(body, land) : this.#decrypt(body, land);
      if (fileKey === null) throw notAuthentic();
      return fileKey;
    }
    return null;
  }

  /**
   * A module may want room for more than comes out of it, so it gets a page of secret memory in between. The session has ended
   * before `land`, which is the caller's, is called.
   */
  #decrypt(body: View, land: Land): SecretBuffer | null {
    const plain = this.#secrets.allocate(this.#bodyBytes);
    try {
      const length = this.#use((key, session) =>
        plain.modify((page) =>
          key.kind === "ec"
            ? null
            : decrypt(
                ...([this.#module, session, key] as const),
                ...([this.#algorithm as EncryptingAlgorithm, body, page as View] as const),
              ),
        ),
      );
      if (length === null) return null;
      if (length !== FILE_KEY_BYTES) throw malformed();
      return plain.expose((page) =>
        land(FILE_KEY_BYTES, (bytes) => bytes.set(within(page as View, 0, FILE_KEY_BYTES))),
      );
    } finally {
      plain.destroy();
    }
  }

  /** The token agrees; the rest is done here, when its session has ended. */
  #agree(body: View, land: Land): SecretBuffer | null {
    const share = within(body, 0, POINT_BYTES);
    if (readPoint("p256", share) === null) throw malformed();
    const shared = this.#secrets.allocate(SHARED_BYTES);
    try {
      const point = this.#use((key, session) => {
        if (key.kind !== "ec") return null;
        shared.modify((page) =>
          agreeOnToken(this.#module, session, key.privateKey, share, page as View),
        );
        return key.point;
      });
      return point === null
        ? null
        : openByShared(ecdhContext(this.#secrets), shared, point, body, land);
    } finally {
      shared.destroy();
    }
  }

  /** A private key of EC shows no public half: what is sealed to the one beside it must open by it. */
  #checkPair(): void {
    const fileKey = this.#secrets.random(FILE_KEY_BYTES);
    let opened: SecretBuffer | null = null;
    try {
      opened = this.#agree(this.#encrypt(fileKey), (length, fill) =>
        born(this.#secrets, length, fill),
      );
      if (opened === null) throw notItsPublicHalf();
    } finally {
      for (const one of [fileKey, opened]) one?.destroy();
    }
  }

  /** Lends the key, which must still be the one that it was. */
  #use<T>(use: (key: FoundKey, session: bigint) => T): T {
    return this.#visit((session) => {
      const key = findKey(this.#module, session, this.#uri);
      if (tagOf(this.#secrets, key) === this.#tag) return use(key, session);
      throw failed(
        "the token has another key in the place of this one; make the wrapper again if it is right",
      );
    });
  }

  #visit<T>(use: (session: bigint, slot: bigint) => T): T {
    if (this.#isDestroyed) {
      throw new LetheError("ERR_LETHE_DESTROYED", `Cannot ${VERB}: it was destroyed`);
    }
    if (this.#refusal !== null) throw again(this.#refusal);
    try {
      this.#module.prepare();
      const slot = findSlot(this.#module, this.#uri);
      const login = { pin: this.#pin, spendLastTry: this.#spendLastTry };
      return withSession(this.#module, slot, login, (session) => use(session, slot));
    } catch (error) {
      if (!(error instanceof Pkcs11Error)) throw error;
      if (isAboutPin(error)) this.#refusal = error;
      else this.#module.doubt();
      throw error;
    }
  }

  declare [Symbol.dispose]: () => void;
}

disposable(Pkcs11Key, (key) => key.destroy());
redact(Pkcs11Key, ({ name }) => `[Pkcs11Key ${name}]`);

function isAboutPin({ returnValue, triesLeft }: Pkcs11Error): boolean {
  return (returnValue?.startsWith("CKR_PIN_") ?? false) || triesLeft === "one";
}

/** It ends the key's search: anybody can name a key in thousands of stanzas, each of which would keep the token busy. */
function notAuthentic(): Pkcs11Error {
  return failed(
    "the envelope names this key, and its stanza does not open with it: it was altered, or made for another key; restore the file",
  );
}

function again({ message, returnValue, triesLeft }: Pkcs11Error): Pkcs11Error {
  return new Pkcs11Error(message, returnValue, triesLeft);
}

function malformed(): LetheError {
  return new LetheError(
    "ERR_LETHE_ENVELOPE_FORMAT",
    `Cannot read envelope: its ${TYPE} stanza has not the form of that type; restore the file`,
  );
}
