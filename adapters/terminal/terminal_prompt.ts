import { LetheError } from "../../core/errors.ts";
import { reasonOf } from "../../core/foreign.ts";
import type { SecretBuffer } from "../../core/secret_buffer.ts";
import type { Secrets } from "../../core/secrets.ts";
import { process } from "../node_builtins.ts";
import { after, type Later } from "../timers.ts";
import { type Edited, Editor } from "./editor.ts";
import { Line } from "./line.ts";
import type { CheckedOptions } from "./options.ts";
import type { Terminal } from "./terminal.ts";
import { watchWaysOut } from "./ways_out.ts";

/**
 * Asks on a terminal for one line.
 *
 * The terminal is looked at by a timer, and opened so that a read never waits: the event loop turns,
 * and the pages of the line are open only while a look lasts.
 */
export class TerminalPrompt {
  readonly #terminal: Terminal;
  readonly #text: string;
  readonly #options: CheckedOptions;
  readonly #line: Line;
  readonly #editor: Editor;
  readonly #settled: Promise<SecretBuffer>;
  #resolve!: (secret: SecretBuffer) => void;
  #reject!: (error: unknown) => void;
  #timer: Later | undefined;
  #removeHandlers: () => void = () => undefined;
  #shown = 0;
  #done = false;

  /** It closes `terminal`, also when it throws because there is no memory for the line. */
  constructor(terminal: Terminal, secrets: Secrets, text: string, options: CheckedOptions) {
    this.#terminal = terminal;
    this.#text = text;
    this.#options = options;
    try {
      this.#line = new Line(secrets, options.maxBytes);
      this.#editor = new Editor(this.#line);
    } catch (error) {
      terminal.close();
      throw error;
    }
    this.#settled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The line as a secret. By then the terminal is as it was. */
  run(): Promise<SecretBuffer> {
    const { signal } = this.#options;
    const abort = (): void => {
      if (signal !== undefined) this.#fail(reasonOf(signal));
    };
    signal?.addEventListener("abort", abort);
    const removeWayOut = watchWaysOut({
      leave: () => this.#end(),
      cancel: () => this.#fail(cancelled("a signal came, or the program is ending")),
      beforeStop: () => attempt(() => this.#beforeStop()),
      stop: () => this.#terminal.stop(process.pid),
      resume: () => this.#try(() => this.#start()),
    });
    this.#removeHandlers = () => {
      signal?.removeEventListener("abort", abort);
      removeWayOut();
    };
    this.#try(() => {
      this.#terminal.enterRaw();
      this.#discardTyped(); // before anyone is asked: what comes later is an answer
      this.#start();
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

  #start(): void {
    if (this.#done) return;
    this.#terminal.enterRaw();
    this.#redraw();
    this.#schedule();
  }

  #redraw(): void {
    this.#shown = 0;
    this.#terminal.write(`\r${ERASE_TO_END}${this.#text}`);
    this.#line.open((bytes) => this.#show(bytes));
  }

  #beforeStop(): void {
    this.#timer?.stop();
    this.#terminal.leaveRaw();
  }

  /** The terminal first: others of the job stop at once, and then the shell has it. */
  #suspend(): void {
    try {
      this.#beforeStop();
      this.#terminal.stop(JOB);
    } catch {
      this.#start(); // not permitted: the prompt goes on
    }
  }

  #schedule(): void {
    this.#timer?.stop();
    this.#timer = after(() => this.#try(() => this.#turn()), POLL_INTERVAL);
  }

  #turn(): void {
    this.#act(this.#line.open((bytes) => this.#readKeys(bytes)));
  }

  #act(edited: Edited): void {
    if (edited === "enter") this.#succeed();
    else if (edited === "interrupt") this.#fail(cancelled("Ctrl-C was typed"));
    else if (edited === "end") this.#fail(closed());
    else if (edited === "broken") this.#fail(broken());
    else if (edited === "redraw") this.#redraw();
    else if (edited === "suspend") this.#suspend();
    if (!this.#done && edited !== "suspend") this.#schedule();
  }

  /** Reads what is there, up to a key that is not about the text. */
  #readKeys(bytes: Uint8Array<ArrayBuffer>): Edited {
    for (let count = 0; count < BYTES_PER_TURN; count++) {
      const outcome = this.#terminal.read(bytes, this.#line.end);
      if (outcome === "end") return "end";
      if (outcome === "nothing") {
        if (count === 0 && this.#editor.waited(POLL_INTERVAL) === "broken") return "broken";
        break;
      }
      const edited = this.#editor.feed(bytes);
      if (edited === "refused") this.#terminal.write(BELL);
      else if (edited !== "edited") return edited;
    }
    this.#show(bytes);
    return "edited";
  }

  /** Brings the masks on the screen to one for each character. */
  #show(bytes: Uint8Array<ArrayBuffer>): void {
    const { mask } = this.#options;
    if (mask === "") return;
    const characters = this.#line.characters(bytes);
    const more = characters - this.#shown;
    this.#terminal.write(more > 0 ? mask.repeat(more) : "\b \b".repeat(-more));
    this.#shown = characters;
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
    this.#discardTyped();
    const secret = this.#line.finish();
    this.#end();
    this.#resolve(secret);
  }

  #fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  /** Every way out ends here, once. */
  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#timer?.stop();
    this.#removeHandlers();
    attempt(() => this.#line.destroy());
    attempt(() => this.#terminal.leaveRaw());
    attempt(() => this.#terminal.write("\n"));
    attempt(() => this.#terminal.close());
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

function cancelled(reason: string): LetheError {
  return new LetheError("ERR_LETHE_PROMPT_CANCELLED", `Cannot prompt for secret: ${reason}`);
}

function broken(): LetheError {
  return new LetheError(
    "ERR_LETHE_ENCODING",
    "Cannot prompt for secret: the terminal sent the beginning of a control sequence and not its end, so that keys cannot be told from it; ask again",
  );
}

function closed(): LetheError {
  return new LetheError("ERR_LETHE_PROMPT_CLOSED", "Cannot prompt for secret: the input ended");
}

/** In milliseconds. People notice 100; a look costs a few microseconds. */
const POLL_INTERVAL = 20;
/** This process and all that were started with it, as Ctrl-Z stops them in any program. */
const JOB = 0;
/** So that an endless paste does not keep the event loop. */
const BYTES_PER_TURN = 4096;
const BELL = "\x07";
const ERASE_TO_END = "\x1b[K";
