/** What the process that a target is in says of itself; a browser and workerd say nothing. */
interface Globals {
  readonly process?: {
    readonly pid?: number;
    readonly versions?: Readonly<Record<string, string | undefined>>;
    exit?(code: number): never;
  };
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly navigator?: { readonly userAgent?: string };
}

/** Its id, or 0 where programs are not told. */
export function processId(): number {
  return (globalThis as Globals).process?.pid ?? 0;
}

/** Name and version of the runtime. */
export function runtimeName(): string {
  const { Deno, process, navigator } = globalThis as Globals;
  if (Deno !== undefined) return `deno ${Deno.version.deno}`;
  const { bun, node } = process?.versions ?? {};
  if (bun !== undefined) return `bun ${bun}`;
  return node === undefined ? (navigator?.userAgent ?? "unknown") : `node ${node}`;
}

/** Ends the process. @throws {Error} where there is no way to */
export function exit(code: number): never {
  const { process } = globalThis as Globals;
  if (process?.exit === undefined) throw new Error("Cannot exit: there is no process here");
  return process.exit(code);
}
