import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status?: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Of vitest's JSON report: `path: n skipped` for each file that has some. None without a report. */
export function skippedByFile(path: string): readonly string[] {
  return read(path).flatMap(({ name, assertionResults }) => {
    const count = assertionResults.filter(({ status }) => WAITING.includes(status)).length;
    return count === 0 ? [] : [`${relative(".", name)}: ${count}`];
  });
}

/** Of vitest's JSON report: `path: test: what was wrong` for each that failed, on one line. None without a report. */
export function failures(path: string): readonly string[] {
  return read(path).flatMap(({ name, status, message = "", assertionResults }) => {
    const file = relative(".", name);
    const tests = assertionResults
      .filter((test) => test.status === "failed")
      .map(
        ({ fullName, failureMessages = [] }) =>
          `${file}: ${fullName}: ${oneLine(failureMessages.join(" "))}`,
      );
    return status === "failed" && tests.length === 0 ? [`${file}: ${oneLine(message)}`] : tests;
  });
}

function read(path: string): VitestReport["testResults"] {
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, "utf8")) as VitestReport).testResults;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line;
}

/** In characters, of what is told again of a failure. The whole of it stands above. */
const LONGEST = 400;

/** Vitest's words for a test that was not run. */
const WAITING: readonly string[] = ["skipped", "pending", "todo"];
