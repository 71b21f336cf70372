/** What is used of `koffi`. */
export interface Koffi {
  load(library: string): KoffiLibrary;
  /** The type of a function, without a name. */
  proto(result: string, parameters: readonly string[]): object;
  /** The function at an address. */
  decode(address: bigint, type: object): KoffiFunction;
  /** The bytes at an address. It takes no copy and frees nothing. */
  view(address: bigint, byteLength: number): ArrayBuffer;
}

export interface KoffiLibrary {
  /** @throws when the library has no such function */
  func(name: string, result: string, parameters: readonly string[]): KoffiFunction;
}

/** What `koffi` makes of a C function: integers of 64 bits come as numbers where those are exact. */
export type KoffiFunction = (
  ...values: readonly (number | bigint | Uint8Array)[]
) => number | bigint | undefined;
