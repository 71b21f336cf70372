/** Finds the numbers in the sources that have the names of C. */
import { globSync, readFileSync } from "node:fs";

/** A number of a source file. */
export interface SourceNumber {
  readonly file: string;
  readonly name: string;
  readonly value: number | bigint;
}

const FILES = "{system,memories,features,adapters,cli,conformance}/**/*.ts";

/**
 * Every constant of the sources whose name may be one of C: `const O_CLOEXEC = 0o2000000`, and lists of them.
 *
 * @param architecture decides where one is chosen by `ARM`
 */
export function sourceNumbers(architecture: string): readonly SourceNumber[] {
  return globSync(FILES)
    .filter((file) => !/\.test\.ts$/.test(file))
    .flatMap((file) => numbersOf(file, readFileSync(file, "utf8"), architecture));
}

function numbersOf(file: string, text: string, architecture: string): readonly SourceNumber[] {
  const found: SourceNumber[] = [];
  const add = (name: string, literal: string): void => {
    const value = numberOf(literal.trim());
    if (value !== null && name !== FUNCTION)
      found.push({ file, name: name.replace(/^LINUX_/, ""), value });
  };
  for (const [, name = "", literal = ""] of text.matchAll(ONE)) add(name, literal);
  for (const [, name = "", arm = "", others = ""] of text.matchAll(CHOSEN)) {
    add(name, architecture === "arm64" ? arm : others);
  }
  for (const [, names = "", literals = ""] of text.matchAll(LIST)) {
    const values = literals.split(",");
    for (const [at, name] of names.split(",").entries()) add(name.trim(), values[at] ?? "");
  }
  return found;
}

/** In C the name of a macro that takes a parameter: a key of the keyboard in the sources. */
const FUNCTION = "CTRL";
const ONE = /^(?:export )?const (_*[A-Z][A-Z0-9_]*)(?:: \w+)? = (-?\d\w*);/gm;
const CHOSEN = /^const ([A-Z][A-Z0-9_]*)(?:: \w+)? = ARM \? (\d\w*) : (\d\w*);/gm;
const LIST = /^const \[([A-Z0-9_, ]+)\](?:: [^=]+)? = \[([^\]]+)\]/gm;

function numberOf(literal: string): number | bigint | null {
  if (!/^-?\d\w*$/.test(literal)) return null;
  const digits = literal.replaceAll("_", "");
  return digits.endsWith("n") ? BigInt(digits.slice(0, -1)) : Number(digits);
}
