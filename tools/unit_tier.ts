/** Which tests start no other process and no thread, and which of those take no time either. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path/posix";
import { ROOMS } from "./rooms.ts";

const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;
/** What starts something, in a test or in its helpers. */
const STARTS =
  /node:child_process|node:worker_threads|new Worker\(|memories\/sodium|openCustodian|startCustodian|keyFilesOpener|openKeyFiles|\bSOAK\) *;/;

/** What takes seconds by itself: sweeps over every fault, searches, random histories, whole suites. */
const LONG =
  /^(?:cli|conformance|testing|tools)\/|fault|sweep|residue|interop|fuzz|model|conformance|browsers|start_failures|forgery|engines\.test|codec\.test|names\.test/;

const seen = new Map<string, boolean>();

/** Whether a test, or a helper of tests that it imports, starts something. */
function starts(path: string): boolean {
  const known = seen.get(path);
  if (known !== undefined) return known;
  seen.set(path, false);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const helpers = [...text.matchAll(IMPORT)].map(([, specifier = ""]) =>
    normalize(join(path, "..", specifier)),
  );
  const found = STARTS.test(text) || helpers.filter(isHelper).some(starts);
  seen.set(path, found);
  return found;
}

const isHelper = (path: string): boolean => path.startsWith("testing/");

/** Tests that start nothing, also those that take long. */
export function testsWithoutProcess(): readonly string[] {
  const rooms = [...new Set(Object.keys(ROOMS).map((room) => room.split("/")[0]))];
  return globSync(`{${rooms}}/**/*.test.ts`)
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !/^adapters\/(?:deno|bun)\/|\.(?:environment|hostile)\.test/.test(path))
    .filter((path) => !starts(path))
    .sort();
}

/** The unit tier: red or green in seconds. */
export const unitTests = (): readonly string[] =>
  testsWithoutProcess().filter((path) => !LONG.test(path) && !path.includes(".attack.test"));
