import type { ChildProcess } from "node:child_process";
import { readSync, writeSync } from "node:fs";
import { errorCode, optional } from "../../core/arguments/own.ts";
import { descriptorShortage } from "../../system/spare_descriptors.ts";
import {
  isBusy,
  noPipe,
  type ProgramInput,
  type ProgramOutput,
  type ProgramPipes,
  unavailable,
  unwritable,
} from "./pipes.ts";

/** What a stream of Node reads with. Undocumented, and there since Node 0.x. */
interface Handle {
  readonly fd?: number;
  readStart?(): number;
  readStop?(): number;
}

/**
 * For Node: the sockets that it makes for its child, which its streams are kept from. Node closes them when the child
 * ends: by then the number of a descriptor may be that of another file. So it is asked for before each call.
 */
export const HANDLE_PIPES: ProgramPipes = { openOutput, openInput };

/** Nothing was read before `started`: that takes a turn of the event loop. */
function openOutput(): ProgramOutput {
  checkRoom();
  let child: ChildProcess | undefined;
  return {
    stdio: "pipe",
    started(process) {
      child = process;
      if (process.pid === undefined) return; // it did not start: its output is at its end
      const handle = handleOf(process.stdout);
      if (typeof handle?.readStop !== "function" || descriptorOf(process.stdout) < 0) {
        throw unavailable("this Node.js does not give the descriptor of a child's output");
      }
      handle.readStop();
      handle.readStart = () => 0;
    },
    read(bytes, offset) {
      const descriptor = descriptorOf(child?.stdout);
      if (descriptor < 0) return "end";
      try {
        return readSync(descriptor, bytes, offset, 1, null) === 0 ? "end" : "byte";
      } catch (error) {
        const code = errorCode(error) ?? "refused";
        if (isBusy(code)) return "nothing";
        throw unavailable(`its output cannot be read (${code})`);
      }
    },
    close: () => void child?.stdout?.destroy(),
  };
}

/**
 * Node.js leaves sockets open where the descriptors run out while it starts a program (`spawn` of child_process.js):
 * so there has to be room for all that it opens.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`
 */
function checkRoom(): void {
  const code = descriptorShortage(ROOM);
  if (code !== null) throw noPipe(code);
}

/** Both ends of two pipes, and of a third over which the child reports that it cannot execute the file. */
const ROOM = 6;

function openInput(): ProgramInput {
  let child: ChildProcess | undefined;
  return {
    stdio: "pipe",
    started(process) {
      child = process;
      child.stdin?.on("error", () => undefined); // its end shows in its output
      if (process.pid === undefined || descriptorOf(process.stdin) >= 0) return;
      throw unavailable("this Node.js does not give the descriptor of a child's input");
    },
    write(bytes) {
      const descriptor = descriptorOf(child?.stdin);
      if (descriptor < 0) throw unwritable("EPIPE");
      try {
        return writeSync(descriptor, bytes);
      } catch (error) {
        const code = errorCode(error) ?? "refused";
        if (isBusy(code)) return 0;
        throw unwritable(code);
      }
    },
    close: () => void child?.stdin?.destroy(),
  };
}

function handleOf(stream: unknown): Handle | null | undefined {
  if (stream === null || stream === undefined) return null;
  return optional(stream as { readonly _handle?: Handle | null }, "_handle");
}

/** The descriptor that a stream has now; below 0: it has none any more. */
function descriptorOf(stream: unknown): number {
  return handleOf(stream)?.fd ?? -1;
}
