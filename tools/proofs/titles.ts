/** The tests and groups of a file: their titles, and which of them run in the soak alone. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { parseAst } from "rolldown/parseAst";
import {
  type Known,
  knownValue,
  type NameOf,
  parts,
  type SyntaxNode,
  truth,
} from "./known_values.ts";

export interface Title {
  readonly text: string;
  /** Without tests of its own: a test, and no group. */
  readonly isTest: boolean;
  /** By itself, by a group around it, or because each test in it does. */
  readonly soakOnly: boolean;
}

interface Module {
  readonly body: SyntaxNode;
  readonly text: string;
  readonly nameOf: NameOf;
}

const modules = new Map<string, Module>();
const titles = new Map<string, readonly Title[]>();

/** Of a file that is not there: none. */
export function titlesOf(path: string): readonly Title[] {
  const read = titles.get(path);
  if (read !== undefined) return read;
  const found = existsSync(path) ? titlesIn(moduleAt(path)) : [];
  titles.set(path, found);
  return found;
}

/** As {@link titlesOf}, of a text that imports nothing. */
export function titlesOfText(text: string): readonly Title[] {
  return titlesIn(moduleOf("", text));
}

function moduleAt(path: string): Module {
  const read = modules.get(path);
  if (read !== undefined) return read;
  const made = moduleOf(path, readFileSync(path, "utf8"));
  modules.set(path, made);
  return made;
}

function moduleOf(path: string, text: string): Module {
  const body = parseAst(text, { lang: "ts" }) as unknown as SyntaxNode;
  const constants = new Map<string, SyntaxNode>();
  const imported = new Map<string, { readonly name: string; readonly from: string }>();
  walk(body, (node) => {
    const id = (node["id"] ?? {}) as { readonly name?: string };
    if (node.type === "VariableDeclarator" && id.name !== undefined) {
      constants.set(id.name, node["init"] as SyntaxNode);
    }
    if (node.type !== "ImportDeclaration") return;
    const from = (node["source"] as { readonly value: string }).value;
    for (const each of parts(node["specifiers"])) {
      const [local, foreign] = [each["local"], each["imported"]] as readonly { name?: string }[];
      imported.set(local?.name ?? "", { name: foreign?.name ?? "", from });
    }
  });
  const asked = new Set<string>();
  const nameOf = (name: string): Known => {
    const source = imported.get(name);
    if ((source?.name ?? name) === "SOAK") return false;
    if (asked.has(name)) return null; // it is made of itself
    asked.add(name);
    try {
      if (source === undefined) return knownValue(constants.get(name), nameOf);
      const target = join(path, "..", source.from);
      const isHelper = source.from.startsWith(".") && target.startsWith("testing/");
      return isHelper && existsSync(target) ? moduleAt(target).nameOf(source.name) : null;
    } finally {
      asked.delete(name);
    }
  };
  return { body, text, nameOf };
}

function walk(value: unknown, see: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) for (const each of value) walk(each, see);
  else if (typeof value === "object" && value !== null) {
    if (typeof (value as Partial<SyntaxNode>).type === "string") see(value as SyntaxNode);
    for (const inner of Object.values(value)) walk(inner, see);
  }
}

function titlesIn({ body, text, nameOf }: Module): readonly Title[] {
  const found: Title[] = [];
  const known = (node: unknown): Known => knownValue(node, nameOf);
  const visit = (value: unknown, soakOnly: boolean): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, soakOnly);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    const node = value as SyntaxNode;
    const own = soakOnly || skipsAll(node, known);
    const title = titleOf(node);
    const at = found.length;
    if (title !== null) {
      found.push({ text: text.slice(title.start + 1, title.end - 1), isTest: true, soakOnly: own });
    }
    for (const [key, inner] of Object.entries(node)) {
      visit(inner, own || isLeftOut(node, key, known));
    }
    const inside = found.slice(at + 1).filter(({ isTest }) => isTest);
    if (title === null || inside.length === 0) return;
    const whole = own || inside.every((test) => test.soakOnly);
    found[at] = { text: (found[at] as Title).text, isTest: false, soakOnly: whole };
  };
  visit(body, false);
  return found;
}

/** What makes tests and groups: by itself or, as of `Deno.test`, as a property. */
const ROOTS: readonly unknown[] = ["describe", "it", "test"];
const MODIFIERS: readonly unknown[] = ["each", "for", "skipIf", "runIf"];

/** The title of what makes a test or a group, or null. */
function titleOf(node: SyntaxNode): SyntaxNode | null {
  if (node.type !== "CallExpression") return null;
  const [first] = parts(node["arguments"]);
  const isText =
    first?.type === "TemplateLiteral" ||
    (first?.type === "Literal" && typeof first["value"] === "string");
  const { name } =
    ((node["callee"] as SyntaxNode)["property"] as { readonly name?: unknown }) ?? {};
  return isText && !MODIFIERS.includes(name) && isTestCall(node) ? (first as SyntaxNode) : null;
}

function isTestCall(node: SyntaxNode | undefined): boolean {
  if (node?.type === "Identifier") return ROOTS.includes(node["name"]);
  const [object, property] = [node?.["object"], node?.["property"]] as readonly {
    name?: unknown;
  }[];
  if (object?.name === "Deno") return property?.name === "test";
  const inner = node?.type === "CallExpression" ? node["callee"] : node?.["object"];
  return inner !== undefined && isTestCall(inner as SyntaxNode);
}

/** Whether a call is `it.skipIf(!SOAK)(...)` and the like: each of its modifiers, from the last on. */
function skipsAll(node: SyntaxNode, known: (node: unknown) => Known): boolean {
  if (titleOf(node) === null) return false;
  for (let callee = node["callee"] as SyntaxNode | undefined; callee !== undefined; ) {
    const method = (callee["callee"] as SyntaxNode | undefined)?.["property"];
    const { name } = (method ?? {}) as { readonly name?: unknown };
    const value = known(parts(callee["arguments"])[0]);
    if (name === "skipIf" && truth(value) === true) return true;
    if (name === "runIf" && truth(value) === false) return true;
    if ((name === "each" || name === "for") && value === "nothing") return true;
    callee = (callee["callee"] ?? callee["object"]) as SyntaxNode | undefined;
  }
  return hasSkip(node, known);
}

/** `it(title, { skip: !SOAK }, ...)`. */
function hasSkip(node: SyntaxNode, known: (node: unknown) => Known): boolean {
  return parts(node["arguments"])
    .filter(({ type }) => type === "ObjectExpression")
    .flatMap((options) => parts(options["properties"]))
    .some(
      (property) =>
        (property["key"] as { readonly name?: unknown } | undefined)?.name === "skip" &&
        truth(known(property["value"])) === true,
    );
}

/** Whether a part of a statement or an expression is not reached: `if (SOAK) ...`, `SOAK && ...`. */
function isLeftOut(node: SyntaxNode, key: string, known: (node: unknown) => Known): boolean {
  const when = (test: string): boolean | null => truth(known(node[test]));
  switch (node.type) {
    case "IfStatement":
    case "ConditionalExpression":
      return (
        (key === "consequent" && when("test") === false) ||
        (key === "alternate" && when("test") === true)
      );
    case "LogicalExpression":
      return key === "right" && when("left") === (node["operator"] === "||");
    case "ForOfStatement":
      return key === "body" && known(node["right"]) === "nothing";
    default:
      return false;
  }
}
