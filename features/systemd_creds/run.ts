import { checkLive } from "../../core/check_live.ts";
import { monotonicNow } from "../../core/globals.ts";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { pause } from "../../system/timers.ts";
import { type View, within } from "../envelopes/bytes.ts";
import {
  notStarted,
  type ProgramInput,
  type ProgramOutput,
  type ProgramPipes,
  ProgramRun,
  startPiped,
} from "../programs/mod.ts";

/** One run of the program. */
export interface Run {
  readonly path: string;
  readonly words: readonly string[];
  /** What it reads, to its end. */
  readonly input: SecretBuffer | View;
  /** Secret memory for what it prints. */
  readonly room: SecretBuffer;
  /** When it must have ended, by the monotonic clock. */
  readonly deadline: number;
}

/** How many bytes it printed, or how it ended: the program itself refuses. */
export type Outcome = { readonly printed: number } | { readonly refusal: string };

/**
 * Runs the program to its end, without a shell. Its input goes from its own page to the kernel, and its output from there into
 * `room`.
 *
 * @throws {LetheError} `ERR_LETHE_WRAPPER` when it does not start, prints more than there is room for, or takes too long;
 * `ERR_LETHE_DESTROYED` when the secrets were purged
 */
export async function runToEnd(openPipes: () => ProgramPipes, given: Run): Promise<Outcome> {
  const { run, input, output } = await start(openPipes, given);
  try {
    const printed = await exchange(input, output, given);
    run.noteOutputEnd();
    const end = await run.endedWithin(Math.max(1, given.deadline - monotonicNow()));
    if (end === "late") throw late();
    return end === null ? { printed } : { refusal: end };
  } finally {
    run.end();
  }
}

interface Started {
  readonly run: ProgramRun;
  readonly input: ProgramInput;
  readonly output: ProgramOutput;
}

async function start(openPipes: () => ProgramPipes, { path, words }: Run): Promise<Started> {
  try {
    const { child, input, output } = await startPiped(openPipes, path, words);
    return { run: new ProgramRun(child, [output, input]), input, output };
  } catch (error) {
    if (!(error instanceof LetheError)) {
      throw failed(notStarted(error));
    }
    throw failed(error.message.replace(/^Cannot [^:]*: /, ""));
  }
}

/** Says all and hears all, in turns: a program may print before it has read everything. */
async function exchange(
  input: ProgramInput,
  output: ProgramOutput,
  { input: message, room, deadline }: Run,
): Promise<number> {
  let isSaid = false;
  let sent = 0;
  let length = 0;
  for (;;) {
    checkLive(room, VERB);
    if (!isSaid) {
      sent += lent(message, (bytes) => accepted(input, within(bytes, sent)));
      isSaid = sent >= lengthOf(message);
      if (isSaid) input.close();
    }
    let outcome: "end" | "nothing" | "byte" = "byte";
    room.modify((page) => {
      while (outcome === "byte" && length < page.length) {
        outcome = output.read(page as View, length);
        if (outcome === "byte") length += 1;
      }
    });
    if ((outcome as string) === "end") return length;
    if (length === room.byteLength) throw failed("it prints more than it should; update it");
    if (monotonicNow() >= deadline) throw late();
    await pause(POLL_INTERVAL);
  }
}

/** How many bytes the pipe takes. To one that reads no more everything was said: how it ended tells why. */
function accepted(input: ProgramInput, bytes: View): number {
  try {
    return input.write(bytes);
  } catch (error) {
    if (error instanceof LetheError) return bytes.length;
    throw error;
  }
}

function lent<T>(message: SecretBuffer | View, use: (bytes: View) => T): T {
  if (message instanceof Uint8Array) return use(message);
  checkLive(message, VERB);
  return message.expose((bytes) => use(bytes as View));
}

function lengthOf(message: SecretBuffer | View): number {
  return message.byteLength;
}

export const VERB = "use systemd-creds";

/** The program fails. `reason` ends with what the caller can do. */
export function failed(reason: string): LetheError {
  return new LetheError("ERR_LETHE_WRAPPER", `Cannot ${VERB}: ${reason}`);
}

function late(): LetheError {
  return failed("it did not end in time; run it by hand to see why, or raise timeout");
}

/** In milliseconds. */
const POLL_INTERVAL = 2;
