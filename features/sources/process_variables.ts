import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { process, TextEncoder } from "../../system/node_builtins.ts";
import type { Land } from "./source.ts";

/** The variables of this process. A runtime fills it. */
export interface ProcessVariables {
  readonly residue: readonly string[];
  /**
   * The value of a variable, which is overwritten and deleted. Null where there is none.
   *
   * @param land makes the secret
   */
  take(name: string, land: Land): SecretBuffer | "empty" | null;
}

/** What no way of reading changes. */
const SEEN =
  "a process that may read the environment of this one could read it until it was taken, and the parent of this process may have it still";

/**
 * For Node and Linux: the block that the kernel made, through /proc/self/mem. Where that cannot be opened, the way
 * and the residue of other systems.
 */
export function imageVariables(): ProcessVariables {
  const image = openImage();
  if (image === null) return stringVariables();
  closeSync(image);
  return {
    residue: Object.freeze([SEEN]),
    take(name, land) {
      if (!(name in process.env)) return null;
      const found = takeFromImage(name, land);
      // The place in the block holds zeros now: whatever else the variable holds, the program has set since.
      if (found !== null && process.env[name] === "") {
        delete process.env[name];
        return found;
      }
      if (found !== null && found !== "empty") found.destroy();
      return takeString(name, land);
    },
  };
}

/**
 * For Deno and Bun: what getenv(3) of libc finds.
 *
 * @param besides what the runtime itself keeps
 */
export function libcVariables(ffi: Ffi, besides: readonly string[] = []): ProcessVariables {
  const libc = openLibrary(ffi, {
    getenv: { parameters: ["bytes"], result: "usize" },
    unsetenv: { parameters: ["bytes"], result: "i32" },
    strlen: { parameters: ["usize"], result: "usize" },
  });
  return {
    residue: Object.freeze([SEEN, ...besides]),
    take(name, land) {
      const text = new TextEncoder().encode(`${name}\0`);
      const address = libc.getenv(text);
      if (address === 0n) return takeString(name, land);
      const length = Number(libc.strlen(address));
      if (length === 0) return "empty";
      const place = new Uint8Array(ffi.viewAt(address, length));
      const secret = land(length, (page) => page.set(place));
      place.fill(0);
      libc.unsetenv(text);
      delete process.env[name];
      return secret;
    },
  };
}

/** For other systems, and for a variable that this program itself has set: a string is in the way. */
export function stringVariables(): ProcessVariables {
  return {
    residue: Object.freeze([
      SEEN,
      "the runtime makes a string of it, which stays in memory until it is overwritten by chance",
      "the block of variables that the kernel made keeps it",
    ]),
    take: takeString,
  };
}

function takeString(name: string, land: Land): SecretBuffer | "empty" | null {
  const value = process.env[name];
  if (value === undefined) return null;
  delete process.env[name];
  if (value === "") return "empty";
  const encoder = new TextEncoder();
  const room = land(3 * value.length, () => undefined);
  try {
    const written = room.modify((page) => encoder.encodeInto(value, page).written);
    return room.slice(0, written);
  } finally {
    room.destroy();
  }
}

/** Null where it is not in the block. */
function takeFromImage(name: string, land: Land): SecretBuffer | "empty" | null {
  const [start, end] = blockOf();
  const length = end - start;
  if (length <= 0 || length > LONGEST_BLOCK) return null;
  const memory = openImage() ?? closed();
  const block = land(length, () => undefined);
  try {
    return block.modify((page) => {
      if (readSync(memory, page, 0, length, start) !== length) return null;
      const place = placeOf(page, new TextEncoder().encode(`${name}=`));
      if (place === null) return null;
      const [from, to] = place;
      if (from === to) return "empty";
      const secret = land(to - from, (target) =>
        target.set(new Uint8Array(page.buffer, page.byteOffset + from, to - from)),
      );
      const zeros = new Uint8Array(new ArrayBuffer(to - from));
      writeSync(memory, zeros, 0, zeros.length, start + from);
      return secret;
    });
  } finally {
    block.destroy();
    closeSync(memory);
  }
}

/** The memory of this process, to read and write; null where the kernel does not give it. */
function openImage(): number | null {
  try {
    return openSync("/proc/self/mem", "r+");
  } catch {
    return null;
  }
}

function closed(): never {
  throw new LetheError(
    "ERR_LETHE_SOURCE_UNAVAILABLE",
    "Cannot take a variable: this process can no longer open /proc/self/mem, since it was hardened or changed its user; read variables before that",
  );
}

/** Where the variables of this process lie: fields 50 and 51 of proc_pid_stat(5). */
function blockOf(): readonly [number, number] {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [Number(fields[47]), Number(fields[48])];
  } catch {
    return [0, 0];
  }
}

/** Where the value of a variable lies in the block: from, to. */
function placeOf(block: Uint8Array, prefix: Uint8Array): readonly [number, number] | null {
  for (let at = 0; at < block.length; ) {
    let end = at;
    while (end < block.length && block[end] !== 0) end += 1;
    if (prefix.every((byte, index) => block[at + index] === byte)) return [at + prefix.length, end];
    at = end + 1;
  }
  return null;
}

/** Of the block: what Linux takes by default, and all that is sensible. */
const LONGEST_BLOCK = 2 ** 21;
