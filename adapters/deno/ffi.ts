import { outOfRange } from "../../core/arguments/argument_error.ts";
import { bare } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { type DenoSignature, findDeno } from "../../system/deno.ts";
import type { Addresses, CType, Ffi, Signature, Signatures, Symbols } from "../../system/ffi.ts";
import { isPermitted } from "../../system/permitted.ts";

// With `usize` the address goes to C in a register; `pointer` would take an object for each.
const TYPES: Readonly<Record<CType, string>> = {
  i32: "i32",
  usize: "usize",
  isize: "isize",
  bytes: "buffer",
  void: "void",
};

/**
 * Deno's FFI. Takes `--allow-ffi`, and never prompts for it.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when this is not Deno
 */
export function denoFfi(): Ffi {
  const Deno = findDeno();
  if (Deno === undefined) {
    throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot open FFI: this is not Deno");
  }
  return {
    platform: Deno.build.os,
    open: <S extends Signatures>(library: string, signatures: S): Symbols<S> => {
      if (!isPermitted({ name: "ffi", path: library })) {
        throw new LetheError("ERR_LETHE_UNAVAILABLE", "it takes --allow-ffi");
      }
      const symbols = Object.entries(signatures).map(
        ([name, signature]) => [name, definitionOf(signature)] as const,
      );
      return Deno.dlopen(library, bare(Object.fromEntries(symbols))).symbols as Symbols<S>;
    },
    openAt: <S extends Signatures>(addresses: Addresses<S>, signatures: S): Symbols<S> => {
      const symbols = Object.entries(signatures).map(([name, signature]) => {
        const pointer = Deno.UnsafePointer.create(addresses[name] ?? 0n);
        if (pointer === null) throw outOfRange("Cannot call a function at the null address");
        const called = new Deno.UnsafeFnPointer(pointer, definitionOf(signature));
        return [name, (...values: readonly unknown[]) => called.call(...values)];
      });
      return Object.fromEntries(symbols) as Symbols<S>;
    },
    viewAt: (address, byteLength) => {
      const pointer = Deno.UnsafePointer.create(address);
      if (pointer === null) throw outOfRange("Cannot view memory at the null address");
      return Deno.UnsafePointerView.getArrayBuffer(pointer, byteLength);
    },
  };
}

function definitionOf({ parameters, result }: Signature): DenoSignature {
  return bare({ parameters: parameters.map((type) => TYPES[type]), result: TYPES[result] });
}
