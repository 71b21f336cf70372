import { LetheError } from "../core/contract/errors.ts";
import { type ServerKind, serverHere } from "./server_here.ts";

/** An entry of Lethe, and what it is made for. */
export interface EntryHere {
  readonly kind: ServerKind | "web" | "workerd";
  /** How it came about that it was taken, as an error says it: `"lethe" by the condition "browser"`. */
  readonly taken: string;
}

/**
 * Why this entry gives less here than Lethe has, and the way out; or null where it is in its place.
 *
 * What decides about the entry are conditions of package.json, set by a tool or a flag that knows little of
 * where the program will run: a test runner, a bundler, `require` in Deno.
 */
export function misplaced({ kind, taken }: EntryHere): string | null {
  const here = serverHere();
  if (here === null || here[0] === kind) return null;
  const [there, version] = here;
  const place =
    there === "edge"
      ? "an edge runtime, which has only heap memory: run it on Node.js"
      : `${there} ${version}: import "lethe/${there}", or resolve "lethe" by the condition "${there}"`;
  return `${taken} is Lethe for ${kind}, and this is ${place} (docs/bundling.md)`;
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where the entry is out of its place */
export function refuseMisplaced(entry: EntryHere, cannot: string): void {
  const reason = misplaced(entry);
  if (reason !== null) throw new LetheError("ERR_LETHE_UNAVAILABLE", `${cannot}: ${reason}`);
}
