/**
 * What is changed in a source file: one small mistake at a time, of the kinds that people make.
 *
 * Not changed: types, imports, regular expressions, texts for people (a string with a space in it), and the
 * entries of long tables of numbers, which published vectors check as a whole.
 */
import { isNode, type Node } from "./syntax.ts";

export interface Change {
  /** What kind of mistake: it names the mutant in the report. */
  readonly kind: string;
  readonly text: string;
}

type Source = (node: Node) => string;

const BINARY: Readonly<Record<string, readonly string[]>> = {
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "&": ["|"],
  "|": ["&"],
  "^": ["&"],
  "<<": [">>>"],
  ">>": ["<<"],
  ">>>": ["<<"],
};
const LOGICAL: Readonly<Record<string, string>> = { "&&": "||", "||": "&&", "??": "&&" };
const ASSIGNMENT: Readonly<Record<string, string>> = {
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "|=": "&=",
  "&=": "|=",
  "^=": "|=",
  "<<=": ">>>=",
  ">>=": "<<=",
  ">>>=": "<<=",
  "??=": "&&=",
};
const METHOD: ReadonlyMap<unknown, string> = new Map([
  ["min", "max"],
  ["max", "min"],
  ["some", "every"],
  ["every", "some"],
  ["startsWith", "endsWith"],
  ["endsWith", "startsWith"],
  ["push", "unshift"],
]);

/** A table of more numbers than this is left alone. */
const LONG_TABLE = 4;

const operand = (node: Node, key: string): Node => node[key] as Node;

/** What can be put in the place of an expression. */
export function changesOfExpression(node: Node, source: Source): readonly Change[] {
  switch (node.type) {
    case "BinaryExpression":
      return (BINARY[String(node["operator"])] ?? []).map((operator) =>
        infix(node, operator, source),
      );
    case "LogicalExpression":
      return [infix(node, LOGICAL[String(node["operator"])] ?? "", source)];
    case "AssignmentExpression": {
      const operator = ASSIGNMENT[String(node["operator"])];
      return operator === undefined ? [] : [infix(node, operator, source)];
    }
    case "UnaryExpression":
      return ["!", "-", "~"].includes(String(node["operator"]))
        ? [{ kind: `drop ${node["operator"]}`, text: source(operand(node, "argument")) }]
        : [];
    case "UpdateExpression": {
      const operator = node["operator"] === "++" ? "--" : "++";
      const argument = source(operand(node, "argument"));
      const text = node["prefix"] === true ? operator + argument : argument + operator;
      return [{ kind: operator, text }];
    }
    case "Literal":
      return changesOfLiteral(node);
    case "TemplateLiteral":
      return / /.test(source(node)) ? [] : [{ kind: "empty text", text: '""' }];
    case "ArrayExpression":
      return (node["elements"] as unknown[]).length === 0
        ? []
        : [{ kind: "empty list", text: "[]" }];
    case "ObjectExpression":
      return (node["properties"] as unknown[]).length === 0
        ? []
        : [{ kind: "empty object", text: "{}" }];
    case "CallExpression":
      return changesOfCall(node, source);
    case "ChainExpression": {
      const text = source(node);
      const certain = text.replace(/\?\.(?=[([])/, "").replace(/\?\.(?=[\w#])/, ".");
      return certain === text ? [] : [{ kind: "drop ?.", text: certain }];
    }
    default:
      return [];
  }
}

function infix(node: Node, operator: string, source: Source): Change {
  const left = source(operand(node, "left"));
  return { kind: operator, text: `(${left}) ${operator} (${source(operand(node, "right"))})` };
}

function changesOfLiteral({ value, raw }: Node): readonly Change[] {
  if (typeof value === "boolean") return [{ kind: `${!value}`, text: `${!value}` }];
  if (typeof value === "bigint") return [{ kind: "add one", text: `(${raw} + 1n)` }];
  if (typeof value === "number") return [{ kind: "add one", text: `(${raw} + 1)` }];
  if (typeof value !== "string" || value.includes(" ")) return [];
  return [value === "" ? { kind: "text", text: '"?"' } : { kind: "empty text", text: '""' }];
}

function changesOfCall(node: Node, source: Source): readonly Change[] {
  const callee = operand(node, "callee");
  const property = callee["property"];
  if (callee.type !== "MemberExpression" || !isNode(property) || callee["computed"] === true)
    return [];
  const other = METHOD.get(property["name"]);
  if (other === undefined) return [];
  const text = source(node);
  const at = property.start - node.start;
  const rest = text.slice(at + property.end - property.start);
  return [{ kind: `.${other}`, text: text.slice(0, at) + other + rest }];
}

/** Whether the parent lets this node be changed. */
export function isLeftAlone(node: Node, key: string, parent: Node): boolean {
  if (parent.type === "ArrayExpression" && node.type === "Literal") {
    return (parent["elements"] as unknown[]).length > LONG_TABLE;
  }
  if (node.type === "Literal" && key === "source") return true;
  return parent.type === "ImportExpression" || parent.type === "ExportNamedDeclaration";
}
