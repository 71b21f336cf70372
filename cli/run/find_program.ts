import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Whether a command can be started, as far as it can be seen before: `ENOENT` or `EACCES` when not. It
 * is found as execvp(3) finds it, on the caller's PATH, because the caller names it.
 */
export function whyNotStarted(file: string): "ENOENT" | "EACCES" | null {
  if (process.platform === "win32") return null;
  let reason: "ENOENT" | "EACCES" = "ENOENT";
  for (const path of file.includes("/") ? [file] : candidates(file)) {
    const found = look(path);
    if (found === null) return null;
    if (found === "EACCES") reason = found;
  }
  return reason;
}

/** What the C library takes without a PATH. */
const USUAL_PATH = "/bin:/usr/bin";

function candidates(file: string): readonly string[] {
  const folders = (process.env["PATH"] ?? USUAL_PATH).split(delimiter);
  return folders.map((folder) => join(folder === "" ? "." : folder, file));
}

function look(path: string): "ENOENT" | "EACCES" | null {
  try {
    if (!statSync(path).isFile()) return "EACCES";
    accessSync(path, constants.X_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES" ? "EACCES" : "ENOENT";
  }
}
