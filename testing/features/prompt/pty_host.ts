/**
 * A pseudo-terminal for tests, by Bun, which `npm ci` installs: no other package is needed. It runs
 * the command of its arguments in a session of its own, and is told on standard input what to type.
 *
 * In: `{"keys":"text"}`, `{"bytes":[27]}`, `{"kind":"ascii"}`, `{"flags":true}`. Out, a line each: `{"out":"text"}`,
 * `{"flags":[input, local]}`, `{"exit":[code, signal],"flags":[...]}`.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { keysFor } from "./typed.ts";

interface PseudoTerminal {
  write(keys: string | Uint8Array): void;
  readonly inputFlags: number;
  readonly localFlags: number;
}

interface Hosted {
  readonly terminal: PseudoTerminal;
  readonly exited: Promise<number>;
  readonly signalCode: string | null;
}

declare const Bun: {
  spawn(command: readonly string[], options: unknown): Hosted;
};

const say = (event: unknown): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const decoder = new TextDecoder();
const child = Bun.spawn(process.argv.slice(2), {
  env: process.env,
  terminal: {
    columns: 80,
    rows: 24,
    data: (_: unknown, data: Uint8Array) => say({ out: decoder.decode(data, { stream: true }) }),
  },
});
const flags = (): readonly number[] => [child.terminal.inputFlags, child.terminal.localFlags];

createInterface({ input: process.stdin }).on("line", (line) => {
  const { keys, bytes, kind } = JSON.parse(line);
  if (keys !== undefined) child.terminal.write(keys);
  else if (bytes !== undefined) child.terminal.write(new Uint8Array(bytes));
  else if (kind !== undefined) child.terminal.write(keysFor(kind));
  else say({ flags: flags() });
});
const code = await child.exited;
await new Promise((resolve) => setTimeout(resolve, 50)); // what was written last is still to be read
say({ exit: [code, child.signalCode], flags: flags() });
process.exit(0);
