/** An option as it was given: its value, or null of a flag. */
export interface GivenOption {
  readonly name: string;
  readonly value: string | null;
}

/** What stands on a command line, checked against what the command takes. */
export class Given {
  /** In the order in which they were given. */
  readonly options: readonly GivenOption[];
  /** What is neither an option nor the value of one. */
  readonly words: readonly string[];
  /** What stands behind `--`, of a command that starts a program; null without `--`. */
  readonly program: readonly string[] | null;

  constructor(
    options: readonly GivenOption[],
    words: readonly string[],
    program: readonly string[] | null,
  ) {
    this.options = options;
    this.words = words;
    this.program = program;
  }

  has(name: string): boolean {
    return this.options.some((option) => option.name === name);
  }

  /** Of an option that may be given several times. */
  values(name: string): readonly string[] {
    return this.options.flatMap((option) => (option.name === name ? (option.value ?? []) : []));
  }

  value(name: string): string | undefined {
    return this.options.find((option) => option.name === name)?.value ?? undefined;
  }
}
