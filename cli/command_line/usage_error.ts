/** A command line that is wrong: exit status 2. Its message is one line, and repeats no value of an option. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
