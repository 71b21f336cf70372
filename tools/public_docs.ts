/** What `deno doc` says of the doors: every public symbol with its docstring. */
import { execFileSync } from "node:child_process";
import process from "node:process";
import { DOORS, moduleOnDeno } from "./doors.ts";

/** A public symbol, or a property or method of one, and what is said of it. */
export interface PublicDoc {
  /** As `lethe/crypto SecretCrypto.encrypt`. */
  readonly name: string;
  readonly kind: "function" | "method" | "number" | "other";
  /** Null where there is no docstring. */
  readonly text: string | null;
  /** What is said of the type that a property or method belongs to; empty for others. */
  readonly ofType: string;
}

interface Type {
  readonly kind?: string;
  readonly repr?: string;
}
interface Documented {
  readonly name?: unknown;
  readonly tsType?: Type;
  readonly jsDoc?: {
    readonly doc?: string;
    readonly tags?: readonly {
      readonly kind: string;
      readonly name?: string;
      readonly doc?: string;
    }[];
  };
}
interface Declaration extends Documented {
  readonly kind: string;
  readonly def?: Readonly<Record<string, unknown>> & { readonly tsType?: Type };
}
interface Described {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly Symbol[] }>>;
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
    const symbols = Object.values(nodes).flatMap((node) => node.symbols);
    const functionTypes = functionTypesOf(symbols);
    return symbols.flatMap(({ name, declarations }) =>
      declarations.flatMap((one) => docsOf(`${prefix} ${name}`, one, functionTypes)),
    );
  });
}

interface Symbol {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

/** The types that are functions, by name, with what is said of them: `openSecrets` is an {@link OpenSecrets}. */
function functionTypesOf(symbols: readonly Symbol[]): ReadonlyMap<string, string> {
  const aliases = symbols.flatMap(({ name, declarations }) =>
    declarations
      .filter(({ def }) => def?.tsType?.kind === "fnOrConstructor")
      .map((declaration) => [name, textOf(declaration) ?? ""] as const),
  );
  return new Map(aliases);
}

function docsOf(
  name: string,
  declaration: Declaration,
  functionTypes: ReadonlyMap<string, string>,
): readonly PublicDoc[] {
  const { kind, def = {} } = declaration;
  const { properties = [], methods = [] } = def as {
    readonly properties?: readonly Documented[];
    readonly methods?: readonly Documented[];
  };
  const text = textOf(declaration);
  const ofType = functionTypes.get(def.tsType?.repr ?? "") ?? "";
  const isFunction = kind === "function" || (kind === "variable" && ofType !== "");
  const members = [
    ...properties.map((member) => ({ member, kind: kindOf(member) })),
    ...methods.map((member) => ({ member, kind: "method" as const })),
  ].filter(({ member }) => !`${member.name}`.startsWith("#"));
  return [
    { name, kind: isFunction ? "function" : "other", text, ofType },
    ...members.map(({ member, kind }) => ({
      name: `${name}.${member.name}`,
      kind,
      text: textOf(member),
      ofType: text ?? "",
    })),
  ];
}

function kindOf({ tsType }: Documented): "number" | "other" {
  return tsType?.repr === "number" ? "number" : "other";
}

/** What stands behind a tag is a sentence too. */
function textOf({ jsDoc }: Documented): string | null {
  if (jsDoc === undefined) return null;
  const tags = (jsDoc.tags ?? []).map(({ kind, name, doc }) =>
    [`@${kind}`, name, doc].filter(Boolean).join(" "),
  );
  return [jsDoc.doc, ...tags].filter(Boolean).join(". ");
}
