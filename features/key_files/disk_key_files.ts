import { readOptions } from "../../core/arguments/options.ts";
import { has } from "../../core/arguments/own.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { sweepBefore, withChange } from "./change.ts";
import { resealFile, sealFile, unsealFile } from "./change_form.ts";
import { type KeyFileContext, readKey } from "./contents.ts";
import { destroyKey } from "./destroy_key.ts";
import { describeFile } from "./inspect_file.ts";
import type { KeyFileReport } from "./key_file_report.ts";
import type { KeyFiles } from "./key_files.ts";
import { checkShape, type KeyOf, type KeyPair, type KeyShape, toKey } from "./key_shape.ts";
import { createKey, storeKey } from "./make_key.ts";
import {
  type ChangePassphraseOptions,
  flagOf,
  type KeyFileOptions,
  passphraseOf,
  type ReadKeyOptions,
  type RotateKeyOptions,
  type SealKeyOptions,
  trustOf,
} from "./options.ts";
import { checkPath } from "./place.ts";
import { removeFile } from "./remove_file.ts";
import { rotateKey } from "./rotate_key.ts";
import type { Rotation } from "./rotation.ts";
import { withSource } from "./source.ts";
import { Task } from "./task.ts";

/** Key files on a disk. Each change of a file has its own module. */
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
    return createKey(this.#context, path, shape, options);
  }

  store(
    path: string,
    type: "ed25519" | "x25519",
    key: SecretBuffer,
    options?: KeyFileOptions,
  ): KeyPair {
    return storeKey(this.#context, path, type, key, options);
  }

  read<S extends KeyShape>(path: string, shape: S, options?: ReadKeyOptions): KeyOf<S> {
    const verb = "read";
    checkShape(shape, verb);
    const own = readOptions(options, `${verb} key file`, ["passphrase", "trust", "asIs"]);
    const passphrase = passphraseOf(own, "passphrase", verb);
    const [trust, asIs] = [trustOf(own, verb), flagOf(own, "asIs", verb)];
    checkPath(path, verb);
    const { calls, secrets, engineFor } = this.#context;
    const task = new Task(calls, verb, path);
    return withSource(task, path, trust, (source) => {
      const { key } = readKey(this.#context, task, source, shape, { passphrase, asIs });
      return toKey(secrets, engineFor, shape, key);
    });
  }

  rotate<S extends KeyShape>(path: string, shape: S, options?: RotateKeyOptions): Rotation<S> {
    return rotateKey(this.#context, path, shape, options);
  }

  seal(path: string, shape: KeyShape, options: SealKeyOptions): void {
    sealFile(this.#context, path, shape, options);
  }

  unseal(path: string, options: Pick<KeyFileOptions, "passphrase">): void {
    unsealFile(this.#context, path, options);
  }

  changePassphrase(path: string, options: ChangePassphraseOptions): void {
    resealFile(this.#context, path, options);
  }

  inspect(path: string, options?: Pick<ReadKeyOptions, "trust">): KeyFileReport {
    const verb = "inspect";
    const trust = trustOf(readOptions(options, `${verb} key file`, ["trust"]), verb);
    checkPath(path, verb);
    const { calls, secrets } = this.#context;
    const task = new Task(calls, verb, path);
    return withSource(task, path, trust, (source) => describeFile(task, source, secrets));
  }

  remove(path: string): void {
    withChange(this.#context, path, "remove", (task, place) => {
      sweepBefore(task, place, null);
      removeFile(task, place);
    });
  }

  destroy(key: object): void {
    destroyKey(key);
  }
}
