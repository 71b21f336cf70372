import { globSync, readFileSync } from "node:fs";

/** A block of TypeScript in a document. */
export interface CodeBlock {
  /** `docs/keys.md 2` is the second of that document. */
  readonly name: string;
  readonly code: string;
}

/** Every block of TypeScript that users read. */
export function codeBlocks(): readonly CodeBlock[] {
  return ["README.md", ...globSync("docs/*.md").sort(), "conformance/SPEC.md"].flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
      ([, code = ""], index) => ({ name: `${path} ${index + 1}`, code }),
    ),
  );
}

/** Blocks of JavaScript that no test runs as they are: the configurations of other tools. */
export function otherBlocks(): readonly string[] {
  return globSync(["README.md", "docs/*.md", "conformance/SPEC.md"]).filter((path) =>
    /^```(js|javascript|typescript|tsx?x?)\n/m.test(
      readFileSync(path, "utf8").replaceAll("```ts\n", ""),
    ),
  );
}
