/** The syntax tree of a source file, as Vite's parser gives it, with just what mutants need of it. */
import { parseSync } from "vite";

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export function parse(path: string, text: string): Node {
  const { program, errors } = parseSync(path, text, { lang: "ts", sourceType: "module" });
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  return program as unknown as Node;
}

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** The nodes right below one, by the name of the property that holds them, in the order of the text. */
export function children(node: Node): (readonly [key: string, child: Node])[] {
  const found: [string, Node][] = [];
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) found.push([key, child]);
    }
  }
  return found.sort(([, one], [, other]) => one.start - other.start);
}

/** A node that TypeScript strips, with all that is in it. */
export const isErased = ({ type, declare, importKind, exportKind }: Node): boolean =>
  (type.startsWith("TS") &&
    type !== "TSAsExpression" &&
    type !== "TSSatisfiesExpression" &&
    type !== "TSNonNullExpression") ||
  declare === true ||
  importKind === "type" ||
  exportKind === "type" ||
  type === "ImportDeclaration" ||
  type === "ExportAllDeclaration";
