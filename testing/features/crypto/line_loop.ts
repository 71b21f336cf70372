import { readSync, writeSync } from "node:fs";

/**
 * Says `ready`, and answers each line of standard input. Between them it blocks in a read, so that
 * nothing in the process moves while it is scanned.
 */
export async function answerLines(
  answer: (line: string) => string | Promise<string>,
): Promise<void> {
  const pulse = new Int32Array(new SharedArrayBuffer(4));
  const input = Buffer.alloc(200);
  let text = "";
  writeSync(1, "ready\n");
  for (;;) {
    try {
      const length = readSync(0, input, 0, input.length, null);
      if (length === 0) return;
      text += input.toString("latin1", 0, length);
    } catch {
      Atomics.wait(pulse, 0, 0, 5); // EAGAIN: some runtimes are given a pipe that does not block
    }
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      writeSync(1, `${await answer(line)}\n`);
    }
  }
}
