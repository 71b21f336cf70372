import { copyBytes } from "../core/arguments/check_bytes.ts";
import { giveStandIns, takeGenerator } from "../core/globals.ts";
import { giveSystemRandom } from "../core/random.ts";
import { builtin, fs, process } from "./node_builtins.ts";
import { isPermitted } from "./permitted.ts";
import { refuseRedirection } from "./redirection.ts";

/**
 * Gives core a clock and random bytes of this server that no program can have patched since Lethe was loaded,
 * for the globals that Node makes when they are first read.
 *
 * - STAND-1: random bytes come from the system's device, by functions of `node:fs` as they are now
 * - STAND-2: where that device cannot be read now, the generator of the web is made and taken now
 * - STAND-3: the clock is `process.hrtime` as it is now, unless a test has stopped that one
 *
 * A device that can be read now and not later (no descriptor is left) gives way to the generator of the web as
 * it is then.
 */
export function standIn(): void {
  giveStandIns({
    now: movingClock() ?? (() => (lateClock() as () => number)()),
    takeGenerator: () => ofClass("node:crypto", "webcrypto", "getRandomValues"),
  });
  giveSystemRandom({ fill: readDevice, fillPublic: takeFromBlock });
  if (!isReadable()) takeGenerator();
}

const DEVICE = "/dev/urandom";
/** Taken once: a function that is patched later must not choose the bytes. */
const { closeSync: close, fstatSync: stat, openSync: open, readSync: read } = fs;

function isReadable(): boolean {
  try {
    if (!isPermitted({ name: "read", path: DEVICE })) return false;
    refuseRedirection();
    close(open(DEVICE, "r")); // no access(2): for that Deno asks who this user is
    return true;
  } catch {
    return false;
  }
}

/** False: there is none, or it may not be read. Opened each time: a program may close all that is open. */
function readDevice(bytes: Uint8Array): boolean {
  let descriptor: number | null = null;
  try {
    if (!isPermitted({ name: "read", path: DEVICE })) return false;
    refuseRedirection();
    descriptor = open(DEVICE, "r");
    // In the root of a container it may be a file that somebody made.
    if (!stat(descriptor).isCharacterDevice()) return false;
    for (let at = 0; at < bytes.length; ) {
      const length = read(descriptor, bytes, at, bytes.length - at, null);
      if (length === 0) return false;
      at += length;
    }
    return true;
  } catch {
    return false; // The runtime's generator stands in.
  } finally {
    if (descriptor !== null) close(descriptor);
  }
}

/** To open the device for each nonce would be slow. */
const BLOCK_BYTES = 4096;
let block: Uint8Array<ArrayBuffer> | null = null;
let taken = BLOCK_BYTES;

function takeFromBlock(bytes: Uint8Array): boolean {
  const { length } = bytes;
  if (length > BLOCK_BYTES) return false;
  block ??= new Uint8Array(new ArrayBuffer(BLOCK_BYTES));
  if (taken + length > BLOCK_BYTES) {
    if (!readDevice(block)) return false;
    taken = 0;
  }
  copyBytes(bytes, new Uint8Array(block.buffer, taken, length));
  taken += length;
  return true;
}

type Method = ((...values: readonly unknown[]) => unknown) | null;

let clock: Method | undefined;

/** The one of the web, made now. */
function lateClock(): Method {
  clock ??= ofClass("node:perf_hooks", "performance", "now");
  return clock;
}

/** From the class of what a module of Node has: a program may have put another on the object, or in its place. */
function ofClass(module: string, exported: string, method: string): Method {
  const object = builtin<Readonly<Record<string, object | undefined>>>(module)?.[exported];
  const found = object && (Object.getPrototypeOf(object) as Readonly<Record<string, Method>>);
  return found?.[method]?.bind(object) ?? null;
}

/** Null: there is none, or a test has replaced it by one that stands still. */
function movingClock(): (() => number) | null {
  const { hrtime } = process;
  if (typeof hrtime !== "function") return null;
  const now = (): number => {
    const [seconds, nanoseconds] = hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  };
  const before = now();
  return now() > before ? now : null;
}
