import { reasonOf } from "../../core/arguments/foreign.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { after, type Later } from "../../system/timers.ts";
import { type Edited, Editor } from "./editor.ts";
import { JobControl } from "./job_control.ts";
import { Line } from "./line.ts";
import type { CheckedOptions } from "./options.ts";
import { broken, cancelled, closed, inBackground } from "./prompt_errors.ts";
import { contested, type HeldReaders } from "./readers.ts";
import { reportUnrestored } from "./report_unrestored.ts";
import { Screen } from "./screen.ts";
import type { Terminal } from "./terminal.ts";
import { watchWaysOut } from "./ways_out.ts";

/**
 * Asks on a terminal for one line.
 *
 * A timer polls the terminal, which is opened so that a read never waits: the event loop turns, and the
 * pages of the line are open only during a poll.
 */
export class TerminalPrompt {
  readonly #terminal: Terminal;
  readonly #readers: HeldReaders;
  readonly #signal: CheckedOptions["signal"];
  readonly #isNew: boolean;
  readonly #line: Line;
  readonly #editor: Editor;
  readonly #screen: Screen;
  readonly #settled: Promise<SecretBuffer>;
  #resolve!: (secret: SecretBuffer) => void;
  #reject!: (error: unknown) => void;
  #job: JobControl | undefined;
  #timer: Later | undefined;
  #removeHandlers: () => void = () => undefined;
  #contestedTurns = 0;
  #shownTurns = 0;
  #isDone = false;

  /** It closes `terminal` and releases `readers`, also when it throws: there may be no memory. */
  constructor(
    terminal: Terminal,
    readers: HeldReaders,
    secrets: Secrets,
    text: string,
    options: CheckedOptions,
  ) {
    this.#terminal = terminal;
    this.#readers = readers;
    this.#signal = options.signal;
    this.#isNew = options.isNew;
    try {
      this.#line = new Line(secrets, options.maxBytes);
    } catch (error) {
      terminal.close();
      readers.release(false);
      throw error;
    }
    this.#editor = new Editor(this.#line);
    this.#screen = new Screen((shown) => terminal.write(shown), text, options.mask);
    this.#settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The line as a secret. By then the terminal is as it was. */
  run(): Promise<SecretBuffer> {
    const signal = this.#signal;
    const abort = (): void => {
      if (signal !== undefined) this.#fail(reasonOf(signal));
    };
    signal?.addEventListener("abort", abort);
    const removeWaysOut = watchWaysOut({
      leave: () => this.#end(true),
      cancel: (isEnding) =>
        this.#fail(cancelled("a signal came, or the program is ending"), isEnding),
    });
    this.#job = new JobControl(this.#terminal, {
      silence: () => this.#try(() => this.#silence()),
      beforeStop: () => this.#try(() => this.#beforeStop()),
      resume: () => this.#try(() => this.#begin()),
    });
    this.#removeHandlers = () => {
      signal?.removeEventListener("abort", abort);
      removeWaysOut();
      this.#job?.end();
    };
    this.#try(() => {
      if (this.#silence()) {
        if (this.#terminal.isContested()) throw contested();
        this.#discardTyped(); // before anyone is asked: what comes later is an answer
      }
      this.#begin();
    });
    return this.#settled;
  }

  /** Every error of a step ends the prompt, and reaches whoever waits for it. */
  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @returns false in the background, where the terminal is another's */
  #silence(): boolean {
    if (this.#isDone || !this.#terminal.isForeground()) return false;
    this.#terminal.enterRaw();
    return true;
  }

  #begin(): void {
    if (this.#isDone) return;
    this.#timer?.stop();
    if (this.#silence()) {
      this.#line.open((bytes) => this.#screen.draw(() => this.#line.characters(bytes)));
      this.#schedule();
    } else if (this.#job?.waitForForeground() === false) {
      throw inBackground();
    }
  }

  /** What was typed until now is for the line; nobody else may get it. */
  #beforeStop(): void {
    this.#timer?.stop();
    if (!this.#terminal.isForeground()) return;
    const edited = this.#line.open((bytes) => this.#readKeys(bytes));
    if (edited !== "suspend") this.#act(edited);
    if (!this.#isDone) this.#terminal.leaveRaw();
  }

  #schedule(): void {
    this.#timer?.stop();
    this.#timer = after(() => this.#try(() => this.#turn()), POLL_INTERVAL);
  }

  #turn(): void {
    this.#job?.looked();
    this.#readers.keep();
    // To read in the background would stop the process, before it saw the signal that ends it.
    if (!this.#terminal.isForeground()) this.#begin();
    else {
      this.#keepSilent();
      this.#look();
    }
  }

  /**
   * A program that the application started may have set the terminal. Not at once: a custodian's
   * application sets it back just before it ends, and it has to stay so.
   */
  #keepSilent(): void {
    this.#shownTurns = this.#terminal.isSilent() ? 0 : this.#shownTurns + 1;
    if (this.#shownTurns > MOST_SHOWN) this.#terminal.enterRaw();
  }

  #look(): void {
    const edited = this.#line.open((bytes) => this.#readKeys(bytes));
    if (edited === "edited") this.#schedule();
    else this.#act(edited);
  }

  #act(edited: Edited): void {
    if (edited === "enter") this.#succeed();
    else if (edited === "interrupt") this.#fail(cancelled("Ctrl-C was typed"));
    else if (edited === "end")
      this.#fail(this.#terminal.isForeground() ? closed() : inBackground());
    else if (edited === "broken") this.#fail(broken());
    else if (edited === "redraw") this.#begin();
    else if (edited === "suspend") this.#suspend();
  }

  #suspend(): void {
    this.#discardTyped(); // as the kernel does at Ctrl-Z
    this.#editor.reset();
    this.#job?.stopJob();
  }

  /** Reads what is there, up to the first key that does not edit the text. */
  #readKeys(bytes: Uint8Array<ArrayBuffer>): Edited {
    for (let count = 0; count < BYTES_PER_TURN; count++) {
      const outcome = this.#terminal.read(bytes, this.#line.end);
      if (outcome === "end") return "end";
      if (outcome === "nothing") {
        if (count === 0 && this.#waited() === "broken") return "broken";
        break;
      }
      const edited = this.#editor.feed(bytes);
      if (edited === "refused") this.#screen.ring();
      else if (edited !== "edited") return edited;
    }
    this.#screen.show(() => this.#line.characters(bytes));
    return "edited";
  }

  /** @throws {LetheError} `ERR_LETHE_PROMPT_BUSY` when somebody else waits for the next byte */
  #waited(): "edited" | "broken" {
    // Two turns in a row: another process may look at the terminal just then.
    const isContested = this.#terminal.isContested() && this.#terminal.isForeground();
    this.#contestedTurns = isContested ? this.#contestedTurns + 1 : 0;
    if (this.#contestedTurns > 1) throw contested();
    return this.#editor.waited(POLL_INTERVAL);
  }

  /** What was typed before the prompt was echoed, and what follows the line was not for it. */
  #discardTyped(): void {
    this.#line.open((bytes) => {
      for (let count = 0; count < BYTES_PER_TURN; count++) {
        if (this.#terminal.read(bytes, this.#line.end) !== "byte") return;
        this.#editor.pass(bytes);
      }
    });
  }

  #succeed(): void {
    attempt(() => this.#discardTyped());
    const secret = this.#line.finish(undefined, this.#isNew);
    this.#end();
    this.#resolve(secret);
  }

  #fail(error: unknown, isEnding: boolean = false): void {
    this.#end(isEnding);
    this.#reject(error);
  }

  /** Every way out ends here, once. */
  #end(isEnding: boolean = false): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#timer?.stop();
    this.#removeHandlers();
    const isForeground = this.#terminal.isForeground(); // else it shows what a shell does
    if (isForeground) attempt(() => this.#discardTyped());
    attempt(() => this.#line.destroy());
    try {
      this.#terminal.leaveRaw();
    } catch (error) {
      reportUnrestored(error, isEnding ? (text) => this.#terminal.write(text) : null);
    }
    if (isForeground) attempt(() => this.#screen.endLine());
    attempt(() => this.#terminal.close());
    attempt(() => this.#readers.release(isEnding));
  }
}

/** No step keeps the next from being tried: the terminal is restored even if the wipe failed. */
function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // The line stays live and counted when its wipe fails, and a terminal that is gone needs no care.
  }
}

/** In milliseconds. People notice 100; a look costs a few microseconds. */
const POLL_INTERVAL = 20;
/** So that an endless paste does not keep the event loop. */
const BYTES_PER_TURN = 4096;
/** So many looks, some 300 ms, in which what is typed may be shown. */
const MOST_SHOWN = 15;
