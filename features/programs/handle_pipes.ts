import type { ChildProcess } from "node:child_process";
import { readSync, writeSync } from "node:fs";
import { errorCode, optional } from "../../core/arguments/own.ts";
import {
  isBusy,
  type ProgramInput,
  type ProgramOutput,
  type ProgramPipes,
  unavailable,
} from "./pipes.ts";

/** What a stream of Node reads with. Undocumented, and there since Node 0.x. */
interface Handle {
  readonly fd?: number;
  readStart?(): number;
  readStop?(): number;
}

/** For Node: the sockets that it makes for its child, which its streams are kept from. */
export const HANDLE_PIPES: ProgramPipes = { openOutput, openInput };

/** Nothing was read before `started`: that takes a turn of the event loop. */
function openOutput(): ProgramOutput {
  let child: ChildProcess | undefined;
  let descriptor = -1;
  return {
    stdio: "pipe",
    started(process) {
      child = process;
      if (process.pid === undefined) return; // it did not start: its output is at its end
      const handle = handleOf(process.stdout);
      if (typeof handle?.readStop !== "function") throw noDescriptor("output");
      descriptor = descriptorOf(handle, "output");
      handle.readStop();
      handle.readStart = () => 0;
    },
    read(bytes, offset) {
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

function openInput(): ProgramInput {
  let child: ChildProcess | undefined;
  let descriptor = -1;
  return {
    stdio: "pipe",
    started(process) {
      child = process;
      child.stdin?.on("error", () => undefined); // its end shows in its output
      descriptor = descriptorOf(handleOf(process.stdin), "input");
    },
    write(bytes) {
      try {
        return writeSync(descriptor, bytes);
      } catch (error) {
        const code = errorCode(error) ?? "refused";
        if (isBusy(code)) return 0;
        throw unavailable(`its input cannot be written (${code})`);
      }
    },
    close: () => void child?.stdin?.destroy(),
  };
}

function handleOf(stream: unknown): Handle | null | undefined {
  return optional(stream as { readonly _handle?: Handle | null }, "_handle");
}

function descriptorOf(handle: Handle | null | undefined, side: string): number {
  const descriptor = handle?.fd;
  if (typeof descriptor === "number" && descriptor >= 0) return descriptor;
  throw noDescriptor(side);
}

function noDescriptor(side: string): Error {
  return unavailable(`this Node.js does not give the descriptor of a child's ${side}`);
}
