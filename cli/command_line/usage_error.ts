/** A command line that is wrong: exit status 2. Its message is one line, and repeats no value of an option. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** A command line that is right, and cannot be carried out here: exit status 2 as well. */
export class NotPossibleError extends Error {
  override readonly name: string = "NotPossibleError";
}
