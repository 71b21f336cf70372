import {
  DARWIN,
  DARWIN_ENOSYS,
  DARWIN_MADV_ZERO_WIRED_PAGES,
  DARWIN_VM_INHERIT_NONE,
} from "../../system/constants.ts";
import { fillInPieces } from "../../system/entropy.ts";
import type { Ffi } from "../../system/ffi.ts";
import { type DarwinLibc, openDarwinLibc } from "../../system/libc.ts";
import type { Fate } from "./call_filter.ts";
import { Kernel } from "./kernel.ts";
import type { Outcome, Refused, System } from "./kernel_calls.ts";

/**
 * macOS. Written from its headers and manual pages, type-checked, and not verified here.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`
 */
export function openDarwin(ffi: Ffi): Kernel {
  const libc = openDarwinLibc(ffi);
  return new Kernel(ffi, libc, new Darwin(libc));
}

/** Pages are wiped by the kernel when they are unwired, not kept out of dumps, not inherited. */
class Darwin implements System {
  readonly constants = DARWIN;
  readonly errno: bigint;
  readonly #libc: DarwinLibc;

  constructor(libc: DarwinLibc) {
    this.#libc = libc;
    this.errno = libc.__error();
  }

  random(bytes: Uint8Array<ArrayBuffer>): boolean {
    return fillInPieces(bytes, (piece, length) => this.#libc.getentropy(piece, length) === 0);
  }

  /** macOS has no such advice; the nearest is to have the pages wiped when they lose their lock. */
  excludeFromDump(address: bigint, byteLength: bigint): Outcome {
    this.#libc.madvise(address, byteLength, DARWIN_MADV_ZERO_WIRED_PAGES);
    return "unsupported";
  }

  excludeFromFork(address: bigint, byteLength: bigint): Outcome {
    const refused = this.#libc.minherit(address, byteLength, DARWIN_VM_INHERIT_NONE) !== 0;
    return refused ? "refused" : "done";
  }

  wipeInFork(): Outcome {
    return "unsupported";
  }

  /** Never asked: see `openSecretmem`. */
  mapSecret(): Refused {
    return { call: "memfd_secret", errno: DARWIN_ENOSYS };
  }

  readonly filtered = false;

  tryInChild(): Fate {
    return { end: "survived" };
  }

  plugHole(): boolean {
    return false;
  }

  readFile(): boolean {
    return false;
  }

  readAsDebugger(): number {
    return -2;
  }

  thread(): null {
    return null;
  }

  hasEnded(): boolean {
    return false;
  }
}
