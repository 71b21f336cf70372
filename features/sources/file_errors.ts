import { LetheError, type LetheErrorCode } from "../../core/mod.ts";
import type { Task } from "../key_files/mod.ts";
import type { Fail } from "./answer.ts";
import type { SourceErrorCode } from "./source_error.ts";

/** What the checks of key files say, as a source says it; any other error as it is. */
export function asSourceError(error: unknown, task: Task, fail: Fail): unknown {
  if (!(error instanceof LetheError)) return error;
  const code = CODES[error.code];
  if (code === undefined) return error;
  const front = task.message("");
  const { message } = error;
  try {
    return fail(code, message.startsWith(front) ? message.slice(front.length) : message);
  } catch (said) {
    return said;
  }
}

const CODES: Readonly<Partial<Record<LetheErrorCode, SourceErrorCode>>> = {
  ERR_LETHE_KEY_MISSING: "ERR_LETHE_SOURCE_MISSING",
  ERR_LETHE_KEY_DENIED: "ERR_LETHE_SOURCE_DENIED",
  ERR_LETHE_KEY_IRREGULAR: "ERR_LETHE_SOURCE_UNTRUSTED",
  ERR_LETHE_KEY_OWNER: "ERR_LETHE_SOURCE_UNTRUSTED",
  ERR_LETHE_KEY_MODE: "ERR_LETHE_SOURCE_UNTRUSTED",
  ERR_LETHE_KEY_DIRECTORY: "ERR_LETHE_SOURCE_UNTRUSTED",
  ERR_LETHE_KEY_IO: "ERR_LETHE_SOURCE_FAILED",
  ERR_LETHE_KEY_CHANGED: "ERR_LETHE_SOURCE_INCOMPLETE",
};
