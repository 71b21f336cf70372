import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { carriesMagic } from "../../core/sealed_key_mark.ts";
import { wallClock } from "../../system/timers.ts";
import {
  type FileCalls,
  type FileFacts,
  type KeyFileTrust,
  readFull,
  type Source,
  Task,
  TRUSTS,
  withFile,
  withSource,
  withVolume,
} from "../key_files/mod.ts";
import { type Answer, checkBounds, type Fail, failing } from "./answer.ts";
import { asSourceError } from "./file_errors.ts";
import { makeRecord, ONLY_FIELD, type SecretRecord } from "./record.ts";
import { contextOf, type Land, type ReadContext, type SecretSource } from "./source.ts";
import {
  checkTrimming,
  TRIMMING_OPTIONS,
  type Trimming,
  type TrimmingOptions,
  trimmed,
} from "./trimming.ts";

/** How files are read. */
export interface FileSourceOptions extends TrimmingOptions {
  /**
   * Whom a file may come from, as in key files: `"strict"` (the default), `"kubernetes"`, `"systemd"`,
   * `"compose"`. See docs/key_files.md for what each checks.
   */
  readonly trust?: KeyFileTrust;
  /** The most bytes of a file: an integer from 1 to 2^24. A longer one is an error. Default: 65,536. */
  readonly maxBytes?: number;
}

/**
 * A source of files: the reference is a path. One that ends with a slash is a volume of a Kubernetes Secret, under
 * that profile: a record with a field for each of its files, all of one state.
 */
export class FileSource implements SecretSource {
  readonly name = "file";
  readonly residue: readonly string[] = Object.freeze([]);
  readonly #openCalls: () => FileCalls;
  readonly #trust: KeyFileTrust;
  readonly #trimming: Trimming;
  readonly #maxBytes: number;

  constructor(openCalls: () => FileCalls, options: FileSourceOptions | undefined) {
    const own = readOptions(options, VERB, ["trust", "maxBytes", ...TRIMMING_OPTIONS]);
    const { trust = "strict" } = own;
    if (!TRUSTS.includes(trust)) {
      throw wrongType(
        `Cannot ${VERB} as trust must be ${TRUSTS.map((each) => `"${each}"`).join(", ")}`,
      );
    }
    this.#openCalls = openCalls;
    this.#trust = trust;
    this.#trimming = checkTrimming(own, VERB);
    this.#maxBytes = checkBounds(
      own.maxBytes === undefined ? {} : { maxBytes: own.maxBytes },
      VERB,
    ).maxBytes;
  }

  /** In one turn of the event loop: between the checks and the read nothing of this program runs. */
  async read(path: string, context: ReadContext): Promise<SecretRecord> {
    const { land, signal } = contextOf(context);
    checkPath(path);
    throwIfAborted(signal);
    const reading = { land, fail: failing(this.name, path), task: this.#task(path) };
    try {
      if (path.endsWith("/")) return this.#readVolume(reading, path);
      return withSource(reading.task, path, this.#trust, (source) => {
        const [version, value] = this.#readFile(reading, source);
        return makeRecord({ version, fields: [[ONLY_FIELD, value]] });
      });
    } catch (error) {
      throw asSourceError(error, reading.task, reading.fail);
    }
  }

  #task(path: string): Task {
    return new Task(this.#openCalls(), "read", path);
  }

  #readVolume(reading: Reading, path: string): SecretRecord {
    const { task, fail } = reading;
    if (this.#trust !== "kubernetes") {
      fail(
        "ERR_LETHE_SOURCE_UNTRUSTED",
        'it is a folder, whose files may be of different states; give the path of one file, or trust: "kubernetes" for a volume of Kubernetes',
      );
    }
    return withVolume(task, path, ({ state, files }) => {
      if (files.length === 0)
        fail("ERR_LETHE_SOURCE_EMPTY", "it has no file; fill the Secret first");
      const fields: (readonly [string, SecretBuffer])[] = [];
      try {
        for (const [name, source] of files) {
          fields.push([name, this.#readFile(reading, source)[1]]);
        }
        return makeRecord({ version: state, fields });
      } catch (error) {
        for (const [, secret] of fields) secret.destroy();
        throw error;
      }
    });
  }

  /** Its version, and what is left of its bytes. */
  #readFile({ task, land, fail }: Reading, source: Source): readonly [string, SecretBuffer] {
    const { secret, length, version } = readWhole(task, source, this.#maxBytes, land, fail);
    try {
      return [version, trimmed(land, secret, length, this.#trimming, fail)];
    } finally {
      secret.destroy();
    }
  }
}

interface Reading {
  readonly task: Task;
  readonly land: Land;
  readonly fail: Fail;
}

const VERB = "open file source";

interface Whole extends Answer {
  readonly version: string;
}

/** All bytes of a file, which did not change while they were read. */
function readWhole(task: Task, source: Source, maxBytes: number, land: Land, fail: Fail): Whole {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const whole = withFile(task, source, (descriptor, facts) => {
      checkSize(facts.size, maxBytes, fail);
      return readOnce(task, descriptor, facts, land, fail);
    });
    if (whole !== null) return whole;
  }
  return fail("ERR_LETHE_SOURCE_INCOMPLETE", "it changed while it was read; read it again");
}

function checkSize(size: number, maxBytes: number, fail: Fail): void {
  if (size === 0)
    fail("ERR_LETHE_SOURCE_EMPTY", "it is empty, and a secret cannot be; write it first");
  if (size <= maxBytes) return;
  fail(
    "ERR_LETHE_SOURCE_TOO_LONG",
    `it has ${size} bytes, and ${maxBytes} are allowed; correct the path, or raise maxBytes`,
  );
}

/** @returns null when it changed meanwhile */
function readOnce(
  task: Task,
  descriptor: number,
  before: FileFacts,
  land: Land,
  fail: Fail,
): Whole | null {
  const { size } = before;
  let isWhole = false;
  // One byte more than it has: a file that grew shows it.
  const secret = land(size + 1, (page) => {
    isWhole = readFull(task, descriptor, page) === size;
    if (isWhole && carriesMagic(new Uint8Array(page.buffer, page.byteOffset, size))) {
      fail(
        "ERR_LETHE_SOURCE_FORMAT",
        "it is a sealed key file, which holds a ciphertext and no secret; read it with openKeyFiles()",
      );
    }
  });
  try {
    const after = task.do((calls) => calls.stat(descriptor));
    if (isWhole && isSame(before, after))
      return { secret, length: size, version: versionOf(after) };
  } catch (error) {
    secret.destroy();
    throw error;
  }
  secret.destroy();
  return null;
}

function isSame(before: FileFacts, after: FileFacts): boolean {
  return (
    before.identity === after.identity &&
    before.size === after.size &&
    before.modified === after.modified
  );
}

/**
 * Names the state of a file by what the file system says of it. The time of a change has the grain of the
 * kernel's clock: a file that was just changed may change again at the same time, so that its version is
 * this read's alone.
 */
function versionOf({ identity, size, modified }: FileFacts): string {
  const name = `${identity}:${size}:${modified}`;
  if (wallClock() - modified > GRAIN) return name;
  reads += 1;
  return `${name}:${reads}`;
}

let reads = 0;
/** In milliseconds: two seconds of FAT are the coarsest, and clocks of file servers differ. */
const GRAIN = 4000;
const MOST_ATTEMPTS = 3;

function checkPath(path: unknown): asserts path is string {
  if (typeof path === "string" && path !== "" && !path.includes("\0") && path.isWellFormed())
    return;
  throw wrongKind(`Cannot read secret from file as its path must be text that is not empty`, path);
}
