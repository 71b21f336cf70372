import { LetheError } from "../../core/contract/errors.ts";
import type { LibsodiumModule } from "./libsodium_module.ts";

/** Every place in the heap starts at a multiple of this. */
const ALIGNMENT = 64;
/** Above the arguments the allocator writes its own notes, no further than two of its steps. */
const NOTES_BYTES = 131_072;

/** The addresses of what went in, what comes out, and the scratch bytes. */
type Addresses<I extends readonly unknown[], O extends readonly unknown[]> = [
  ...{ [K in keyof I]: number },
  ...{ [K in keyof O]: number },
  scratch: number,
];

/**
 * The memory of a module that belongs to Lethe alone, lent out for one call at a time.
 *
 * - WASM-1: a call has one allocation for all its arguments and results. It is made before the first
 *   secret byte goes in, because memory that grows also moves, with the secrets in it
 * - WASM-2: when a call has ended, however it ended, the memory is again what it was when the module was
 *   new: variables, stack and heap. Nobody has to know where a key schedule was
 * - WASM-3: local variables of the module lie in the stack of the process, and JavaScriptCore leaves them there. Where a
 *   scan found a key in them, the same functions run again over zeros, in the same frames
 */
export class LibsodiumHeap {
  readonly #module: LibsodiumModule;
  /** What a new module holds: its constants and variables. Above them everything is zero. */
  readonly #image: Uint8Array;

  /** @param module new: it has allocated nothing yet */
  constructor(module: LibsodiumModule) {
    this.#module = module;
    const { HEAPU8 } = module;
    let end = HEAPU8.length;
    while (end > 0 && HEAPU8[end - 1] === 0) end -= 1;
    this.#image = HEAPU8.slice(0, end);
  }

  /**
   * Copies `inputs` in, runs `call` with their addresses, those of the outputs and that of the scratch
   * bytes, and copies the results out when it gave 0.
   *
   * @param scratch bytes for the state of the call
   * @param workspace bytes that it allocates for itself, and gives back without a wipe
   * @param overwrite called with the same addresses when everything there is zero again: see WASM-3
   * @returns whether it gave 0; if not, the outputs are wiped
   * @throws {LetheError} `ERR_LETHE_EXHAUSTED` when the module's memory cannot grow any further
   */
  run<const I extends readonly Uint8Array[], const O extends readonly Uint8Array[]>(
    inputs: I,
    outputs: O,
    call: (...addresses: Addresses<I, O>) => number,
    scratch: number = 0,
    workspace: number = 0,
    overwrite: ((...addresses: Addresses<I, O>) => unknown) | null = null,
  ): boolean {
    const lengths = [...inputs, ...outputs].map(({ length }) => length).concat(scratch);
    const byteLength = lengths.reduce((sum, length) => sum + rounded(length), ALIGNMENT);
    let accepted = false;
    let end = 0;
    let addresses: readonly number[] = [];
    try {
      // Made and given back: the memory has grown by then, and the call finds its room in it.
      if (workspace > 0) this.#module._free(this.#allocate(workspace));
      const start = this.#allocate(byteLength);
      end = start + byteLength;
      let next = rounded(start);
      addresses = lengths.map((length) => {
        const address = next;
        next += rounded(length);
        return address;
      });
      inputs.forEach((input, index) => {
        this.#module.HEAPU8.set(input, addresses[index]);
      });
      accepted = call(...(addresses as readonly number[] as Addresses<I, O>)) === 0;
      const { buffer } = this.#module.HEAPU8;
      if (accepted) {
        outputs.forEach((output, index) => {
          const address = addresses[inputs.length + index] as number;
          output.set(new Uint8Array(buffer, address, output.length));
        });
      }
    } finally {
      if (!accepted) for (const output of outputs) output.fill(0);
      const written = workspace > 0 ? Number.POSITIVE_INFINITY : end + NOTES_BYTES;
      this.#renew(written);
      if (overwrite !== null && end > 0) {
        overwrite(...(addresses as readonly number[] as Addresses<I, O>));
        this.#renew(written);
      }
    }
    return accepted;
  }

  /** @param end above it nothing was written */
  #renew(end: number): void {
    const { HEAPU8 } = this.#module;
    HEAPU8.set(this.#image);
    HEAPU8.fill(0, this.#image.length, end);
  }

  #allocate(byteLength: number): number {
    const address = this.#module._malloc(byteLength);
    if (address !== 0) return address;
    throw new LetheError(
      "ERR_LETHE_EXHAUSTED",
      "Cannot run libsodium: the memory of its module cannot grow any further; use less memory for the password hash, or smaller messages",
    );
  }
}

function rounded(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}
