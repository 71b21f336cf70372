import { type SignalLike, throwIfAborted } from "../../core/arguments/foreign.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { pause } from "../../system/timers.ts";
import { Line } from "./line.ts";
import type { CheckedOptions } from "./options.ts";
import { closed } from "./prompt_errors.ts";
import type { ByteSource } from "./terminal.ts";

/**
 * Reads one line from a pipe, a file or a socket, byte by byte: what follows the line is left for
 * whoever reads next. The line ends with LF or CR LF, or with the input.
 */
export async function readLine(
  source: ByteSource,
  secrets: Secrets,
  { maxBytes, isNew, signal }: CheckedOptions,
): Promise<SecretBuffer> {
  let line: Line | undefined;
  try {
    line = new Line(secrets, maxBytes + 1); // a CR before the LF is not counted
    await fill(line, source, signal);
    return line.finish(maxBytes, isNew);
  } finally {
    line?.destroy();
    source.close();
  }
}

/** @throws {LetheError} `ERR_LETHE_PROMPT_CLOSED` when the input ends before a line begins */
async function fill(line: Line, source: ByteSource, signal?: SignalLike): Promise<void> {
  for (;;) {
    throwIfAborted(signal);
    const state = line.open((bytes) => readWhatIsThere(source, line, bytes));
    if (state === "line" || (state === "end" && !line.isEmpty)) return;
    if (state === "end") {
      throw closed();
    }
    await pause(state === "more" ? 0 : POLL_INTERVAL);
  }
}

type State = "line" | "end" | "nothing" | "more";

function readWhatIsThere(source: ByteSource, line: Line, bytes: Uint8Array<ArrayBuffer>): State {
  for (let count = 0; count < BYTES_PER_TURN; count++) {
    const outcome = source.read(bytes, line.end);
    if (outcome !== "byte") {
      if (outcome === "end") line.dropReturn(bytes);
      return outcome;
    }
    if (bytes[line.end] === LINE_FEED) {
      line.drop(bytes);
      line.dropReturn(bytes);
      return "line";
    }
    line.take(bytes);
  }
  return "more";
}

const LINE_FEED = 10;
/** In milliseconds. */
const POLL_INTERVAL = 20;
const BYTES_PER_TURN = 4096;
