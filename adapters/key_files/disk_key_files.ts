import type { MemorySecrets } from "../../core/memory_secrets.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { readOptions } from "../../core/options.ts";
import { destroyKey } from "./destroy_key.ts";
import type { EngineFor } from "./engine_for.ts";
import type { FileCalls } from "./file_calls.ts";
import { inspectFile, removeFile } from "./inspect_file.ts";
import type { KeyFileReport, KeyFiles, Rotation } from "./key_files.ts";
import {
  bytesOf,
  checkShape,
  type KeyOf,
  type KeyShape,
  secretOf,
  toKey,
  typeOf,
} from "./key_shape.ts";
import { sweep } from "./leftovers.ts";
import {
  checkSealingCost,
  type KeyFileOptions,
  neededPassphrase,
  passphraseOf,
} from "./options.ts";
import { checkPath, type Place, withPlace } from "./place.ts";
import { type Content, publish, replace } from "./publish.ts";
import { type ReadContent, readPlain, readSealed } from "./read_content.ts";
import { headerOf, rotation } from "./results.ts";
import { examine, firstBytes, openKey, SEALING_OPERATIONS, sealKey } from "./seal_key.ts";
import type { Argon2Cost, SealedHeader } from "./sealed_format.ts";
import { Task } from "./task.ts";

/** What key files are made with. */
export interface Workshop {
  readonly calls: FileCalls;
  readonly secrets: MemorySecrets;
  readonly engineFor: EngineFor;
  readonly cost: Argon2Cost;
  readonly mostCost: Argon2Cost;
}

export class DiskKeyFiles implements KeyFiles {
  readonly #shop: Workshop;

  constructor(shop: Workshop) {
    this.#shop = shop;
  }

  get access(): "checked" | "not checked" {
    return this.#shop.calls.access;
  }

  create<S extends KeyShape>(path: string, shape: S, options?: KeyFileOptions): KeyOf<S> {
    const verb = "create";
    checkShape(shape, verb);
    const own = readOptions(options, `${verb} key file`, ["passphrase", "cost"]);
    const passphrase = passphraseOf(own, "passphrase", verb);
    return this.#at(path, verb, "change", (task, place) => {
      sweep(task, place);
      return this.#random(shape, (key) => {
        publish(task, place, this.#content(task, secretOf(key), headerOf(shape), passphrase, own));
      });
    });
  }

  read<S extends KeyShape>(
    path: string,
    shape: S,
    options?: Pick<KeyFileOptions, "passphrase">,
  ): KeyOf<S> {
    const verb = "read";
    checkShape(shape, verb);
    const passphrase = passphraseOf(
      readOptions(options, `${verb} key file`, ["passphrase"]),
      "passphrase",
      verb,
    );
    return this.#at(path, verb, "lookup", (task, place) =>
      this.#key(shape, this.#read(task, place, shape, passphrase).content),
    );
  }

  rotate<S extends KeyShape>(
    path: string,
    shape: S,
    options?: KeyFileOptions & { readonly keepPrevious?: boolean },
  ): Rotation<S> {
    const verb = "rotate";
    checkShape(shape, verb);
    const own = readOptions(options, `${verb} key file`, ["passphrase", "cost", "keepPrevious"]);
    const passphrase = passphraseOf(own, "passphrase", verb);
    return this.#at(path, verb, "change", (task, place) => {
      sweep(task, place);
      const { content, identity } = this.#read(task, place, shape, passphrase);
      const previous = this.#key(shape, content);
      try {
        const current = this.#random(shape, (key) => {
          const put = this.#content(task, secretOf(key), headerOf(shape), passphrase, own);
          replace(task, place, identity, put, own.keepPrevious === true);
        });
        return rotation(previous, current);
      } catch (error) {
        destroyKey(previous);
        throw error;
      }
    });
  }

  seal(path: string, shape: KeyShape, options: KeyFileOptions): void {
    const verb = "seal";
    checkShape(shape, verb);
    const own = readOptions(options, `${verb} key file`, ["passphrase", "cost"]);
    const passphrase = neededPassphrase(own, "passphrase", verb);
    this.#rewrite(path, verb, (task, place) => {
      const { content, identity } = readPlain(task, this.#shop.secrets, place, bytesOf(shape));
      return { content, identity, header: headerOf(shape), passphrase, ...own };
    });
  }

  unseal(path: string, options: Pick<KeyFileOptions, "passphrase">): void {
    const verb = "unseal";
    const passphrase = neededPassphrase(
      readOptions(options, `${verb} key file`, ["passphrase"]),
      "passphrase",
      verb,
    );
    this.#rewrite(path, verb, (task, place) => ({
      ...this.#readSealed(task, place, passphrase),
      passphrase: undefined,
    }));
  }

  rekey(path: string, options: KeyFileOptions & { readonly newPassphrase: SecretBuffer }): void {
    const verb = "rekey";
    const own = readOptions(options, `${verb} key file`, ["passphrase", "newPassphrase", "cost"]);
    const old = neededPassphrase(own, "passphrase", verb);
    const passphrase = neededPassphrase(own, "newPassphrase", verb);
    this.#rewrite(path, verb, (task, place) => ({
      ...this.#readSealed(task, place, old),
      ...own,
      passphrase,
    }));
  }

  inspect(path: string): KeyFileReport {
    return this.#at(path, "inspect", "lookup", (task, place) =>
      inspectFile(task, place, this.#shop.secrets),
    );
  }

  remove(path: string): void {
    this.#at(path, "remove", "change", (task, place) => {
      sweep(task, place);
      removeFile(task, place);
    });
  }

  destroy(key: object): void {
    destroyKey(key);
  }

  #at<T>(
    path: string,
    verb: string,
    purpose: "lookup" | "change",
    use: (task: Task, place: Place) => T,
  ): T {
    checkPath(path, verb);
    const task = new Task(this.#shop.calls, verb, path);
    return withPlace(task, path, purpose, (place) => use(task, place));
  }

  /** A new key, handed out once `keep` has put it away. */
  #random<S extends KeyShape>(shape: S, keep: (key: KeyOf<S>) => void): KeyOf<S> {
    const key = this.#key(shape, this.#shop.secrets.random(bytesOf(shape)));
    try {
      keep(key);
    } catch (error) {
      destroyKey(key);
      throw error;
    }
    return key;
  }

  #key<S extends KeyShape>(shape: S, content: SecretBuffer): KeyOf<S> {
    return toKey(this.#shop.secrets, this.#shop.engineFor, shape, content);
  }

  #read(
    task: Task,
    place: Place,
    shape: KeyShape,
    passphrase: SecretBuffer | undefined,
  ): ReadContent<SecretBuffer> {
    return passphrase === undefined
      ? readPlain(task, this.#shop.secrets, place, bytesOf(shape))
      : this.#readSealed(task, place, passphrase, shape);
  }

  #readSealed(
    task: Task,
    place: Place,
    passphrase: SecretBuffer,
    shape?: KeyShape,
  ): ReadContent<SecretBuffer> & { readonly header: SealedHeader } {
    const { secrets, engineFor, mostCost } = this.#shop;
    const sealing = { task, secrets, engine: engineFor(SEALING_OPERATIONS) };
    const { content: file, identity } = readSealed(task, secrets, place);
    const header = examine(sealing, file, mostCost);
    if (shape !== undefined) this.#checkHeader(task, header, shape);
    return { content: openKey(sealing, file, passphrase, header), identity, header };
  }

  #checkHeader(task: Task, header: SealedHeader, shape: KeyShape): void {
    if (header.type !== typeOf(shape)) {
      task.refuse(
        "ERR_LETHE_KEY_FORMAT",
        `it holds a key of type ${header.type} and ${typeOf(shape)} was asked for; ask for what it is`,
      );
    }
    if (header.keyBytes !== bytesOf(shape)) {
      this.#shop.secrets.raise(
        "ERR_LETHE_KEY_SIZE",
        task.message(
          `it holds a key of ${header.keyBytes} bytes and ${bytesOf(shape)} were asked for; restore the key, or ask for the number that it has`,
        ),
      );
    }
  }

  /** Puts another form of the same key in its place. */
  #rewrite(path: string, verb: string, read: (task: Task, place: Place) => Rewrite): void {
    this.#at(path, verb, "change", (task, place) => {
      sweep(task, place);
      const { content, identity, header, passphrase, ...own } = read(task, place);
      try {
        replace(task, place, identity, this.#content(task, content, header, passphrase, own));
      } finally {
        content.destroy();
      }
    });
  }

  /** Argon2id runs here, before there is a temporary file. */
  #content(
    task: Task,
    key: SecretBuffer,
    header: Omit<SealedHeader, "cost">,
    passphrase: SecretBuffer | undefined,
    own: Pick<KeyFileOptions, "cost">,
  ): Content {
    if (passphrase === undefined) {
      return (write) => key.expose((bytes) => write(firstBytes(bytes, header.keyBytes)));
    }
    const { secrets, engineFor, mostCost } = this.#shop;
    const cost = checkSealingCost(own.cost ?? this.#shop.cost, mostCost, "seal");
    const sealing = { task, secrets, engine: engineFor(SEALING_OPERATIONS) };
    const file = sealKey(sealing, key, passphrase, { ...header, cost });
    return (write) => write(file);
  }
}

interface Rewrite extends ReadContent<SecretBuffer>, Pick<KeyFileOptions, "cost"> {
  readonly header: Omit<SealedHeader, "cost">;
  readonly passphrase: SecretBuffer | undefined;
}
