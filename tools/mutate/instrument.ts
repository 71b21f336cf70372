/**
 * Puts every mutant of a file into its text at once, each behind a switch:
 *
 *     a < b    becomes    (REACHED(7) ? a <= b : REACHED(8) ? a >= b : (a < b))
 *
 * A file is parsed, transformed and imported once; a mutant costs the tests that reach it.
 */
import { type Change, changesOfExpression, isLeftAlone } from "./operators.ts";
import { children, isErased, isNode, type Node, parse } from "./syntax.ts";

export interface Mutant {
  readonly id: number;
  readonly path: string;
  readonly line: number;
  /** The line as it stands, trimmed: what a list of known survivors names. */
  readonly source: string;
  /** What was changed into what, short. */
  readonly change: string;
}

export interface Instrumented {
  readonly text: string;
  readonly mutants: readonly Mutant[];
}

const SWITCH = "globalThis.__mutation__.reached";
const LONGEST_SNIPPET = 60;

export function instrument(path: string, text: string, firstId: number): Instrumented {
  const mutants: Mutant[] = [];
  const source = (node: Node): string => text.slice(node.start, node.end);

  function register(node: Node, kind: string): string {
    const before = text.slice(0, node.start);
    const line = before.split("\n").length;
    const whole = text.split("\n")[line - 1] ?? "";
    const snippet = source(node).replace(/\s+/g, " ").slice(0, LONGEST_SNIPPET);
    const id = firstId + mutants.length;
    mutants.push({ id, path, line, source: whole.trim(), change: `${snippet} → ${kind}` });
    return `$mutant(${id})`;
  }

  /** The text of a node, with the mutants of all that is in it. */
  function inside(node: Node, isSpine: boolean): string {
    let result = "";
    let at = node.start;
    for (const [key, child] of children(node)) {
      if (child.start < at) continue; // a shorthand property holds its name twice
      result += text.slice(at, child.start) + rewrite(child, key, node, isSpine);
      at = child.end;
    }
    return result + text.slice(at, node.end);
  }

  function rewrite(node: Node, key: string, parent: Node, isInChain: boolean): string {
    if (isErased(node) || isName(key, parent)) return source(node);
    const isOnSpine = isInChain && ["object", "callee", "expression"].includes(key);
    const isSpine = node.type === "ChainExpression" || isOnSpine;
    if (isTarget(key, parent)) return inside(node, isSpine);
    if (key === "test" && parent.type !== "SwitchCase")
      return choose(node, conditions(parent), isSpine);
    if (node.type === "ExpressionStatement") return statement(node);
    if (node.type === "BlockStatement") return block(node, parent);
    if (
      key === "body" &&
      node.type !== "BlockStatement" &&
      parent.type === "ArrowFunctionExpression"
    ) {
      return choose(node, [{ kind: "nothing", text: "undefined" }], isSpine);
    }
    if (isOnSpine || isLeftAlone(node, key, parent)) return inside(node, isSpine);
    return choose(node, [], isSpine);
  }

  function choose(node: Node, extra: readonly Change[], isSpine: boolean): string {
    const known = new Set(extra.map((change) => change.text));
    const own = changesOfExpression(node, source).filter((change) => !known.has(change.text));
    const all = [...extra, ...own];
    const arms = all.map((change) => `${register(node, change.kind)} ? ${change.text} : `).join("");
    return all.length === 0 ? inside(node, isSpine) : `(${arms}(${inside(node, isSpine)}))`;
  }

  function conditions(parent: Node): readonly Change[] {
    const values = /^(?:If|Cond)/.test(parent.type) ? ["true", "false"] : ["false"];
    return values.map((value) => ({ kind: value, text: value }));
  }

  /** A call or an assignment for its effect: left out. */
  function statement(node: Node): string {
    const expression = node["expression"] as Node;
    const isSuper = /^super\(/.test(source(expression));
    if (expression.type === "Literal" || isSuper) return inside(node, false);
    return `{ if (!${register(node, "left out")}) { ${inside(node, false)} } }`;
  }

  function block(node: Node, parent: Node): string {
    const body = node["body"] as readonly Node[];
    const only = body.length === 1 ? body[0] : undefined;
    const isMore = body.length > 1 || (only !== undefined && only.type !== "ExpressionStatement");
    if (!isMore || /\bsuper\(/.test(source(node)) || parent.type === "TryStatement") {
      return inside(node, false);
    }
    return `{ if (!${register(node, "empty block")}) ${inside(node, false)} }`;
  }

  const program = parse(path, text);
  const body = inside(program, false);
  const mutated = `const $mutant = ${SWITCH};\n${text.slice(0, program.start)}${body}`;
  parse(path, mutated); // what is not a program would kill every mutant, or none
  return { text: mutated, mutants };
}

/** A name, not a value: a key, a label, what a destructuring takes. */
function isName(key: string, parent: Node): boolean {
  if (key === "key") return parent["computed"] !== true;
  if (key === "property") return parent["computed"] !== true;
  if (key === "quasi" || key === "quasis" || key === "label" || key === "id") return true;
  return key === "left" && isNode(parent["left"]) && parent["left"].type === "PrivateIdentifier";
}

/** Written to, deleted or updated: it cannot be an expression of another shape. */
function isTarget(key: string, parent: Node): boolean {
  if (key === "left") return /^(?:Assignment|ForOf|ForIn)/.test(parent.type);
  if (key === "argument") {
    return parent.type === "UpdateExpression" || parent["operator"] === "delete";
  }
  return false;
}
