/** The lines of a document's shell blocks that run `lethe`, without `npx` and comments. */
export function documentedLines(document: string): readonly string[] {
  const blocks = document.matchAll(/^```sh\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, block = ""]) =>
    block
      .split("\n")
      .map((line) => line.replace(/^npx /, "").replace(/\s+#.*$/, ""))
      .filter((line) => line.startsWith("lethe ")),
  );
}

/** What `lethe` gets of such a line: no redirections, and optional parts as if they were given. */
export function wordsOf(line: string): readonly string[] {
  const plain = line.replace(/ \d*[<>].*$/, "").replace(/[[\]]/g, "");
  const words = plain.match(/"[^"]*"|\S+/g) ?? [];
  return words.slice(1).map((word) => word.replace(/^"(.*)"$/, "$1"));
}
