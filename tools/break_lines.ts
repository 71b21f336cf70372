import { parseSync, Visitor } from "rolldown/utils";

/** Characters behind which a line ends at the next place where one may. */
const LEAST = 160;

/**
 * Minified code in lines: a runtime that ends for an error prints the line of it, and names it in stack traces. A line
 * break goes before a statement, a member of a class, and a part of a list, where it means nothing.
 *
 * @param path of an ES module, for messages
 */
export function breakLines(path: string, code: string): string {
  const { program, errors } = parseSync(path, code);
  if (errors.length > 0) throw new Error(`Cannot break lines of ${path}: it does not parse`);
  const places = new Set<number>();
  const each = (nodes: readonly ({ readonly start: number } | null)[]): void => {
    for (const node of nodes) if (node !== null) places.add(node.start);
  };
  new Visitor({
    Program: ({ body }) => each(body),
    BlockStatement: ({ body }) => each(body),
    StaticBlock: ({ body }) => each(body),
    SwitchStatement: ({ cases }) => each(cases),
    SwitchCase: ({ consequent }) => each(consequent),
    ClassBody: ({ body }) => each(body),
    ImportDeclaration: ({ specifiers }) => each(specifiers),
    ExportNamedDeclaration: ({ specifiers }) => each(specifiers),
    VariableDeclaration: ({ declarations }) => each(declarations.slice(1)),
    SequenceExpression: ({ expressions }) => each(expressions.slice(1)),
    ArrayExpression: ({ elements }) => each(elements),
    ObjectExpression: ({ properties }) => each(properties),
    CallExpression: (call) => each(call.arguments),
    NewExpression: (call) => each(call.arguments),
  }).visit(program);
  let [broken, from] = ["", 0];
  for (const place of [...places].sort((one, other) => one - other)) {
    const line = Math.max(from, code.lastIndexOf("\n", place) + 1);
    if (place - line < LEAST || code[place - 1] === "/") continue; // a comment for bundlers stays beside what it is about
    broken += `${code.slice(from, place)}\n`;
    from = place;
  }
  return broken + code.slice(from);
}
