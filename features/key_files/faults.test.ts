import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LetheError, openSecrets, runtime } from "../../adapters/node/mod.ts";
import { CHEAP } from "../../testing/features/key_files/entry.ts";
import {
  errno,
  type Interfere,
  interferedCalls,
} from "../../testing/features/key_files/faulty_calls.ts";
import { SOAK } from "../../testing/tier.ts";
import type { FileCalls } from "./file_calls.ts";
import type { KeyFiles } from "./key_files.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

const secrets = openSecrets();
let directory = "";
const path = (name = "key"): string => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
});
afterEach(() => {
  secrets.purge();
  rmSync(directory, { recursive: true });
});

function open(calls: FileCalls = nodeCalls()): KeyFiles {
  return keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw", cost: CHEAP });
}

const passphrase = (): ReturnType<typeof secrets.move> =>
  secrets.move(new TextEncoder().encode("correct horse battery staple"));

/** Bytes of the file that {@link make} made; no secret of anyone. */
let original = "";

function make(keys: KeyFiles): void {
  keys.destroy(keys.createAndRead(path(), 32));
  original = readFileSync(path()).toString("base64");
}

/** What is done to a key file, after `prepare` was done without interference. */
const OPERATIONS: Readonly<Record<string, (keys: KeyFiles, prepare: KeyFiles) => unknown>> = {
  create: (keys) => keys.create(path(), 32),
  "create sealed": (keys) => {
    const phrase = passphrase();
    try {
      keys.destroy(keys.createAndRead(path(), "ed25519", { passphrase: phrase }));
    } finally {
      phrase.destroy();
    }
  },
  read: (keys, prepare) => {
    make(prepare);
    keys.destroy(keys.read(path(), 32));
  },
  rotate: (keys, prepare) => {
    make(prepare);
    keys.destroy(keys.rotate(path(), 32));
  },
  seal: (keys, prepare) => {
    make(prepare);
    const phrase = passphrase();
    try {
      keys.seal(path(), 32, { passphrase: phrase });
    } finally {
      phrase.destroy();
    }
  },
  remove: (keys, prepare) => {
    make(prepare);
    keys.remove(path());
  },
  inspect: (keys, prepare) => {
    make(prepare);
    keys.inspect(path());
  },
};

/** Of these `npm test` has every call fail, of the others each third; the soak has every one fail in five ways. */
const DAILY: readonly string[] = ["create", "rotate"];

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Counts the calls of an operation that meets no fault, and names them. */
function callsOf(name: string): readonly (keyof FileCalls)[] {
  const names: (keyof FileCalls)[] = [];
  const calls = interferedCalls((call, _, make) => {
    names.push(call);
    return make();
  });
  OPERATIONS[name]?.(open(calls), open());
  for (const left of readdirSync(directory)) rmSync(path(left));
  return names;
}

/** Runs an operation under interference: what it threw, and that nothing was left behind. */
function attempt(name: string, interfere: Interfere): unknown {
  const before = descriptors();
  let thrown: unknown = null;
  try {
    OPERATIONS[name]?.(open(interferedCalls(interfere)), open());
  } catch (error) {
    thrown = error;
  }
  expect(secrets.stats.live, "live secrets").toBe(0);
  expect(descriptors(), "open descriptors").toBe(before);
  return thrown;
}

/** Whatever is at the path has the size of a whole key file, plain or sealed. */
function expectWhole(): void {
  for (const name of readdirSync(directory).filter((name) => name !== LOCK)) {
    expect([32, 176], name).toContain(statSync(path(name)).size);
  }
}

const CODES = ["EIO", "ENOSPC", "EACCES", "ENOENT", "EXOTIC"];

/**
 * What is housekeeping, or has another way round it. A close that fails leaves the descriptor closed, as
 * on Linux.
 */
const HARMLESS: ReadonlySet<keyof FileCalls> = new Set(["close", "list", "lock", "statName"]);
/** What a file system without hard links may answer: then it goes another way. */
const NO_LINKS: readonly string[] = ["EACCES"];
const LOCK = ".lethe-lock";

describe.skipIf(process.platform !== "linux").each(Object.keys(OPERATIONS))("%s", (name) => {
  it("each call failing in turn: a typed error, and nothing is left behind", () => {
    const names = callsOf(name);
    expect(names.length).toBeGreaterThan(4);
    for (const [at, call] of names.entries()) {
      if (!SOAK && !DAILY.includes(name) && at % 3 !== 0) continue;
      for (const code of SOAK ? CODES : CODES.slice(at % CODES.length).slice(0, 1)) {
        const thrown = attempt(name, (_, number, make) => {
          if (number !== at) return make();
          if (call === "close") make();
          throw errno(code);
        });
        const where = `${call} at ${at}: ${code}`;
        expectWhole();
        const all = readdirSync(directory);
        const left = all.filter((file) => file !== LOCK);
        // The file of a lock that was not had, or could not be removed, keeps nobody off.
        const unlocked = at <= names.lastIndexOf("lock") + 2 || at === names.lastIndexOf("unlink");
        if (all.includes(LOCK)) expect(unlocked, where).toBe(true);
        expect(
          left.filter((file) => file !== "key"),
          where,
        ).toEqual([]);
        if (thrown === null) {
          const last = at > names.lastIndexOf("unlink") - 3 && ["sync", "unlink"].includes(call);
          // The first file is what the lock is tried on; a sweep takes it away.
          const tried = at === names.indexOf("unlink");
          const otherWay = tried || (call === "link" && NO_LINKS.includes(code));
          expect(last || otherWay || HARMLESS.has(call), where).toBe(true);
        } else {
          expect(thrown, where).toBeInstanceOf(LetheError);
          expect((thrown as LetheError).message, where).toMatch(/^Cannot \w+ key file ".*": .*; /);
          // All or nothing: what was there before is there now.
          const now = left.map((file) => readFileSync(path(file)).toString("base64"));
          const gone = name.startsWith("create") || (name === "remove" && call === "sync");
          expect(now, where).toEqual(gone ? [] : [original]);
        }
        for (const file of all) rmSync(path(file));
      }
    }
  });

  it.runIf(SOAK || name === "read")("a call that a signal interrupts is made again", () => {
    for (const at of callsOf(name).keys()) {
      let interrupted = 0;
      const thrown = attempt(name, (call, number, make) => {
        if (number !== at + interrupted || interrupted === 3) return make();
        if (call === "close") make();
        interrupted += 1;
        throw errno("EINTR");
      });
      expect(thrown).toBeNull();
      for (const file of readdirSync(directory)) rmSync(path(file));
    }
  });
});

describe("short reads and writes", () => {
  /** Passes at most `most` bytes of each transfer on. */
  function inPieces(most: number): FileCalls {
    const real = nodeCalls();
    const piece = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
      bytes.subarray(0, Math.min(most, bytes.length));
    return {
      ...real,
      read: (descriptor, bytes, from) => real.read(descriptor, piece(bytes), from),
      write: (descriptor, bytes) => real.write(descriptor, piece(bytes)),
    };
  }

  it.each([1, 7, 31])("%i bytes at a time make the same key", (most) => {
    const made = open(inPieces(most)).createAndRead(path(), 100);
    const read = open().read(path(), 100);
    expect(read.equals(made)).toBe(true);
    const again = open(inPieces(most)).read(path(), 100);
    expect(again.equals(made)).toBe(true);
  });

  it("a system that takes nothing is an error, not a loop", () => {
    const calls = interferedCalls((name, _, make) => (name === "write" ? 0 : make()));
    expect(() => open(calls).create(path(), 32)).toThrow(/takes no more/);
    expect(readdirSync(directory)).toEqual([]);
  });
});
