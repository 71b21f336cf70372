import process from "node:process";
import { atHand } from "../../built.ts";

type Entry = typeof import("../../../adapters/node/mod.ts");

/** The entry of the runtime that runs this program. */
export async function runtimeEntry(): Promise<Entry> {
  if ("Deno" in globalThis)
    return (await import("../../../adapters/deno/mod.ts")) as unknown as Entry;
  if ("Bun" in globalThis)
    return (await import("../../../adapters/bun/mod.ts")) as unknown as Entry;
  return await import("../../../adapters/node/mod.ts");
}

/** As {@link runtimeEntry}, of the build where there is one: for programs that import nothing else of Lethe. */
export async function entryAtHand(): Promise<Entry> {
  const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
  return await import(atHand(`adapters/${runtime}/mod.ts`));
}

/** The code of what `action` throws, or "none". */
export function codeOf(action: () => unknown): string {
  try {
    action();
    return "none";
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}

/** Says that the program is where it should be, and stays until its standard input ends. */
export async function stay(said: unknown): Promise<void> {
  process.stdout.write(`ready ${process.pid} ${JSON.stringify(said)}\n`);
  await new Promise((resolve) => process.stdin.on("end", resolve).resume());
}

/** Cheap enough for tests; the least that is taken. */
export const CHEAP: { readonly passes: number; readonly memoryBytes: number } = {
  passes: 1,
  memoryBytes: 8 * 2 ** 20,
};
