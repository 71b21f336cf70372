import { isatty } from "node:tty";
import { writeAll } from "./blocking_io.ts";
import { systemCodeOf } from "./file_error.ts";

/**
 * Standard output and standard error, written at once and not through Node's streams: those set
 * O_NONBLOCK on a pipe, which everybody who shares it then has to live with, and raise an error about a
 * reader who left where nobody can catch it.
 */
export type OutputDescriptor = 1 | 2;

/** Standard output, or a descriptor in its place, could not be written. With `EPIPE` its reader has left, which is not an error of ours. */
export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly code: string;

  constructor(error: unknown, descriptor: number) {
    const code = systemCodeOf(error) ?? "unknown";
    super(
      `Cannot write ${descriptor === 1 ? "standard output" : `descriptor ${descriptor}`}: ${code}`,
    );
    this.code = code;
  }
}

/**
 * Writes to standard output. Names of files and what other programs said may hold characters that steer a
 * terminal: each is written as its `\u` escape, which in JSON is the same.
 *
 * @param hasColours whether colours of the palette stay
 * @throws {OutputError}
 */
export function print(text: string, hasColours: boolean = wantsColours()): void {
  settle();
  hand(Buffer.from(harmless(text, hasColours)));
}

/**
 * Writes bytes as they are, from where they lie: a key or a plaintext is for a program.
 *
 * @throws {OutputError}
 */
export function hand(bytes: Uint8Array, descriptor: number = 1): void {
  try {
    writeAll(descriptor, bytes);
  } catch (error) {
    throw new OutputError(error, descriptor);
  }
}

/** Writes to standard error, if that goes, as {@link print} does, without colours. */
export function complain(text: string): void {
  settle();
  steer(harmless(text));
}

/** Writes to standard error as it is: for what steers the terminal itself. */
export function steer(text: string): void {
  try {
    writeAll(2, Buffer.from(text));
  } catch {
    // Nobody is left to whom it could be said.
  }
}

/**
 * Says on a terminal what is being done and may take more than a second, in a line that {@link settle} and
 * the next output take away. Elsewhere it says nothing.
 */
export function working(text: string): void {
  if (!isTerminal(2)) return;
  steer(`\r\x1b[2K${harmless(text)}`);
  isWorking = true;
}

/** Takes the line of {@link working} away. */
export function settle(): void {
  if (!isWorking) return;
  isWorking = false;
  steer("\r\x1b[2K");
}

let isWorking = false;

/** Also what turns the direction of text round, or is not seen. */
export function harmless(text: string, hasColours: boolean = false): string {
  const isColour = (found: string): boolean => hasColours && COLOUR.test(found);
  return text.replace(STEERING, (found, rest: string = "") =>
    isColour(found) ? found : `${escaped(found.slice(0, found.length - rest.length))}${rest}`,
  );
}

/**
 * Whether standard output gets colours: not when it is not a terminal, or NO_COLOR is set (no-color.org);
 * FORCE_COLOR asks for them all the same.
 */
export function wantsColours(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  return FORCE_COLOR ? FORCE_COLOR !== "0" : isTerminal(1) && !NO_COLOR;
}

function escaped(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const COLOUR = /^\x1b\[(?:1|2|22|31|32|33|39)m$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const STEERING = /\x1b(\[\d+m)|(?![\n\t])[\p{Control}\p{Format}\u2028\u2029]/gu;

export function isTerminal(descriptor: OutputDescriptor): boolean {
  return isatty(descriptor);
}
