import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Whether a command can be started, as far as it can be seen before: the code of the reason when not. It
 * is found as execvp(3) finds it, on the caller's PATH, because the caller names it.
 */
export function whyNotStarted(file: string): string | null {
  if (process.platform === "win32") return null;
  let reason = "ENOENT";
  for (const path of file.includes("/") ? [file] : candidates(file)) {
    const found = look(path);
    if (found === null) return null;
    if (!PASSED_OVER.includes(found)) reason = found;
  }
  return reason;
}

/** What execvp(3) goes on after without a word. */
const PASSED_OVER: readonly string[] = ["ENOENT", "ENOTDIR"];

/** What the C library takes without a PATH. */
const USUAL_PATH = "/bin:/usr/bin";

function candidates(file: string): readonly string[] {
  const folders = (process.env["PATH"] ?? USUAL_PATH).split(delimiter);
  return folders.map((folder) => join(folder === "" ? "." : folder, file));
}

function look(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return "EACCES";
    accessSync(path, constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "ENOENT";
  }
}
