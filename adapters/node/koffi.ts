import { LetheError } from "../../core/contract/errors.ts";
import type { Addresses, CType, Ffi, Signature, Signatures, Symbols } from "../../system/ffi.ts";
import { refuseMisplaced } from "../../system/misplaced.ts";
import { process } from "../../system/node_builtins.ts";
import { NODE_ENTRY } from "./entry.ts";
import type { Koffi, KoffiFunction } from "./koffi_types.ts";
import { loadKoffi } from "./load_koffi.ts";

// A word goes through koffi as a pointer: as `uint64_t` it takes longer. A typed array is passed by
// the address of its bytes.
const TYPES: Readonly<Record<CType, string>> = {
  i32: "int",
  usize: "void *",
  isize: "int64_t",
  bytes: "void *",
  void: "void",
};

/** FFI-5: koffi unloads a library when its object is collected, whatever still points into it. */
const LOADED: unknown[] = [];

/** Why koffi cannot be used here, or null. It is loaded for that, as it is used if it can be. */
export function koffiObstacle(): string | null {
  try {
    koffiFfi();
    return null;
  } catch (error) {
    if (error instanceof LetheError) return error.message.replace(/^Cannot (load|open) /, "");
    throw error;
  }
}

/**
 * FFI by the optional dependency `koffi`: Node 22 and newer. It prints nothing.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with the reason: not installed, not allowed, or not what
 * it should be
 */
export function koffiFfi(): Ffi {
  refuseMisplaced(NODE_ENTRY, "Cannot open FFI");
  const koffi = loadKoffi();
  return {
    platform: process.platform,
    open: <S extends Signatures>(library: string, signatures: S): Symbols<S> => {
      const opened = load(koffi, library);
      const symbols = Object.entries(signatures).map(([name, { parameters, result }]) => {
        const called = opened.func(name, ...typesOf({ parameters, result }));
        return [name, isWord(result) ? withWord(called) : called];
      });
      return Object.fromEntries(symbols) as Symbols<S>;
    },
    openAt: <S extends Signatures>(addresses: Addresses<S>, signatures: S): Symbols<S> => {
      const symbols = Object.entries(signatures).map(([name, signature]) => {
        const called = koffi.decode(addresses[name] ?? 0n, koffi.proto(...typesOf(signature)));
        return [name, isWord(signature.result) ? withWord(called) : called];
      });
      return Object.fromEntries(symbols) as Symbols<S>;
    },
    viewAt: (address, byteLength) => koffi.view(address, byteLength),
  };
}

function typesOf({ parameters, result }: Signature): [string, readonly string[]] {
  const given = result === "usize" ? "uint64_t" : TYPES[result];
  return [given, parameters.map((type) => TYPES[type])];
}

function load(koffi: Koffi, library: string): ReturnType<Koffi["load"]> {
  try {
    const loaded = koffi.load(library);
    LOADED.push(loaded);
    return loaded;
  } catch (error) {
    const said = error instanceof Error ? error.message.split("\n")[0] : "refused";
    throw new LetheError("ERR_LETHE_UNAVAILABLE", `koffi: ${said}`);
  }
}

function isWord(result: Signature["result"]): boolean {
  return result === "usize" || result === "isize";
}

type Words = readonly (number | bigint | Uint8Array)[];

/** Koffi gives a number where that is exact. The port has bigints from end to end. */
function withWord(called: KoffiFunction): (...values: Words) => bigint {
  return (...values) => BigInt(called(...values) ?? 0);
}
