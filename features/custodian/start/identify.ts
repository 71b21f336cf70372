import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { after } from "../../../system/timers.ts";
import type { CustodianEnd } from "../client/custodian_options.ts";
import { endMarked } from "./end_marked.ts";
import { custodianEnvironment } from "./environment.ts";
import { LastWords } from "./last_words.ts";
import { type Mark, newMark } from "./mark.ts";
import type { RuntimeWay } from "./runtime_way.ts";
import { executed } from "./start_child.ts";
import { notStarted, spoken } from "./start_error.ts";

/** A runtime says its version in some milliseconds. */
const PATIENCE = 10_000;

/**
 * Asks a file, other than the one that runs this process, which runtime it is.
 *
 * @returns its version
 * @throws {LetheError} `ERR_LETHE_CUSTODIAN` when it is another program, or does not answer
 */
export async function identify(
  { title, least, versionIn }: RuntimeWay,
  file: string,
  libraryPath?: string,
): Promise<string> {
  const mark = newMark();
  const child = await executed(file, ["--version"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: custodianEnvironment(mark, {}, undefined, libraryPath),
    cwd: "/",
  });
  const [output, complaint] = [child.stdout, child.stderr].map(
    (stream) => new LastWords(stream as Readable),
  ) as [LastWords, LastWords];
  const end = await endOf(child, mark);
  await Promise.all([output.complete(), complaint.complete()]);
  const said = output.lines()[0] ?? complaint.line() ?? "nothing";
  if (end === null) throw notStarted(`${file} did not say its version within ${PATIENCE} ms`);
  if (end.code !== 0) {
    throw notStarted(`${file} did not say its version (${spoken(end)}) and said: ${said}`);
  }
  const version = versionIn(said);
  if (version === null) {
    throw notStarted(`${file} is not ${title}: asked for its version, it said: ${said}`);
  }
  if (Number.parseInt(version, 10) >= least) return version;
  throw notStarted(`${file} is ${title} ${version}, and Lethe takes ${least} or newer`);
}

/** How it ended, with all that it started; null when it did not in time. */
async function endOf(child: ChildProcess, mark: Mark): Promise<CustodianEnd | null> {
  let root = child.pid ?? null;
  const end = await new Promise<CustodianEnd | null>((resolve) => {
    const late = after(() => resolve(null), PATIENCE);
    child.once("exit", (code, signal) => {
      root = null;
      late.stop();
      resolve({ code, signal });
    });
  });
  endMarked(mark, root);
  if (root !== null) child.kill("SIGKILL");
  return end;
}
