import { UsageError } from "./command_line/usage_error.ts";

/** Whether a path on the command line is standard input: `-`, and its names in the file system. */
export function isStandardInput(path: string): boolean {
  return NAMES.includes(path);
}

const NAMES: readonly string[] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/** What a command line reads, by the word for it. */
export interface Read {
  readonly what: string;
  /** Read to its end. */
  readonly path?: string | undefined;
  /** One line of it is read. */
  readonly line?: number | undefined;
}

/**
 * Refuses what would read standard input to its end and something else of it besides: the second one would find nothing,
 * and could only report damage that there is not. Two passphrases may be two lines of it.
 *
 * @returns what reads all of it, if anything does
 * @throws {UsageError}
 */
export function readerOfInput(reads: readonly Read[]): string | undefined {
  const whole = reads.filter(({ path }) => path !== undefined && isStandardInput(path));
  const lines = reads.filter(({ line }) => line === 0);
  const [first, second = lines[0]] = whole;
  if (first === undefined || second === undefined) return first?.what;
  throw new UsageError(
    `standard input can be read once, and is both ${first.what} and ${second.what}; give one of them as a file or on another descriptor`,
  );
}
