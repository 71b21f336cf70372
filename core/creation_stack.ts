/** Where the caller of Lethe stood, as lines of a stack trace. */
export function creationStack(): string {
  const { stack } = new Error("created");
  // A program may have replaced `Error.prepareStackTrace` by one that gives no string.
  const lines = typeof stack === "string" ? stack.split("\n").slice(1) : [];
  return `, created\n${lines.join("\n")}`;
}
