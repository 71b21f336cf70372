/**
 * Holds every import of the tree to the table of rooms: no arrow up, no room that the table does not know,
 * nothing past a `mod.ts` or `types.ts` without a reason in the table. Tests may import what they test and its helpers.
 * No file, of tests either, is longer than the table allows.
 *
 *     node tools/check_rooms.ts
 */
import { globSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path/posix";
import process from "node:process";
import { FACES, LONGER, MOST_LINES, PAST_THE_FACE, ROOMS } from "./rooms.ts";

const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

const names: readonly string[] = Object.keys(ROOMS).sort((a, b) => b.length - a.length);

/** The room of a file; null for a folder that the table does not know. */
function roomOf(path: string): string | null {
  return names.find((room) => path.startsWith(`${room}/`)) ?? null;
}

/** A room may import another when the table names it, or the folder that it lies in. */
function mayImport(room: string, other: string): boolean {
  return (ROOMS[room] ?? []).some(
    (allowed) => other === allowed || other.startsWith(`${allowed}/`),
  );
}

/** What is wrong with an import of a source file, or null. */
export function fault(file: string, target: string): string | null {
  const [room, other] = [roomOf(file), roomOf(target)];
  if (room === null) return `${file} lies in no room of tools/rooms.ts`;
  if (other === null) return `${file} imports ${target}, which lies in no room of tools/rooms.ts`;
  if (room === other) return null;
  if (!mayImport(room, other)) return `${file} imports ${target}: ${room} may not import ${other}`;
  const isFace =
    /\/(mod|types)\.ts$/.test(target) ||
    FACES.includes(other) ||
    ["testing", "bench"].includes(room);
  if (isFace || other.startsWith("adapters") || other === "testing") return null;
  return target in PAST_THE_FACE ? null : `${file} imports ${target} past the mod.ts of ${other}`;
}

/** What is wrong with the length of a file, or null. */
function lengthFault(file: string, lines: number): string | null {
  const isNamed = Object.hasOwn(LONGER, file);
  if (lines > MOST_LINES && !isNamed) return `${file} has ${lines} lines: part it by subject`;
  if (lines <= MOST_LINES && isNamed) return `tools/rooms.ts names ${file}, which is not longer`;
  return null;
}

const faults: string[] = [];
const used = new Set<string>();
const sources = globSync(`{${[...new Set(names.map((name) => name.split("/")[0]))]}}/**/*.ts`);
for (const source of sources) {
  const file = source.replaceAll("\\", "/");
  if (file.includes("node_modules/")) continue;
  const text = readFileSync(file, "utf8");
  const tooLong = lengthFault(file, text.split("\n").length - 1);
  if (tooLong !== null) faults.push(tooLong);
  if (file.endsWith(".test.ts")) continue;
  for (const [, specifier = ""] of text.matchAll(IMPORT)) {
    const target = normalize(join(file, "..", specifier));
    if (roomOf(file) !== roomOf(target)) used.add(target);
    const found = fault(file, target);
    if (found !== null) faults.push(found);
  }
}
for (const path of Object.keys(PAST_THE_FACE)) {
  if (!used.has(path)) faults.push(`tools/rooms.ts names ${path}, which no other room imports`);
}
for (const line of faults) process.stdout.write(`${line}\n`);
process.stdout.write(`${sources.length} files, ${faults.length} faults\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
