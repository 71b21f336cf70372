import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { AgentKeyUse } from "../../adapters/node/mod.ts";
import { harmless } from "../output.ts";

/** What more than a yes would be. */
const MOST_OUTPUT = 1024;

/**
 * Asks by a program, as OpenSSH's agent does: the question is its argument, `SSH_ASKPASS_PROMPT=confirm`; exit
 * status 0 with no output, or with `yes`, is a yes.
 *
 * One question is open at a time, however many clients want one: nobody is to press a key for the wrong one. The
 * question of a client that has left is not asked, and the program ends if it asks it already.
 */
export function askingBy(program: string): (use: AgentKeyUse) => Promise<boolean> {
  let turn: Promise<unknown> = Promise.resolve();
  return (use) => {
    const mine = turn.then(() => (use.signal.aborted ? false : ask(program, use)));
    turn = mine;
    return mine;
  };
}

function ask(program: string, use: AgentKeyUse): Promise<boolean> {
  const { comment, fingerprint, caller, bindings, signal } = use;
  const at = bindings.map(({ hostKey }) => hostKey).join(", ");
  const question = [
    `Allow use of key ${harmless(comment).replaceAll("\n", " ").slice(0, 200)}?`,
    `Key fingerprint ${fingerprint}.`,
    ...(at === "" ? [] : [`For the host with the key ${at}.`]),
    ...(caller === null ? [] : [`(process ${caller.pid})`]),
  ].join("\n");
  return new Promise((resolve) => {
    const child = started(program, question, signal);
    if (child === null) return resolve(false);
    let output = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      if (output.length < MOST_OUTPUT) output += text;
    });
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0 && /^(?:yes)?\r?\n?$/i.test(output)));
  });
}

/** Null: the system refuses it at once, as ETXTBSY for a program that is being written. */
function started(program: string, question: string, signal: AbortSignal): Asking | null {
  try {
    return spawn(program, [question], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, SSH_ASKPASS_PROMPT: "confirm" },
      signal,
    });
  } catch {
    return null;
  }
}

type Asking = ChildProcessByStdio<null, Readable, null>;
