/** A C type of a libc signature. 64-bit systems only: `usize`, `isize` and addresses are bigints. */
export type CType = "i32" | "usize" | "isize" | "bytes" | "void";

/** Parameters and result of one C function. */
export interface Signature {
  readonly parameters: readonly CType[];
  readonly result: CType;
}

/** C functions by name. */
export type Signatures = Readonly<Record<string, Signature>>;

// Under a runtime's FFI a plain number for `usize` leaves the fast path of V8 (25 ns become 350),
// and Node refuses it. So addresses and sizes are bigints from end to end.
type Word<T extends CType> = T extends "i32"
  ? number
  : T extends "bytes"
    ? Uint8Array<ArrayBuffer>
    : T extends "void"
      ? undefined
      : bigint;
type Words<P extends readonly CType[]> = { [K in keyof P]: Word<P[K]> };

/** The opened functions of a table of signatures. */
export type Symbols<S extends Signatures> = {
  readonly [K in keyof S]: (...values: Words<S[K]["parameters"]>) => Word<S[K]["result"]>;
};

/** Where the functions of a table lie. */
export type Addresses<S extends Signatures> = { readonly [K in keyof S]: bigint };

/**
 * The port that a runtime fills: how to call C, and how to see memory that C gave.
 *
 * A conforming implementation guarantees:
 *
 * - FFI-1: `open` gives every function of the table, or throws and opens nothing
 * - FFI-2: a `bytes` argument is the address of the array's own bytes, not of a copy
 * - FFI-3: `viewAt` gives an ArrayBuffer over exactly these bytes, without a copy
 * - FFI-4: `transfer()` of such a buffer moves it without a copy, and collecting either of the two
 *   neither frees nor unmaps the bytes
 * - FFI-5: a library that was opened stays loaded until the process ends, whatever the collector does: addresses
 *   that it gave stay good
 *
 * FFI-3 and FFI-4 are checked on every start, by {@link attest}.
 */
export interface Ffi {
  /** `linux`, `darwin`, or another name that no memory here supports. */
  readonly platform: string;
  /** Opens a shared library. */
  open<S extends Signatures>(library: string, signatures: S): Symbols<S>;
  /**
   * The functions at addresses, such as those of a table that a library gave. Absent where a runtime calls
   * functions by their names alone, as `node:ffi` does.
   */
  readonly openAt?: <S extends Signatures>(addresses: Addresses<S>, signatures: S) => Symbols<S>;
  /** The bytes at an address. */
  viewAt(address: bigint, byteLength: number): ArrayBuffer;
}
