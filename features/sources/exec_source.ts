import { type ChildProcess, spawn } from "node:child_process";
import { isAbsolute } from "node:path";
import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { bare, parseJson } from "../../core/arguments/own.ts";
import { monotonicNow } from "../../core/globals.ts";
import { LetheError } from "../../core/mod.ts";
import { programFlaw } from "../../system/system_program.ts";
import {
  failureOf,
  flagsToStart,
  notStarted,
  type ProgramOutput,
  type ProgramPipes,
  ProgramRun,
  userHere,
  usualEnvironment,
} from "../programs/mod.ts";
import { type Answer, type BoundOptions, type Fail, failing, readToEnd } from "./answer.ts";
import { ANSWER_OPTIONS, type AnswerRules, checkAnswer, onlyRecord } from "./answer_rules.ts";
import type { SecretRecord } from "./record.ts";
import { contextOf, type ReadContext, type SecretSource } from "./source.ts";
import type { TrimmingOptions } from "./trimming.ts";

/** How programs are run. */
export interface ExecSourceOptions extends TrimmingOptions, BoundOptions {
  /**
   * Variables of the program beside the usual ones: HOME, USER, LOGNAME, LANG, XDG_RUNTIME_DIR and
   * DBUS_SESSION_BUS_ADDRESS of this process, and a PATH of the system's own folders. Never a secret: others of
   * the same user read it.
   */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the program's standard error goes: nowhere by default, or to that of this process. */
  readonly stderr?: "ignore" | "inherit";
}

/**
 * A source of what programs print: `pass`, `op`, `vault`, `systemd-creds`. The reference is the command: the
 * absolute path and its parameters with a space between them, or as JSON, `["/usr/bin/pass", "show", "my db"]`.
 */
export class ExecSource implements SecretSource {
  readonly name = "exec";
  readonly residue: readonly string[] = Object.freeze([
    "the program itself leaves in its own process and files what it leaves: Lethe cannot see to that",
  ]);
  readonly #openPipes: () => OutputPipes;
  readonly #rules: AnswerRules;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #stderr: "ignore" | "inherit";
  #pipes: OutputPipes | undefined;

  constructor(openPipes: () => OutputPipes, options: ExecSourceOptions | undefined) {
    const own = readOptions(options, VERB, ["environment", "stderr", ...ANSWER_OPTIONS]);
    const { environment = {}, stderr = "ignore" } = own;
    if (stderr !== "ignore" && stderr !== "inherit") {
      throw wrongType(`Cannot ${VERB} as stderr must be "ignore" or "inherit"`);
    }
    this.#openPipes = openPipes;
    this.#rules = checkAnswer(own, VERB);
    this.#environment = checkEnvironment(environment);
    this.#stderr = stderr;
  }

  async read(reference: string, given: ReadContext): Promise<SecretRecord> {
    const context = contextOf(given);
    const command = commandOf(reference);
    throwIfAborted(context.signal);
    // The parameters may be long, and name accounts: the path says which program it was.
    const fail = failing(this.name, command[0]);
    const { run, pipe } = await this.#start(command, fail);
    if (context.holds === false) run.letGo();
    try {
      const answer = await this.#answerOf(run, pipe, context, fail);
      return onlyRecord(answer, { trimming: this.#rules.trimming, land: context.land, fail });
    } finally {
      run.end();
    }
  }

  /** What it printed, once it has ended well. */
  async #answerOf(
    run: ProgramRun,
    pipe: ProgramOutput,
    context: ReadContext,
    fail: Fail,
  ): Promise<Answer> {
    const { bounds } = this.#rules;
    const end = monotonicNow() + bounds.timeout;
    const answer = await readToEnd(pipe, context, bounds, fail);
    run.noteOutputEnd();
    try {
      const outcome = await run.endedWithin(Math.max(1, end - monotonicNow()), context);
      if (outcome !== null) refuse(outcome, bounds.timeout, fail);
      return answer;
    } catch (error) {
      answer.secret.destroy();
      throw error;
    }
  }

  async #start(command: readonly [string, ...string[]], fail: Fail): Promise<StartedProgram> {
    const [path, ...parameters] = command;
    const flaw = programFlaw(path, userHere());
    if (flaw?.isDenied) {
      fail(
        "ERR_LETHE_SOURCE_DENIED",
        `${flaw.reason}, and who may change the program was not checked; grant it`,
      );
    }
    if (flaw?.isAbsent) {
      fail("ERR_LETHE_SOURCE_MISSING", "there is no such program; install it, or correct the path");
    }
    if (flaw !== null) {
      fail("ERR_LETHE_SOURCE_UNTRUSTED", `${flaw.reason}; ${flaw.remedy}`);
    }
    const flags = flagsToStart(path);
    if (flags.length > 0) {
      fail("ERR_LETHE_SOURCE_DENIED", `Deno does not allow it; grant ${flags.join(" and ")}`);
    }
    let pipe: ProgramOutput;
    try {
      this.#pipes ??= this.#openPipes();
      pipe = this.#pipes.openOutput();
    } catch (error) {
      if (!(error instanceof LetheError)) throw error;
      return fail("ERR_LETHE_SOURCE_UNAVAILABLE", error.message.replace(/^Cannot [^:]*: /, ""));
    }
    try {
      const options = {
        stdio: ["ignore", pipe.stdio, this.#stderr] as const,
        env: bare({ ...usualEnvironment(FOLDERS), ...this.#environment }),
        cwd: "/",
        shell: false,
        detached: true, // a group that is ended whole
      };
      const child = spawn(path, parameters, bare(options) as never) as ChildProcess;
      pipe.started(child);
      if (child.pid === undefined) throw await failureOf(child);
      const run = new ProgramRun(child, [pipe]);
      return { run, pipe };
    } catch (error) {
      pipe.close();
      if (error instanceof LetheError) {
        fail("ERR_LETHE_SOURCE_UNAVAILABLE", error.message.replace(/^Cannot [^:]*: /, ""));
      }
      return fail("ERR_LETHE_SOURCE_FAILED", notStarted(error));
    }
  }
}

type OutputPipes = Pick<ProgramPipes, "openOutput">;

interface StartedProgram {
  readonly run: ProgramRun;
  readonly pipe: ProgramOutput;
}

const VERB = "open exec source";

/** Its output has ended, and it did not end well: it may print half of it and fail. */
function refuse(outcome: string, timeout: number, fail: Fail): never {
  if (outcome === "late") {
    const late = `it closed its output and did not end within ${timeout} ms`;
    fail("ERR_LETHE_SOURCE_TIMEOUT", `${late}; raise timeout`);
  }
  return fail("ERR_LETHE_SOURCE_FAILED", `${outcome}; run it by hand to see why`);
}

function commandOf(reference: unknown): readonly [string, ...string[]] {
  const words = typeof reference === "string" ? wordsOf(reference) : null;
  const isText = (word: unknown): word is string =>
    typeof word === "string" && !word.includes("\0") && word.isWellFormed();
  if (words === null || !words.every(isText)) {
    throw wrongKind(
      `Cannot read secret from exec as the reference must be a command, as text with spaces or as a JSON array of strings`,
      reference,
    );
  }
  const [path = ""] = words;
  if (!isAbsolute(path)) {
    throw wrongType(
      "Cannot read secret from exec as the command must begin with an absolute path: otherwise PATH would choose the program",
    );
  }
  return words as unknown as readonly [string, ...string[]];
}

function wordsOf(reference: string): readonly unknown[] | null {
  if (!reference.startsWith("[")) return reference.split(" ").filter((word) => word !== "");
  try {
    const words = parseJson(reference);
    return Array.isArray(words) ? words : null;
  } catch {
    return null;
  }
}

function checkEnvironment(given: unknown): Readonly<Record<string, string>> {
  const own = Object.entries(
    typeof given === "object" && given !== null ? given : { wrong: undefined },
  );
  if (own.every(([name, value]) => typeof value === "string" && NAME.test(name))) {
    return Object.fromEntries(own) as Record<string, string>;
  }
  throw wrongType(`Cannot ${VERB} as environment must be an object of strings by their names`);
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const FOLDERS = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
