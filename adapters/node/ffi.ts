import { LetheError } from "../../core/errors.ts";
import type { CType, Ffi, Signatures, Symbols } from "../posix/ffi.ts";

/** What is used of `node:ffi`. */
interface NodeFfi {
  dlopen(name: string, symbols: Record<string, NodeSignature>): { readonly functions: unknown };
  toArrayBuffer(address: bigint, byteLength: number, copy: boolean): ArrayBuffer;
}

interface NodeSignature {
  readonly arguments: readonly string[];
  readonly return: string;
}

interface NodeProcess {
  readonly platform: string;
  getBuiltinModule?(name: string): unknown;
}

// With `pointer` a bigint goes to C in a register, 5 to 10 ns a call. Checked as a `u64` it takes 150
// to 450, and V8 then no longer compiles the call (Node 26.10, lib/internal/ffi/fast-api.js).
const TYPES: Readonly<Record<CType, string>> = {
  i32: "i32",
  usize: "pointer",
  isize: "i64",
  bytes: "buffer",
  void: "void",
};

/**
 * Node's FFI: Node 26.1 and newer, and `--allow-ffi` under the permission model. Loading it prints
 * Node's warning about an experimental feature, once.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when this Node has none
 */
export function nodeFfi(): Ffi {
  const { process } = globalThis as { process?: NodeProcess };
  // Asked for at run time: an import would be a syntax error's equal on Node 22 and 24.
  const ffi = process?.getBuiltinModule?.("node:ffi");
  if (process === undefined || ffi === undefined) {
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      "Cannot open FFI: there is no node:ffi, which takes Node 26.1 or newer",
    );
  }
  const { dlopen, toArrayBuffer } = ffi as NodeFfi;
  return {
    platform: process.platform,
    open: <S extends Signatures>(library: string, signatures: S): Symbols<S> => {
      const symbols = Object.entries(signatures).map(([name, { parameters, result }]) => [
        name,
        {
          arguments: parameters.map((type) => TYPES[type]),
          return: result === "usize" ? "u64" : TYPES[result],
        },
      ]);
      return dlopen(library, Object.fromEntries(symbols)).functions as Symbols<S>;
    },
    // Without the third argument the bytes would be copied.
    viewAt: (address, byteLength) => toArrayBuffer(address, byteLength, false),
  };
}
