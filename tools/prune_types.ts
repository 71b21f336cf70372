/**
 * Keeps of the emitted declarations what the doors reach: a declaration that no public one names, and the
 * comment above it, help nobody who compiles against the package.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";
import { parseAst } from "rolldown/parseAst";

/** A node of the syntax tree (ESTree with TypeScript), as far as it is read here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly id?: Node | null;
  readonly declaration?: Node | null;
  readonly declarations?: readonly Node[];
  readonly source?: { readonly value: string } | null;
  readonly specifiers?: readonly Specifier[];
}

interface Specifier extends Node {
  readonly local: Node;
  readonly imported?: Node;
  readonly exported?: Node;
}

interface Module {
  readonly text: string;
  readonly statements: readonly Node[];
  /** The statement of each declared name. */
  readonly declared: ReadonlyMap<string, Node>;
  readonly imported: ReadonlyMap<string, Specifier & { readonly from: string }>;
  /** What is kept: whole statements, and specifiers of the others. */
  readonly kept: Set<Node>;
}

/**
 * The declarations that `doors` reach, by their place in `folder`.
 *
 * @param doors modules by their place, without the end
 */
export function pruneTypes(folder: string, doors: readonly string[]): ReadonlyMap<string, string> {
  const modules = new Map<string, Module>();
  const moduleAt = (path: string): Module => {
    const known = modules.get(path);
    if (known !== undefined) return known;
    const read = readModule(`${folder}/${path}`);
    modules.set(path, read);
    return read;
  };

  /** Keeps what a module exports by this name. False: it exports no such name. */
  function keepExport(path: string, name: string): boolean {
    const module = moduleAt(path);
    for (const statement of module.statements) {
      if (statement.type === "ExportNamedDeclaration") {
        if (namesOf(statement.declaration).includes(name)) {
          keepStatement(path, statement);
          return true;
        }
        const found = statement.specifiers?.find(({ exported }) => exported?.name === name);
        if (found !== undefined) {
          keepSpecifier(path, statement, found);
          return true;
        }
      }
    }
    for (const statement of module.statements) {
      if (statement.type !== "ExportAllDeclaration") continue;
      if (keepExport(target(path, statement), name)) {
        module.kept.add(statement);
        return true;
      }
    }
    return false;
  }

  function keepAllExports(path: string): void {
    const { statements, kept } = moduleAt(path);
    for (const statement of statements) {
      if (statement.type === "ExportAllDeclaration") {
        kept.add(statement);
        keepAllExports(target(path, statement));
      } else if (statement.type === "ExportNamedDeclaration") {
        if (statement.declaration) keepStatement(path, statement);
        for (const each of statement.specifiers ?? []) keepSpecifier(path, statement, each);
      }
    }
  }

  function keepSpecifier(path: string, statement: Node, specifier: Specifier): void {
    const { kept } = moduleAt(path);
    if (kept.has(specifier)) return;
    kept.add(specifier);
    if (statement.source) keepFrom(path, statement.source.value, specifier.local.name);
    else keepName(path, specifier.local.name);
  }

  function keepStatement(path: string, statement: Node): void {
    const { kept } = moduleAt(path);
    if (kept.has(statement)) return;
    kept.add(statement);
    for (const name of identifiers(statement)) keepName(path, name);
  }

  /** Keeps what a name means inside a module, if it is none of the language. */
  function keepName(path: string, name: string | undefined): void {
    const { declared, imported, kept } = moduleAt(path);
    const statement = declared.get(name ?? "");
    if (statement !== undefined) keepStatement(path, statement);
    const specifier = imported.get(name ?? "");
    if (specifier === undefined || kept.has(specifier)) return;
    kept.add(specifier);
    keepFrom(path, specifier.from, specifier.imported?.name);
  }

  function keepFrom(path: string, from: string, name: string | undefined): void {
    if (!from.startsWith(".")) return;
    const there = declarationsOf(join(path, "..", from));
    if (name === undefined) keepAllExports(there);
    else if (!keepExport(there, name)) throw new Error(`${there} exports no ${name}, for ${path}`);
  }

  for (const door of doors) {
    const path = `${door}.d.ts`;
    if (existsSync(`${folder}/${path}`)) keepAllExports(path);
  }
  const texts = [...modules].map(([path, module]) => [path, textOf(module)] as const);
  return new Map(texts.filter(([path, text]) => text !== "" || doors.includes(path.slice(0, -5))));
}

function target(path: string, { source }: Node): string {
  return declarationsOf(join(path, "..", source?.value ?? ""));
}

function declarationsOf(path: string): string {
  return path.replace(/\.[jt]s$/, ".d.ts");
}

function readModule(path: string): Module {
  const text = readFileSync(path, "utf8");
  const statements = parseAst(text, { lang: "dts" }).body as unknown as readonly Node[];
  const declared = new Map<string, Node>();
  const imported = new Map<string, Specifier & { readonly from: string }>();
  for (const statement of statements) {
    for (const name of namesOf(statement.declaration ?? statement)) declared.set(name, statement);
    if (statement.type !== "ImportDeclaration") continue;
    for (const each of statement.specifiers ?? []) {
      imported.set(
        each.local.name ?? "",
        Object.assign(each, { from: statement.source?.value ?? "" }),
      );
    }
  }
  return { text, statements, declared, imported, kept: new Set() };
}

/** The names that a declaration declares. */
function namesOf(declaration: Node | null | undefined): readonly string[] {
  const each = declaration?.declarations ?? [declaration];
  return each.flatMap((one) => (one?.id?.name === undefined ? [] : [one.id.name]));
}

/** Every identifier below a node: also names of properties, which then keep more than they must. */
function identifiers(value: unknown, found: Set<string> = new Set()): ReadonlySet<string> {
  if (Array.isArray(value)) for (const one of value) identifiers(one, found);
  else if (typeof value === "object" && value !== null) {
    const { type, name } = value as Partial<Node>;
    if (type === "Identifier" && name !== undefined) found.add(name);
    for (const inner of Object.values(value)) identifiers(inner, found);
  }
  return found;
}

/** What is kept of a module, in its order. */
function textOf({ text, statements, kept }: Module): string {
  const lines: string[] = [];
  let last = 0;
  for (const statement of statements) {
    const above = text.slice(last, statement.start);
    last = statement.end;
    if (kept.has(statement)) lines.push(commentAbove(above) + text.slice(statement.start, last));
    else {
      const specifiers = (statement.specifiers ?? []).filter((each) => kept.has(each));
      if (specifiers.length > 0) lines.push(withOnly(text, statement, specifiers));
    }
  }
  // Without it every declaration of such a file is exported.
  return lines.length === 0 ? "" : `${lines.join("\n")}\nexport {};\n`;
}

/** The comment of a declaration, which follows those of what was before it. */
function commentAbove(above: string): string {
  const start = above.lastIndexOf("/**");
  return start < 0 ? "" : above.slice(start).trimStart();
}

/** An import or export with some of its names. */
function withOnly(text: string, { start, end }: Node, specifiers: readonly Specifier[]): string {
  const whole = text.slice(start, end);
  const names = specifiers.map((each) => text.slice(each.start, each.end)).join(", ");
  return whole.includes("{") ? whole.replace(/\{[^}]*\}/s, `{ ${names} }`) : whole;
}
