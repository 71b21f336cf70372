/** Which tests start no other process and no thread, and which of those take no time either. */
import { globSync } from "node:fs";
import { ROOMS } from "./rooms.ts";
import { saying } from "./test_files.ts";

/** What starts something, in a test or in its helpers. */
const starts = saying(
  /custodian_way|node:child_process|node:worker_threads|new Worker\(|memories\/sodium|openCustodian|startCustodian|keyFilesOpener|openKeyFiles|\bSOAK\) *;/,
);

/** What takes seconds by itself: sweeps over every fault, searches, random histories, whole suites. */
const LONG =
  /^(?:cli|conformance|testing|tools)\/|fault|port_failures|rekey|plain_text|sweep|residue|interop|fuzz|model|conformance|browsers|start_failures|forgery|engines\.test|codec\.test|names\.test|pages\/pool/;

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
