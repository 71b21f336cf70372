import { isBuiltin } from "node:module";
import { bare, optional, optionalGlobal } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { CType, Ffi, Signatures, Symbols } from "../../system/ffi.ts";
import { misplaced } from "../../system/misplaced.ts";
import { builtin, process } from "../../system/node_builtins.ts";
import { NODE_ENTRY } from "./entry.ts";
import { koffiFfi, koffiObstacle } from "./koffi.ts";

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
  readonly versions: { readonly node: string };
  /** Under `--permission` alone. */
  readonly permission?: { has(scope: string): boolean };
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
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when this Node has none or may not use it
 */
export function nodeFfi(): Ffi {
  const obstacle = ffiObstacle();
  // Asked for at run time: an import would be a syntax error's equal on Node 22 and 24.
  const ffi = obstacle === null ? builtin<NodeFfi>("node:ffi") : undefined;
  if (ffi === undefined) {
    throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open FFI: ${obstacle ?? NONE}`);
  }
  const { dlopen, toArrayBuffer } = ffi;
  return {
    platform: process.platform,
    open: <S extends Signatures>(library: string, signatures: S): Symbols<S> => {
      const symbols = Object.entries(signatures).map(([name, { parameters, result }]) => [
        name,
        bare({
          arguments: parameters.map((type) => TYPES[type]),
          return: result === "usize" ? "u64" : TYPES[result],
        }),
      ]);
      return dlopen(library, bare(Object.fromEntries(symbols))).functions as Symbols<S>;
    },
    // Without the third argument the bytes would be copied.
    viewAt: (address, byteLength) => toArrayBuffer(address, byteLength, false),
  };
}

/** Why `node:ffi` cannot be loaded or used here, found without loading it; or null. */
export function ffiObstacle(): string | null {
  const misplacement = misplaced(NODE_ENTRY);
  if (misplacement !== null) return misplacement;
  const process = optionalGlobal("process") as NodeProcess | undefined;
  if (process === undefined) return NONE;
  if (!isBuiltin("node:ffi")) {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    const isOff = major > 26 || (major === 26 && minor >= 1);
    return isOff ? "node:ffi is switched off; start Node without --no-experimental-ffi" : NONE;
  }
  return optional(process, "permission")?.has("ffi") === false
    ? "under --permission it takes --allow-ffi as well"
    : null;
}

const NONE = "there is no node:ffi, which takes Node 26.1 or newer";

/**
 * The FFI of this Node.js: the optional dependency `koffi`, else Node's own, which prints its warning.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with both reasons
 */
export function anyFfi(): Ffi {
  const obstacle = koffiObstacle();
  if (obstacle === null) return koffiFfi();
  const other = ffiObstacle();
  if (other === null) return nodeFfi();
  throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open FFI: ${both(obstacle, other)}`);
}

/** Where this entry is out of its place, that is the reason for both. */
function both(koffi: string, own: string): string {
  return koffi.endsWith(own) ? own : `${koffi}; ${own}`;
}
