import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { errorCode } from "../../core/arguments/own.ts";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { hasVariable, variable } from "../../system/environment.ts";
import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { isWithoutDescriptors, NO_DESCRIPTORS } from "../../system/no_descriptors.ts";
import { process, TextEncoder } from "../../system/node_builtins.ts";
import { terminated } from "../../system/terminated.ts";
import { environmentBlock, placesOf, type Span } from "./environment_block.ts";
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
const SEEN: readonly string[] = [
  "a process that may read the environment of this one could read it until it was taken, and the parent of this process may have it still",
  "code of this process that read it before has a string of it, and a worker thread that was started before has a copy",
];

/** What is left where a string is in the way. */
const STRING =
  "the runtime makes a string of it, which stays in memory until it is overwritten by chance";
const BLOCK = "the block of variables that the kernel made keeps it";

/**
 * For Node and Linux: the block that the kernel made, through /proc/self/mem. Where that cannot be opened, the way
 * and the residue of other systems.
 */
export function imageVariables(): ProcessVariables {
  const image = openImage();
  if (image === null) return stringVariables();
  closeSync(image);
  if (environmentBlock() === null) return stringVariables();
  return {
    residue: Object.freeze([
      ...SEEN,
      `in a worker thread, and where this program has set it: ${STRING}`,
    ]),
    take(name, land) {
      if (!hasVariable(name)) return null;
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
    residue: Object.freeze([
      ...SEEN,
      "where this program has set it, the string that it set stays",
      ...(environmentBlock() === null ? [`where this program has set it, ${BLOCK}`] : []),
      ...besides,
    ]),
    take(name, land) {
      const text = terminated(name);
      const address = libc.getenv(text);
      if (address === 0n) return takeString(name, land);
      const length = Number(libc.strlen(address));
      if (length === 0) return takeString(name, land) ?? "empty";
      const place = new Uint8Array(ffi.viewAt(address, length));
      const secret = land(length, (page) => page.set(place));
      place.fill(0);
      wipeBlock(ffi, name);
      libc.unsetenv(text);
      return setSince(name, secret, land) ?? secret;
    },
  };
}

/**
 * What the program has set in the place of what libc had, where the runtime keeps variables of its own, as Bun does:
 * that is the value, and `secret` is destroyed. Null where it has set none. What is not UTF-8 cannot be compared.
 */
function setSince(name: string, secret: SecretBuffer, land: Land): SecretBuffer | null {
  const isText = variable(name)?.includes("\ufffd") === false;
  const shown = takeString(name, land);
  if (shown === null || shown === "empty") return null;
  const isOther = isText && !shown.equals(secret);
  (isOther ? secret : shown).destroy();
  return isOther ? shown : null;
}

/** What the kernel's block has under a name that getenv(3) does not find there: a second one, one that was set since. */
function wipeBlock(ffi: Ffi, name: string): void {
  const span = environmentBlock();
  if (span === null) return;
  const [start, end] = span;
  const block = new Uint8Array(ffi.viewAt(BigInt(start), end - start));
  for (const [from, to] of placesOf(block, prefixOf(name))) block.fill(0, from, to);
}

/** For other systems, and for a variable that this program itself has set: a string is in the way. */
export function stringVariables(): ProcessVariables {
  return {
    residue: Object.freeze([...SEEN, STRING, BLOCK]),
    take: takeString,
  };
}

function takeString(name: string, land: Land): SecretBuffer | "empty" | null {
  const value = variable(name);
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
  const [start, end] = environmentBlock() ?? closed("/proc/self/stat");
  const block = land(end - start, () => undefined);
  const memory = openedBeside(block);
  try {
    return block.modify((page) => {
      if (readSync(memory, page, 0, page.length, start) !== page.length) return null;
      const places = placesOf(page, prefixOf(name));
      const [first] = places;
      if (first === undefined) return null;
      const [from, to] = first;
      const secret =
        from === to
          ? "empty"
          : land(to - from, (target) =>
              target.set(new Uint8Array(page.buffer, page.byteOffset + from, to - from)),
            );
      try {
        for (const place of places) wipeAt(memory, start, place);
      } catch (error) {
        if (secret !== "empty") secret.destroy();
        throw error;
      }
      return secret;
    });
  } finally {
    block.destroy();
    closeSync(memory);
  }
}

function openedBeside(block: SecretBuffer): number {
  try {
    return openImage() ?? closed("/proc/self/mem");
  } catch (error) {
    block.destroy();
    throw error;
  }
}

function wipeAt(memory: number, start: number, [from, to]: Span): void {
  const zeros = new Uint8Array(new ArrayBuffer(to - from));
  writeSync(memory, zeros, 0, zeros.length, start + from);
}

function prefixOf(name: string): Uint8Array {
  return new TextEncoder().encode(`${name}=`);
}

/**
 * The memory of this process, to read and write; null where the kernel does not give it.
 *
 * @throws {LetheError} `ERR_LETHE_SOURCE_UNAVAILABLE` where no descriptor is left: a later try may have one
 */
function openImage(): number | null {
  try {
    return openSync("/proc/self/mem", "r+");
  } catch (error) {
    const code = errorCode(error);
    if (isWithoutDescriptors(code)) {
      throw unavailable(`/proc/self/mem cannot be opened (${code}): ${NO_DESCRIPTORS[code]}`);
    }
    return null;
  }
}

/** It could be opened before. */
function closed(path: string): never {
  throw unavailable(
    `this process can no longer open ${path}: where it was hardened or changed its user, read variables before that; where no descriptor is left, raise the limit with ulimit -n`,
  );
}

function unavailable(reason: string): LetheError {
  return new LetheError("ERR_LETHE_SOURCE_UNAVAILABLE", `Cannot take a variable: ${reason}`);
}
