import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll } from "vitest";

/** `npm run soak` makes one for all test files, and removes it; a file that is run alone has its own. */
const given = process.env["LETHE_ENVIRONMENTS"];
let own: string | undefined;

/** What the environments share: the packed package, and each set of tools, installed once. */
function sharedFolder(): string {
  own ??= given === undefined ? mkdtempSync(join(tmpdir(), "lethe-environments-")) : undefined;
  return given ?? own ?? "";
}

afterAll(() => {
  if (own !== undefined) rmSync(own, { recursive: true, force: true });
});

/**
 * A folder in the shared one, made once. Two test files may make it at the same time: the first one stays.
 *
 * @param make fills an empty folder
 */
export function shared(name: string, make: (folder: string) => void): string {
  const place = join(sharedFolder(), name);
  if (existsSync(place)) return place;
  const making = mkdtempSync(join(sharedFolder(), "making-"));
  make(making);
  try {
    renameSync(making, place);
  } catch (error) {
    rmSync(making, { recursive: true });
    if (!existsSync(place)) throw error;
  }
  return place;
}
