import { LetheError } from "../../../core/mod.ts";
import { after, type Later } from "../../../system/timers.ts";
import { type Calls, ended } from "../client/calls.ts";
import type { CustodianEnd } from "../client/custodian_options.ts";
import type { CheckedOptions } from "../options.ts";
import { LIBRARY_VARIABLE } from "./environment.ts";
import type { ChildHandle } from "./start_child.ts";
import { endedEarly, notStarted, outOfMemoryKills, spoken } from "./start_error.ts";

/** How long a process whose channel closed may take to end, so that its end can be told, in milliseconds. */
const PATIENCE = 500;

/** What can happen to a custodian's process, before its start is over and after that. */
export class Starting {
  readonly #file: string;
  readonly #startMilliseconds: number;
  readonly #hasLibraryPath: boolean;
  readonly #outOfMemory = outOfMemoryKills();
  #timer: Later | undefined;
  #isOver = false;

  constructor(
    file: string,
    { startMilliseconds, libraryPath }: CheckedOptions,
    readVariable: (name: string) => string | undefined,
  ) {
    this.#file = file;
    this.#startMilliseconds = startMilliseconds;
    this.#hasLibraryPath =
      libraryPath === undefined && readVariable(LIBRARY_VARIABLE) !== undefined;
  }

  /** Fails every call when the process ends, or does not answer in time. */
  watch(child: ChildHandle, calls: Calls): void {
    child.ended.then(async (end) => calls.fail(await this.#endOf(child, end)));
    this.#timer = after(() => {
      const line = child.lastWords.line();
      const said = line === null ? "" : `; it said: ${line}`;
      calls.fail(
        notStarted(`${this.#file} did not answer within ${this.#startMilliseconds} ms${said}`),
      );
    }, this.#startMilliseconds);
  }

  /** The channel is gone. Most of the time the process is, too: then that is what is told. */
  closed(child: ChildHandle, calls: Calls): void {
    child.hold(true);
    const timer = after(() => {
      const reason = "its channel closed";
      calls.fail(this.#isOver ? ended(reason) : notStarted(`${this.#file}: ${reason}`));
    }, PATIENCE);
    child.ended.then(() => timer.stop());
  }

  /** It has answered: from now on it may have secrets. */
  over(child: ChildHandle): void {
    this.#isOver = true;
    this.#timer?.stop();
    child.lastWords.drop();
    child.hold(false);
  }

  /** The error of a start that failed. */
  describe(error: unknown): unknown {
    this.#timer?.stop();
    if (!(error instanceof LetheError) || error.code !== "ERR_LETHE_CHANNEL") return error;
    return notStarted(`${this.#file} answered, but not as a custodian of this version does`);
  }

  async #endOf(child: ChildHandle, end: CustodianEnd): Promise<LetheError> {
    if (this.#isOver) return ended(`it ended (${spoken(end)})`);
    await child.lastWords.complete();
    return endedEarly({
      file: this.#file,
      end,
      line: child.lastWords.line(),
      outOfMemory: this.#outOfMemory,
      hasLibraryPath: this.#hasLibraryPath,
    });
  }
}
