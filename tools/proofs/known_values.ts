/** What an expression of a test is known to be when `SOAK` is false, as in `npm test`. */

/** Part of a syntax tree (ESTree with TypeScript). What is not read by its type is read by its keys. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** `"nothing"`: an array without elements. Null: not known before it runs. */
export type Known = boolean | "nothing" | null;

/** What a name stands for. */
export type NameOf = (name: string) => Known;

/** Methods that give nothing of nothing. */
const KEEP_NOTHING: readonly unknown[] = ["filter", "flatMap", "map", "slice", "sort"];

/** The value of an expression, as far as it is known whatever the machine is. */
export function knownValue(given: unknown, nameOf: NameOf): Known {
  const node = given as SyntaxNode | null | undefined;
  const of = (key: string): Known => knownValue(node?.[key], nameOf);
  switch (node?.type) {
    case "Identifier":
      return nameOf(node["name"] as string);
    case "Literal":
      return typeof node["value"] === "boolean" ? node["value"] : null;
    case "UnaryExpression":
      return node["operator"] === "!" ? not(of("argument")) : null;
    case "LogicalExpression":
      return either(node["operator"], of("left"), of("right"));
    case "ConditionalExpression": {
      const [test, yes, no] = [truth(of("test")), of("consequent"), of("alternate")];
      if (test !== null) return test ? yes : no;
      return yes === no ? yes : null;
    }
    case "ArrayExpression":
      return parts(node["elements"]).every(
        (each) =>
          each.type === "SpreadElement" && knownValue(each["argument"], nameOf) === "nothing",
      )
        ? "nothing"
        : null;
    case "CallExpression":
      return ofCall(node, nameOf);
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return of("expression");
    default:
      return null;
  }
}

function not(value: Known): Known {
  const known = truth(value);
  return known === null ? null : !known;
}

/** An array is true also when it has nothing. */
export function truth(value: Known): boolean | null {
  return value === "nothing" ? true : value;
}

function either(operator: unknown, left: Known, right: Known): Known {
  if (operator !== "||" && operator !== "&&") return null;
  const decides = operator === "||";
  if (truth(left) === decides) return left;
  if (truth(left) === !decides) return right;
  return truth(right) === decides ? decides : null;
}

/** A list that is filtered to nothing, or made of one that has nothing. */
function ofCall(call: SyntaxNode, nameOf: NameOf): Known {
  const callee = call["callee"] as SyntaxNode;
  if (callee.type !== "MemberExpression") return null;
  const { name } = callee["property"] as { readonly name?: unknown };
  if (!KEEP_NOTHING.includes(name)) return null;
  if (knownValue(callee["object"], nameOf) === "nothing") return "nothing";
  const [first] = parts(call["arguments"]);
  if (name !== "filter" || first?.type !== "ArrowFunctionExpression") return null;
  return truth(knownValue(first["body"], nameOf)) === false ? "nothing" : null;
}

/** The nodes of a list that may have holes. */
export function parts(list: unknown): readonly SyntaxNode[] {
  return (Array.isArray(list) ? list : []).filter((each) => each !== null);
}
