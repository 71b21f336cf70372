/** The reference of the API as Markdown: a page for each door, from what `deno doc` reads in the sources. */
import { existsSync } from "node:fs";
import { DOORS, moduleOnDeno } from "../doors.ts";
import { denoDoc } from "../public_docs.ts";

/** A page of the reference. */
export interface ApiPage {
  /** `crypto`, of `api/crypto.md`. */
  readonly name: string;
  /** `lethe/crypto`. */
  readonly title: string;
  readonly text: string;
}

interface Tag {
  readonly kind: string;
  readonly name?: string;
  readonly doc?: string;
  readonly tsType?: { readonly repr?: string };
}
interface JsDoc {
  readonly doc?: string;
  readonly tags?: readonly Tag[];
}
interface Documented {
  readonly name?: string;
  readonly jsDoc?: JsDoc;
}
interface Symbol {
  readonly name: string;
  readonly declarations: readonly (Documented & {
    readonly kind: string;
    readonly def?: Readonly<Record<string, unknown>>;
  })[];
}
interface Module {
  readonly module_doc?: JsDoc;
  readonly symbols: readonly Symbol[];
}

/** What a program calls comes first, types that it only names last. */
const ORDER = ["function", "variable", "class", "interface", "typeAlias"];

/** The doors that have all of a runtime in one repeat the others. */
export function apiDoors(): readonly string[] {
  return Object.keys(DOORS).filter((door) => {
    const module = moduleOnDeno(door);
    return module !== null && !/adapters\/\w+\/mod\.ts$/.test(module);
  });
}

export function apiPages(): readonly ApiPage[] {
  const read = apiDoors().map((door) => ({ door, module: readModule(moduleOnDeno(door) ?? "") }));
  const places = new Map<string, string>();
  for (const { door, module } of read) {
    for (const { name } of module.symbols) {
      if (!places.has(name)) places.set(name, `${nameOf(door)}.md#${name}`);
    }
  }
  return read.map(({ door, module }) => ({
    name: nameOf(door),
    title: titleOf(door),
    text: pageOf(titleOf(door), module, signaturesOf(moduleOnDeno(door) ?? ""), places),
  }));
}

function nameOf(door: string): string {
  return door === "." ? "lethe" : door.slice(2);
}

function titleOf(door: string): string {
  return door === "." ? "lethe" : `lethe/${door.slice(2)}`;
}

function readModule(path: string): Module {
  const { nodes } = JSON.parse(denoDoc("--json", path)) as {
    readonly nodes: Readonly<Record<string, Module>>;
  };
  return Object.values(nodes)[0] ?? { symbols: [] };
}

const TOP = /^(?:abstract class|async function|class|const|function|interface|type|enum) (\w+)/;
const MEMBER = /^ {2}(?:(?:readonly|static|abstract|get|set) )*\[?(\w[\w.]*)\]?[?(<:]/;

/** The lines of each symbol's signature, and of its members in their order. */
function signaturesOf(path: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of denoDoc(path).split("\n")) {
    const name = TOP.exec(line)?.[1];
    if (name !== undefined) {
      lines = found.get(name) ?? [];
      found.set(name, lines);
    }
    if (name !== undefined || MEMBER.test(line)) lines.push(line.trim());
  }
  return found;
}

const FLAGS =
  "The same on Node.js, Deno and Bun. Flags that begin with `--allow-` are Deno's; the others need none.";

type Places = ReadonlyMap<string, string>;

function pageOf(
  title: string,
  module: Module,
  signatures: ReadonlyMap<string, readonly string[]>,
  places: Places,
): string {
  const symbols = [...module.symbols].sort(
    (one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name),
  );
  const parts = symbols.map((symbol) => symbolPart(symbol, signatures, places));
  const doc = module.module_doc?.doc ?? "";
  // One page for the runtimes: names and types are the same on each.
  const shared = doc.replace(/,? on Deno(?=[.,:;])/, "");
  const about = prose(shared === doc ? doc : `${shared}\n\n${FLAGS}`, places);
  return `---\noutline: 2\n---\n\n# ${title}\n\n${about}\n\n${parts.join("\n\n")}\n`;
}

function rank({ declarations }: Symbol): number {
  return ORDER.indexOf(declarations[0]?.kind ?? "");
}

function symbolPart(
  { name, declarations }: Symbol,
  signatures: ReadonlyMap<string, readonly string[]>,
  places: Places,
): string {
  const lines = signatures.get(name) ?? [];
  const heads = lines.filter((line) => TOP.test(line));
  const parts = declarations.flatMap((declaration) => [
    docPart(declaration.jsDoc, places),
    ...membersOf(declaration.def ?? {}).map((member) => memberPart(name, member, lines, places)),
  ]);
  return [`## ${name} {#${name}}`, code(heads), ...parts].join("\n\n");
}

/** Methods before properties; overloads of one name once. */
function membersOf(def: Readonly<Record<string, unknown>>): readonly (readonly Documented[])[] {
  const listed = (["constructors", "methods", "properties"] as const).flatMap(
    (kind) => (def[kind] ?? []) as readonly Documented[],
  );
  const byName = new Map<string, Documented[]>();
  for (const member of listed) {
    const name = member.name ?? "";
    if (name.startsWith("#") || name.startsWith("[")) continue;
    byName.set(name, [...(byName.get(name) ?? []), member]);
  }
  return [...byName.values()];
}

function memberPart(
  type: string,
  overloads: readonly Documented[],
  lines: readonly string[],
  places: Places,
): string {
  const name = overloads[0]?.name ?? "";
  const own = lines.filter((line) => !TOP.test(line) && MEMBER.exec(`  ${line}`)?.[1] === name);
  const title = `### ${type}.${name} {#${type}-${name}}`;
  return [title, code(own), ...overloads.map(({ jsDoc }) => docPart(jsDoc, places))].join("\n\n");
}

function code(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `\`\`\`ts\n${lines.map(inLines).join("\n")}\n\`\`\``;
}

/** Columns that a page shows without scrolling. */
const WIDTH = 72;

/** A long signature with a parameter on each line. */
export function inLines(signature: string): string {
  const open = signature.indexOf("(");
  if (signature.length <= WIDTH || open < 0) return signature;
  const parts: string[] = [];
  let [depth, start] = [0, open + 1];
  for (let at = open; at < signature.length; at += 1) {
    const letter = signature[at] ?? "";
    // The > of an arrow closes nothing.
    if ("([{<".includes(letter)) depth += 1;
    if (")]}".includes(letter) || (letter === ">" && signature[at - 1] !== "=")) depth -= 1;
    if (depth === 0 || (depth === 1 && letter === ",")) {
      parts.push(signature.slice(start, at).trim());
      start = at + 1;
    }
    if (depth === 0) break;
  }
  const inside = parts.filter((part) => part !== "");
  if (inside.length === 0) return signature;
  return `${signature.slice(0, open)}(\n${inside.map((part) => `  ${part},\n`).join("")})${signature.slice(start)}`;
}

const LABELS: Readonly<Record<string, string>> = {
  param: "Parameter",
  return: "Returns",
  throws: "Throws",
};

function docPart(doc: JsDoc | undefined, places: Places): string {
  const tags = doc?.tags ?? [];
  const rows = tags
    .filter(({ kind }) => LABELS[kind] !== undefined)
    .map(({ kind, name, tsType, doc: text = "" }) => {
      const what = name ?? tsType?.repr;
      const label = `**${LABELS[kind]}**${what === undefined ? "" : ` \`${what}\``}`;
      return `- ${label} ${prose(text, places).replaceAll("\n", " ").trim()}`;
    });
  const examples = tags
    .filter(({ kind }) => kind === "example")
    .map((tag) => tag.doc?.trim() ?? "");
  return [prose(doc?.doc ?? "", places), rows.join("\n"), ...examples]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Links lead to the symbols, and nothing outside code is HTML or a template of Vue. */
function prose(text: string, places: Places): string {
  return text
    .split(/(^```[\s\S]*?^```|`[^`\n]*`)/m)
    .map((part, index) => (index % 2 === 1 ? part : plain(part, places)))
    .join("")
    .trim();
}

function plain(text: string, places: Places): string {
  return text
    .replaceAll("<", "&lt;")
    .replaceAll("{{", "&#123;&#123;")
    .replaceAll(/\{@link\s+([\w.]+)\}/g, (_, name: string) => linkTo(name, places))
    .replaceAll(/\bdocs\/(\w+)\.md(#[\w-]+)?/g, (page: string, file: string, anchor = "") =>
      existsSync(`docs/${file}.md`) ? `[${page}](../docs/${file}.md${anchor})` : page,
    );
}

function linkTo(name: string, places: Places): string {
  const [type = "", member] = name.split(".");
  const place = places.get(type);
  if (place === undefined) return `\`${name}\``;
  const anchor = member === undefined ? place : place.replace(/#.*/, `#${type}-${member}`);
  return `[\`${name}\`](./${anchor})`;
}
