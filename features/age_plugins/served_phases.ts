import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { TextEncoder } from "../../system/node_builtins.ts";
import { toBytes } from "../envelopes/base64.ts";
import type { Command, Dialogue } from "./dialogue.ts";
import { type Serving, serveFailure, TOO_MUCH } from "./serving.ts";

/** What is kept of the first phase, altogether. */
const MOST_BYTES = 4 << 20;

/** Counts what is kept, and refuses more. */
export class Kept {
  #byteLength = 0;

  /** @throws {LetheError} `ERR_LETHE_WRAPPER` */
  add(byteLength: number): void {
    this.#byteLength += byteLength + OVERHEAD;
    if (this.#byteLength > MOST_BYTES) throw tooMuch();
  }
}

/** Of an entry in a list, about. */
const OVERHEAD = 64;

/** @throws {LetheError} always */
export function tooMuch(): LetheError {
  return serveFailure(TOO_MUCH);
}

/** The first phase: `take` gets each command until the other side is done. It passes over those it does not know. */
export async function listen(dialogue: Dialogue, take: (command: Command) => void): Promise<void> {
  for (;;) {
    const isDone = await dialogue.next((command) => {
      if (command.args[0] !== "done") {
        take(command);
        return false;
      }
      checkForm(command, 1);
      return true;
    });
    if (isDone) return;
  }
}

/** Refuses a known command with other arguments than it has, or with a body. */
export function checkForm({ args, text }: Command, count: number): void {
  if (args.length !== count || text.length !== 1) throw misused(args[0] as string);
}

/** A known command in another form than it has. Its arguments may be anything: its name alone is told. */
export function misused(command: string): LetheError {
  return serveFailure(`it gives ${command} in another form than the protocol has; update it`);
}

/**
 * A command of the second phase, and what is answered to it.
 *
 * @throws {LetheError} `ERR_LETHE_WRAPPER` for what is no answer
 */
export async function ask(
  dialogue: Dialogue,
  args: readonly string[],
  body?: SecretBuffer | Uint8Array,
): Promise<string> {
  await dialogue.send(args, body);
  return await dialogue.next(({ args: [answer = ""] }) => {
    if (ANSWERS.has(answer)) return answer;
    throw serveFailure("it gives no answer that the protocol has; update it");
  });
}

const ANSWERS: ReadonlySet<string> = new Set(["ok", "fail", "unsupported"]);

/** Gives something that must arrive. @throws {LetheError} `ERR_LETHE_WRAPPER` when it is not taken */
export async function give(
  dialogue: Dialogue,
  args: readonly string[],
  body: SecretBuffer | Uint8Array,
): Promise<void> {
  if ((await ask(dialogue, args, body)) === "ok") return;
  throw serveFailure(`it does not take a ${args[0]}; update it`);
}

/** A failure that the other side shows to its user: `recipient 0`, `identity 1`, `stanza 0 2` or `internal`. */
export interface Problem {
  readonly where: readonly string[];
  readonly message: string;
}

/** The problem of an error of Lethe, whose words hold no secret. @throws all others */
export function problemOf(error: unknown, ...where: readonly string[]): Problem {
  if (!(error instanceof LetheError)) throw error;
  return { where, message: error.message };
}

/** Tells failures. That they are not understood is no reason to go on as if there were none. */
export async function tell(dialogue: Dialogue, problems: readonly Problem[]): Promise<void> {
  for (const { where, message } of problems) {
    await ask(dialogue, ["error", ...where], new TextEncoder().encode(message));
  }
}

/** Says something that nobody knows, so that clients stay able to hear it ("Grease"), and then `use`; then it is done. */
export async function speak(
  { dialogue, secrets }: Serving,
  use: () => Promise<void>,
): Promise<void> {
  const word = secrets.random(8);
  const name = word.expose((bytes) => Array.from(bytes, (byte) => LETTERS[byte % 32]).join(""));
  word.destroy();
  await ask(dialogue, [`grease-${name}`, name.slice(0, 3)], toBytes(name));
  await use();
  await dialogue.send(["done"]);
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
