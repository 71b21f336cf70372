/** The part of libsodium's WebAssembly module that has its heap. */
export interface WasmHeap {
  /** Replaced when the heap grows: not to be kept. */
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  /** @returns 0 when there is no room */
  _malloc(byteLength: number): number;
  _free(pointer: number): void;
}

/** libsodium-wrappers has it, though its types do not say so. Call it after `ready`. */
export function heapOf(sodium: object): WasmHeap {
  return (sodium as { readonly libsodium: WasmHeap }).libsodium;
}
