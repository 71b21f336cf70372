import { bare, optionalGlobal } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { Addresses, CType, Ffi, Signatures, Symbols } from "../../system/ffi.ts";
import { type EntryHere, refuseMisplaced } from "../../system/misplaced.ts";
import { builtin } from "../../system/node_builtins.ts";
import { systemLibrary } from "./system_library.ts";

/** For what is said where this entry is out of its place. */
export const BUN_ENTRY: EntryHere = {
  kind: "bun",
  taken: "this entry",
};

/** What is used of `bun:ffi`. */
interface BunFfi {
  dlopen(name: string, symbols: Record<string, BunSignature>): { readonly symbols: unknown };
  linkSymbols(symbols: Record<string, BunSignature>): { readonly symbols: unknown };
  toArrayBuffer(address: number, byteOffset: number, byteLength: number): ArrayBuffer;
}

interface BunSignature {
  readonly args: readonly string[];
  readonly returns: string;
  readonly ptr?: number;
}

interface BunProcess {
  readonly platform: string;
  readonly versions: { readonly bun?: string };
}

// `u64` and `i64` take bigints and give bigints; `ptr` takes a typed array by its address.
const TYPES: Readonly<Record<CType, string>> = {
  i32: "i32",
  usize: "u64",
  isize: "i64",
  bytes: "ptr",
  void: "void",
};

/**
 * Bun's FFI.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when this is not Bun
 */
export function bunFfi(): Ffi {
  refuseMisplaced(BUN_ENTRY, "Cannot open FFI");
  const process = optionalGlobal("process") as BunProcess | undefined;
  // Asked for at run time, so that other runtimes and type checkers need not know the name.
  const ffi = process?.versions.bun === undefined ? undefined : builtin<BunFfi>("bun:ffi");
  if (process === undefined || ffi === undefined) {
    throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot open FFI: there is no bun:ffi");
  }
  const { dlopen, linkSymbols, toArrayBuffer } = ffi;
  return {
    platform: process.platform,
    open: <S extends Signatures>(library: string, signatures: S): Symbols<S> => {
      const symbols = Object.entries(signatures).map(([name, { parameters, result }]) => [
        name,
        bare({ args: parameters.map((type) => TYPES[type]), returns: TYPES[result] }),
      ]);
      const path = systemLibrary(process.platform, library);
      return dlopen(path, bare(Object.fromEntries(symbols))).symbols as Symbols<S>;
    },
    openAt: <S extends Signatures>(addresses: Addresses<S>, signatures: S): Symbols<S> => {
      const symbols = Object.entries(signatures).map(([name, { parameters, result }]) => [
        name,
        bare({
          args: parameters.map((type) => TYPES[type]),
          returns: TYPES[result],
          ptr: Number(addresses[name]),
        }),
      ]);
      return linkSymbols(bare(Object.fromEntries(symbols))).symbols as Symbols<S>;
    },
    // Addresses of user space fit into 47 bits, or 56 with the largest page tables where asked for.
    viewAt: (address, byteLength) => toArrayBuffer(Number(address), 0, byteLength),
  };
}
