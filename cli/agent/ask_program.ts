import { spawn } from "node:child_process";
import type { AgentKeyUse } from "../../adapters/node/mod.ts";
import { harmless } from "../output.ts";

/** What more than a yes would be. */
const MOST_OUTPUT = 1024;

/**
 * Asks by a program, as OpenSSH's agent does: the question is its argument, `SSH_ASKPASS_PROMPT=confirm`; exit
 * status 0 with no output, or with `yes`, is a yes.
 */
export function askProgram(program: string, use: AgentKeyUse): Promise<boolean> {
  const { comment, fingerprint, caller, bindings } = use;
  const at = bindings.map(({ hostKey }) => hostKey).join(", ");
  const question = [
    `Allow use of key ${harmless(comment).replaceAll("\n", " ").slice(0, 200)}?`,
    `Key fingerprint ${fingerprint}.`,
    ...(at === "" ? [] : [`For the host with the key ${at}.`]),
    ...(caller === null ? [] : [`(process ${caller.pid})`]),
  ].join("\n");
  return new Promise((resolve) => {
    const child = spawn(program, [question], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, SSH_ASKPASS_PROMPT: "confirm" },
    });
    let output = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      if (output.length < MOST_OUTPUT) output += text;
    });
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0 && /^(?:yes)?\r?\n?$/i.test(output)));
  });
}
