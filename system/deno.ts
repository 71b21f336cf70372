import { optionalGlobal } from "../core/arguments/own.ts";

/** A permission of Deno, as `Deno.permissions` names it. */
export type Permission =
  | { readonly name: "read" | "write" | "ffi"; readonly path?: string }
  | { readonly name: "run"; readonly command?: string }
  | { readonly name: "env"; readonly variable?: string }
  | { readonly name: "sys"; readonly kind?: string }
  | { readonly name: "net"; readonly host?: string };

/** A C function, as `Deno.dlopen` takes it. */
export interface DenoSignature {
  readonly parameters: readonly string[];
  readonly result: string;
}

/** What is used of a terminal. */
interface DenoTerminal {
  isTerminal(): boolean;
  setRaw(raw: boolean): void;
}

/** What Lethe uses of the `Deno` namespace, in this one place: no types of Deno are needed to compile it. */
export interface DenoNamespace {
  readonly build: { readonly os: string; readonly standalone?: boolean };
  /** It never prompts. */
  readonly permissions: { querySync(permission: Permission): { readonly state: string } };
  dlopen(name: string, symbols: Record<string, DenoSignature>): { readonly symbols: unknown };
  readonly UnsafePointer: { create(address: bigint): object | null };
  readonly UnsafeFnPointer: new (
    pointer: object,
    definition: DenoSignature,
  ) => { call(...values: readonly unknown[]): unknown };
  readonly UnsafePointerView: {
    getArrayBuffer(pointer: object, byteLength: number): ArrayBuffer;
  };
  readonly stdin: DenoTerminal;
  openSync(path: string): DenoTerminal;
  readonly Command: new (
    path: string,
    options: object,
  ) => {
    outputSync(): {
      readonly code: number;
      readonly stdout: Uint8Array;
      readonly stderr: Uint8Array;
    };
  };
  addSignalListener(signal: string, listener: () => void): void;
  removeSignalListener(signal: string, listener: () => void): void;
  /** The key of Deno's own insides. It may be gone in another version. */
  readonly internal?: symbol;
}

/** The `Deno` namespace, or undefined on every other runtime, also where a shim has put some of it there. */
export function findDeno(): DenoNamespace | undefined {
  const found = optionalGlobal("Deno") as DenoNamespace | undefined;
  return typeof found?.permissions?.querySync === "function" ? found : undefined;
}
