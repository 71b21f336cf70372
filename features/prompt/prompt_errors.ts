import { bare, errorCode } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { findDeno } from "../../system/deno.ts";
import { isWithoutDescriptors, NO_DESCRIPTORS } from "../../system/no_descriptors.ts";

export function cancelled(reason: string): LetheError {
  return new LetheError("ERR_LETHE_PROMPT_CANCELLED", `Cannot prompt for secret: ${reason}`);
}

export function closed(): LetheError {
  return new LetheError("ERR_LETHE_PROMPT_CLOSED", "Cannot prompt for secret: the input ended");
}

/** What keeps a terminal that is there from being opened: without it another input would be taken for the person's. */
export function unopened(code: string): LetheError | null {
  if (!isWithoutDescriptors(code)) return null;
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot prompt for secret: the terminal cannot be opened (${code}): ${NO_DESCRIPTORS[code]}`,
  );
}

export function broken(): LetheError {
  return new LetheError(
    "ERR_LETHE_ENCODING",
    "Cannot prompt for secret: the terminal sent the beginning of a control sequence and not its end, so that later keys would look like part of it; ask again",
  );
}

/** @param isOpen whether the descriptor is open for anything, as far as this runtime knows it */
export function unreadable(descriptor: number, code: string, isOpen: boolean): LetheError {
  const cause = isOpen ? CAUSES[code] : code === "EBADF" ? notOpen() : undefined;
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot prompt for secret: descriptor ${descriptor} cannot be read (${code})${cause === undefined ? "" : `: ${cause}`}`,
  );
}

function notOpen(): string {
  return findDeno() === undefined
    ? "it is not open; open it for reading, or have the starting program open it"
    : "it is not open to this program; open it for reading, or have the starting program open it, with Deno's --allow-ffi: without that flag Deno hands on standard input alone";
}

/** Of a descriptor that is open. */
const CAUSES: Readonly<Record<string, string>> = bare({
  EBADF: "it is open, but not for reading; open it for reading",
  EISDIR: "it is a folder; give a pipe or a file",
  EINVAL: "it has no bytes that can be read; give a pipe or a file",
  ECONNRESET: "its other end broke off within the line; send the line again",
});

/** @param error what the runtime answered */
export function unset(runtime: string, error: unknown): LetheError {
  const code = errorCode(error) ?? (error instanceof Error ? error.message : "refused");
  const causes = /\bEIO\b/.test(code) ? ": it hung up, or this program runs in its background" : "";
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot prompt for secret: ${runtime} does not set the terminal (${code})${causes}`,
  );
}

export function inBackground(): LetheError {
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    "Cannot prompt for secret: this program runs in the background of its terminal, where nothing can stop it until it is in front; start it in the foreground",
  );
}
