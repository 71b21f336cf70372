import type { Ffi } from "../../../system/ffi.ts";

/** The FFI of the runtime that runs this program. On Node that is koffi, where it is found. */
export async function runtimeFfi(): Promise<Ffi> {
  if ("Deno" in globalThis) return (await import("../../../adapters/deno/ffi.ts")).denoFfi();
  if ("Bun" in globalThis) return (await import("../../../adapters/bun/ffi.ts")).bunFfi();
  return (await import("../../../adapters/node/ffi.ts")).anyFfi();
}

interface Host {
  readonly Deno?: { readonly args: readonly string[] };
  readonly process?: { readonly argv: readonly string[] };
}

/** The arguments of this program, without the runtime's own. */
export function programArguments(): readonly string[] {
  const { Deno, process } = globalThis as Host;
  return Deno?.args ?? process?.argv.slice(2) ?? [];
}

/** The last thing that a probe says: a JSON object on a line of its own. */
export function say(result: unknown): void {
  // biome-ignore lint/suspicious/noConsole: a probe answers on standard output
  console.log(
    JSON.stringify(result, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
  );
}
