import { LetheError } from "../../core/errors.ts";
import { errorCode } from "../../core/own.ts";

export function cancelled(reason: string): LetheError {
  return new LetheError("ERR_LETHE_PROMPT_CANCELLED", `Cannot prompt for secret: ${reason}`);
}

export function closed(): LetheError {
  return new LetheError("ERR_LETHE_PROMPT_CLOSED", "Cannot prompt for secret: the input ended");
}

export function broken(): LetheError {
  return new LetheError(
    "ERR_LETHE_ENCODING",
    "Cannot prompt for secret: the terminal sent the beginning of a control sequence and not its end, so that keys cannot be told from it; ask again",
  );
}

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
