/** What `deno doc` says of the doors: every public symbol with its docstring. */
import { execFileSync } from "node:child_process";
import process from "node:process";
import { DOORS, moduleOnDeno } from "./doors.ts";

/** A public symbol, or a property or method of one, and what is said of it. */
export interface PublicDoc {
  /** As `lethe/crypto SecretCrypto.encrypt`. */
  readonly name: string;
  /** Null where there is no docstring. */
  readonly text: string | null;
}

interface Documented {
  readonly name?: unknown;
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly { readonly doc?: string }[] };
}
interface Declaration extends Documented {
  readonly def?: Readonly<Record<string, unknown>>;
}
interface Described {
  readonly nodes: Readonly<
    Record<
      string,
      {
        readonly symbols: readonly {
          readonly name: string;
          readonly declarations: readonly Declaration[];
        }[];
      }
    >
  >;
}

/** The output of `deno doc`. */
export function denoDoc(...parameters: string[]): string {
  return execFileSync("node_modules/.bin/deno", ["doc", ...parameters], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** Of every door. Those of one runtime repeat the others. */
export function publicDocs(): readonly PublicDoc[] {
  return Object.keys(DOORS).flatMap((door) => {
    const module = moduleOnDeno(door);
    if (module === null) return [];
    const { nodes } = JSON.parse(denoDoc("--json", module)) as Described;
    const prefix = door.replace(".", "lethe");
    return Object.values(nodes).flatMap(({ symbols }) =>
      symbols.flatMap(({ name, declarations }) =>
        declarations.flatMap((declaration) => docsOf(`${prefix} ${name}`, declaration)),
      ),
    );
  });
}

function docsOf(name: string, declaration: Declaration): readonly PublicDoc[] {
  const { properties = [], methods = [] } = (declaration.def ?? {}) as {
    readonly properties?: readonly Documented[];
    readonly methods?: readonly Documented[];
  };
  const members = [...properties, ...methods].filter((member) => !`${member.name}`.startsWith("#"));
  return [
    { name, text: textOf(declaration) },
    ...members.map((member) => ({ name: `${name}.${member.name}`, text: textOf(member) })),
  ];
}

function textOf({ jsDoc }: Documented): string | null {
  if (jsDoc === undefined) return null;
  return [jsDoc.doc, ...(jsDoc.tags ?? []).map(({ doc }) => doc)].filter(Boolean).join(". ");
}
