/**
 * Fails on a public symbol, property or method that has no docstring.
 *
 *     node tools/check_public_docs.ts
 */
import process from "node:process";
import { publicDocs } from "./public_docs.ts";

const missing = publicDocs()
  .filter(({ text }) => text === null || text.trim() === "")
  .map(({ name }) => name);
if (missing.length > 0) {
  process.stderr.write(`Public and without a docstring:\n  ${missing.join("\n  ")}\n`);
  process.exitCode = 1;
}
