import { process } from "../../system/node_builtins.ts";

/**
 * Reports that a terminal could not be set back: it may show nothing of what is typed from now on.
 *
 * @param write shows it at once, for a process that ends before a warning would be printed
 */
export function reportUnrestored(error: unknown, write: ((text: string) => void) | null): void {
  const cause = error instanceof Error ? error.message : "it was refused";
  const message = `The terminal is not set back to how it was before a prompt: ${cause}; type "stty sane" and Enter`;
  if (write === null) process.emitWarning(message, { type: "LetheWarning", code: CODE });
  else write(`\r\n${CODE}: ${message}\r\n`);
}

const CODE = "LETHE_TERMINAL_NOT_RESTORED";
