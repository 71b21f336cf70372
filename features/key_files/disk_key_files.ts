import { outOfRange } from "../../core/arguments/argument_error.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { has } from "../../core/arguments/own.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { carriesMagic } from "../../core/sealed_key_mark.ts";
import { checkSecret } from "../crypto/lend.ts";
import {
  contentOf,
  costOfSuccessor,
  type KeyFileContext,
  openSealed,
  originalOf,
  plainContent,
  readKey,
} from "./contents.ts";
import { destroyKey } from "./destroy_key.ts";
import { describeFile } from "./inspect_file.ts";
import type { KeyFileReport, KeyFiles, Rotation } from "./key_files.ts";
import {
  bytesOf,
  checkShape,
  type KeyOf,
  type KeyPair,
  type KeyShape,
  secretOf,
  toKey,
} from "./key_shape.ts";
import { knownFormatOf } from "./known_formats.ts";
import { sweep } from "./leftovers.ts";
import { withLock } from "./lock.ts";
import {
  type ChangePassphraseOptions,
  flagOf,
  type KeyFileOptions,
  neededPassphrase,
  passphraseOf,
  type ReadKeyOptions,
  type RotateKeyOptions,
  type SealKeyOptions,
  trustOf,
} from "./options.ts";
import { checkPath, type Place, withPlace } from "./place.ts";
import { publish } from "./publish.ts";
import { removeFile } from "./remove_file.ts";
import { checkPrevious, type Original, replace } from "./replace.ts";
import { headerOf, rotation } from "./results.ts";
import { sourceIn, withSource } from "./source.ts";
import { Task } from "./task.ts";

export class DiskKeyFiles implements KeyFiles {
  readonly #context: KeyFileContext;

  constructor(context: KeyFileContext) {
    this.#context = context;
  }

  get access(): "checked" | "not checked" {
    return this.#context.calls.access;
  }

  create(path: string, shape: number, options?: KeyFileOptions): void;
  create(
    path: string,
    shape: "ed25519" | "x25519",
    options?: KeyFileOptions,
  ): Uint8Array<ArrayBuffer>;
  create(
    path: string,
    shape: KeyShape,
    options?: KeyFileOptions,
  ): Uint8Array<ArrayBuffer> | undefined {
    const key: SecretBuffer | KeyPair = this.createAndRead(path, shape, options);
    destroyKey(key);
    return has(key, "publicKey") ? key.publicKey : undefined;
  }

  createAndRead<S extends KeyShape>(path: string, shape: S, options?: KeyFileOptions): KeyOf<S> {
    const verb = "create";
    checkShape(shape, verb);
    const own = readOptions(options, `${verb} key file`, ["passphrase", "cost"]);
    const passphrase = passphraseOf(own, "passphrase", verb);
    return this.#change(path, verb, (task, place) => {
      this.#sweep(task, place, null);
      return this.#random(shape, (key) => {
        const { cost = this.#context.cost } = own;
        const header = headerOf(shape);
        publish(
          task,
          place,
          contentOf(this.#context, task, secretOf(key), header, passphrase, cost),
        );
      });
    });
  }

  store(
    path: string,
    type: "ed25519" | "x25519",
    key: SecretBuffer,
    options?: KeyFileOptions,
  ): KeyPair {
    const verb = "store";
    checkShape(type, verb);
    if (type !== "ed25519" && type !== "x25519") {
      throw outOfRange("Cannot store key file: type must be ed25519 or x25519");
    }
    checkSecret(key, "store key file", "key", 32, 64);
    const own = readOptions(options, `${verb} key file`, ["passphrase", "cost"]);
    const passphrase = passphraseOf(own, "passphrase", verb);
    const seedBytes = bytesOf(type);
    if (key.byteLength !== seedBytes && (type !== "ed25519" || key.byteLength !== 2 * seedBytes)) {
      throw outOfRange(
        `Cannot store key file as a key of ${type} has 32 bytes, or with its public key (Ed25519) 64: current value has ${key.byteLength}`,
      );
    }
    return this.#change(path, verb, (task, place) => {
      this.#sweep(task, place, null);
      const seed = key.slice(0, seedBytes);
      if (seed.expose(isUnstorable)) {
        seed.destroy();
        task.refuse("ERR_LETHE_KEY_FORMAT", "the bytes are zeros or text, and no raw key");
      }
      const pair: KeyPair = this.#key<"ed25519" | "x25519">(type, seed);
      try {
        const { cost = this.#context.cost } = own;
        const content = contentOf(
          this.#context,
          task,
          pair.secretKey,
          headerOf(type),
          passphrase,
          cost,
        );
        publish(task, place, content);
        return pair;
      } catch (error) {
        destroyKey(pair);
        throw error;
      }
    });
  }

  read<S extends KeyShape>(path: string, shape: S, options?: ReadKeyOptions): KeyOf<S> {
    const verb = "read";
    checkShape(shape, verb);
    const own = readOptions(options, `${verb} key file`, ["passphrase", "trust", "asIs"]);
    const passphrase = passphraseOf(own, "passphrase", verb);
    const [trust, asIs] = [trustOf(own, verb), flagOf(own, "asIs", verb)];
    checkPath(path, verb);
    const task = new Task(this.#context.calls, verb, path);
    return withSource(task, path, trust, (source) => {
      const { key } = readKey(this.#context, task, source, shape, { passphrase, asIs });
      return this.#key(shape, key);
    });
  }

  rotate<S extends KeyShape>(path: string, shape: S, options?: RotateKeyOptions): Rotation<S> {
    const verb = "rotate";
    checkShape(shape, verb);
    const known = ["passphrase", "cost", "keepPrevious", "asIs"] as const;
    const own = readOptions(options, `${verb} key file`, known);
    const passphrase = passphraseOf(own, "passphrase", verb);
    const asIs = flagOf(own, "asIs", verb);
    const keep = flagOf(own, "keepPrevious", verb);
    return this.#change(path, verb, (task, place) => {
      const read = readKey(this.#context, task, sourceIn(place), shape, { passphrase, asIs });
      const previous = this.#key(shape, read.key);
      try {
        const file = read.sealed?.file;
        const original = this.#original(
          task,
          place,
          file ?? plainContent(secretOf(previous), bytesOf(shape)),
        );
        this.#sweep(task, place, original);
        checkPrevious(task, place, original);
        const cost = costOfSuccessor(
          this.#context,
          read.sealed?.header.cost ?? this.#context.cost,
          own.cost,
        );
        const current = this.#random(shape, (key) => {
          const header = headerOf(shape);
          const put = contentOf(this.#context, task, secretOf(key), header, passphrase, cost);
          replace(task, place, original, put, keep ? "keep" : "key");
        });
        return rotation(previous, current);
      } catch (error) {
        destroyKey(previous);
        throw error;
      }
    });
  }

  seal(path: string, shape: KeyShape, options: SealKeyOptions): void {
    const verb = "seal";
    checkShape(shape, verb);
    const own = readOptions(options, `${verb} key file`, ["passphrase", "cost", "asIs"]);
    const passphrase = neededPassphrase(own, "passphrase", verb);
    const asIs = flagOf(own, "asIs", verb);
    this.#change(path, verb, (task, place) => {
      const reading = { passphrase: undefined, asIs };
      const { key } = readKey(this.#context, task, sourceIn(place), shape, reading);
      holding(key, () => {
        const { cost = this.#context.cost } = own;
        const original = this.#original(task, place, plainContent(key, bytesOf(shape)));
        this.#sweep(task, place, original);
        const put = contentOf(this.#context, task, key, headerOf(shape), passphrase, cost);
        replace(task, place, original, put, "form");
      });
    });
  }

  unseal(path: string, options: Pick<KeyFileOptions, "passphrase">): void {
    const verb = "unseal";
    const own = readOptions(options, `${verb} key file`, ["passphrase"]);
    const passphrase = neededPassphrase(own, "passphrase", verb);
    this.#change(path, verb, (task, place) => {
      const { key, header, file } = openSealed(this.#context, task, sourceIn(place), passphrase);
      holding(key, () => {
        const original = this.#original(task, place, file);
        this.#sweep(task, place, original);
        replace(task, place, original, plainContent(key, header.keyBytes), "form");
      });
    });
  }

  changePassphrase(path: string, options: ChangePassphraseOptions): void {
    const verb = "reseal";
    const known = ["passphrase", "newPassphrase", "cost"] as const;
    const own = readOptions(options, `${verb} key file`, known);
    const old = neededPassphrase(own, "passphrase", verb);
    const passphrase = neededPassphrase(own, "newPassphrase", verb);
    this.#change(path, verb, (task, place) => {
      const { key, header, file } = openSealed(this.#context, task, sourceIn(place), old);
      holding(key, () => {
        const original = this.#original(task, place, file);
        this.#sweep(task, place, original);
        const cost = costOfSuccessor(this.#context, header.cost, own.cost);
        const put = contentOf(this.#context, task, key, header, passphrase, cost);
        replace(task, place, original, put, "form");
      });
    });
  }

  inspect(path: string, options?: Pick<ReadKeyOptions, "trust">): KeyFileReport {
    const verb = "inspect";
    const trust = trustOf(readOptions(options, `${verb} key file`, ["trust"]), verb);
    checkPath(path, verb);
    const task = new Task(this.#context.calls, verb, path);
    return withSource(task, path, trust, (source) =>
      describeFile(task, source, this.#context.secrets),
    );
  }

  remove(path: string): void {
    this.#change(path, "remove", (task, place) => {
      this.#sweep(task, place, null);
      removeFile(task, place);
    });
  }

  destroy(key: object): void {
    destroyKey(key);
  }

  /** One change in a directory at a time. */
  #change<T>(path: string, verb: string, use: (task: Task, place: Place) => T): T {
    checkPath(path, verb);
    const task = new Task(this.#context.calls, verb, path);
    return withPlace(task, path, "change", "strict", (place) =>
      withLock({ task, place, patience: this.#context.wait }, () => use(task, place)),
    );
  }

  #sweep(task: Task, place: Place, original: Original | null): void {
    sweep(task, place, (name) => original?.isAt(name) === true);
  }

  #original(
    task: Task,
    place: Place,
    file: Uint8Array<ArrayBuffer> | Original["content"],
  ): Original {
    const content: Original["content"] = typeof file === "function" ? file : (use) => use(file);
    return originalOf(this.#context, task, place, content);
  }

  /** A new key, handed out once `keep` has put it away. Never one that a read would take for no key. */
  #random<S extends KeyShape>(shape: S, keep: (key: KeyOf<S>) => void): KeyOf<S> {
    let content = this.#context.secrets.random(bytesOf(shape));
    while (content.expose((bytes) => carriesMagic(bytes) || knownFormatOf(bytes, true) !== null)) {
      content.destroy();
      content = this.#context.secrets.random(bytesOf(shape));
    }
    const key = this.#key(shape, content);
    try {
      keep(key);
    } catch (error) {
      destroyKey(key);
      throw error;
    }
    return key;
  }

  #key<S extends KeyShape>(shape: S, content: SecretBuffer): KeyOf<S> {
    return toKey(this.#context.secrets, this.#context.engineFor, shape, content);
  }
}

/** What reading would refuse again. */
function isUnstorable(bytes: Uint8Array): boolean {
  let any = 0;
  for (const byte of bytes) any |= byte;
  return any === 0 || carriesMagic(bytes) || knownFormatOf(bytes, true) !== null;
}

/** Destroys a key after its use. */
function holding(key: SecretBuffer, use: () => void): void {
  try {
    use();
  } finally {
    key.destroy();
  }
}
