import { globSync, readFileSync } from "node:fs";
import { publicDocs } from "../../tools/public_docs.ts";

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

/** Every example in a docstring of what is public, once: the doors of one runtime repeat the others. */
export function examples(): readonly CodeBlock[] {
  const seen = new Map<string, CodeBlock>();
  for (const { name, text } of publicDocs()) {
    const blocks = [...(text ?? "").matchAll(/```ts\n([\s\S]*?)```/g)];
    for (const [index, [, code = ""]] of blocks.entries()) {
      if (!seen.has(code)) seen.set(code, { name: `${name} ${index + 1}`, code });
    }
  }
  return [...seen.values()];
}

/** Blocks of JavaScript that no test runs as they are: the configurations of other tools. */
export function otherBlocks(): readonly string[] {
  return globSync(["README.md", "docs/*.md", "conformance/SPEC.md"]).filter((path) =>
    /^```(js|javascript|typescript|tsx?x?)\n/m.test(
      readFileSync(path, "utf8").replaceAll("```ts\n", ""),
    ),
  );
}
