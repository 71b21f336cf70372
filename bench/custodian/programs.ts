import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Whether all run as users have them: Lethe from dist/, and no types to strip on the way. */
const BUILT: boolean = process.argv.includes("--built");

let folder: string | undefined;

/** The file of a program that lies beside this one as TypeScript. */
export function programOf(path: string): string {
  const source = fileURLToPath(new URL(path, import.meta.url));
  if (!BUILT) return source;
  if (path.startsWith("../../")) {
    const built = path.replace("../../", "../../dist/").replace(/\.ts$/, ".js");
    return fileURLToPath(new URL(built, import.meta.url));
  }
  const program = join(made(), basename(source).replace(/\.ts$/, ".mjs"));
  writeFileSync(program, stripTypeScriptTypes(readFileSync(source, "utf8")));
  return program;
}

function made(): string {
  if (folder === undefined) {
    const temporary = mkdtempSync(join(tmpdir(), "lethe-bench-"));
    process.on("exit", () => rmSync(temporary, { recursive: true }));
    folder = temporary;
  }
  return folder;
}
