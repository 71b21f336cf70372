import { fstatSync, type Stats } from "node:fs";
import { Socket } from "node:net";
import { ReadStream } from "node:tty";
import { optional } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import {
  FfiTerminals,
  fileTerminals,
  isNonBlocking,
  ownStreams,
  promptOpener,
  streamReaders,
  unset,
} from "../../features/prompt/mod.ts";
import type { RawMode, Terminals } from "../../features/prompt/terminal.ts";
import type { PromptSecret } from "../../features/prompt/types.ts";
import { process } from "../../system/node_builtins.ts";
import { koffiFfi, koffiObstacle } from "./koffi.ts";

/**
 * Asks for a secret on the terminal, and gives it as UTF-8 without the end of the line; where there
 * is no terminal, it reads one line of standard input. See docs/prompt.md.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { promptSecret } from "lethe/prompt";
 *
 * const secrets = openSecrets();
 * const password = await promptSecret(secrets, "Password: ");
 * password.expose((bytes) => bytes.length);
 * password.destroy();
 * ```
 */
export const promptSecret: PromptSecret = promptOpener(openTerminals);

/** The terminals of Node: through libc where koffi is there, else through `node:fs` and `node:tty`. */
export function openTerminals(): Terminals {
  const readers = streamReaders(hasBegunInput);
  if (process.platform === "linux" && koffiObstacle() === null) {
    try {
      return new FfiTerminals(koffiFfi(), readers, mayOpen);
    } catch (error) {
      if (!(error instanceof LetheError)) throw error; // else a C library without these calls
    }
  }
  return fileTerminals({
    readers,
    givesStopsBack: true,
    handsNothingOn: false,
    rawMode,
    unblock,
  });
}

/** FFI goes past Node's permission model, so that it is asked here. */
function mayOpen(path: string): boolean {
  const guarded = process as {
    readonly permission?: { has(scope: string, path: string): boolean };
  };
  return optional(guarded, "permission")?.has("fs.read", path) !== false;
}

/** As Node sets terminals. The stream is never read from: its buffers would keep what is typed. */
function rawMode(descriptor: number): RawMode {
  const stream = new ReadStream(descriptor);
  ownStreams.add(stream);
  let failure: Error | null = null;
  stream.on("error", (error) => {
    failure = error;
  });
  const set = (isRaw: boolean): void => {
    failure = null;
    stream.setRawMode(isRaw);
    if (failure !== null) throw unset("Node", failure);
  };
  return {
    enter: () => set(true),
    leave: () => set(false),
    close: () => void stream.destroy(),
  };
}

/** Node sets O_NONBLOCK on standard input when it makes `process.stdin`; a file needs none. */
function hasBegunInput(): boolean {
  return isNonBlocking(0) !== false || statOf(0)?.isFile() === true;
}

function statOf(descriptor: number): Stats | null {
  try {
    return fstatSync(descriptor);
  } catch {
    return null; // it is closed
  }
}

/** What Node has taken for a stream, by descriptor. It is never read, and closing it would close that. */
const sockets = new Map<number, Socket>();

/** Undocumented, and what libuv calls uv_stream_set_blocking. */
interface Handle {
  setBlocking?(isBlocking: boolean): number;
}

function unblock(descriptor: number): () => void {
  const known = sockets.get(descriptor);
  const socket = known ?? new Socket({ fd: descriptor, readable: false, writable: true });
  const handle = (socket as { _handle?: Handle | null })._handle;
  if (known === undefined) sockets.set(descriptor, socket.unref());
  else handle?.setBlocking?.(false);
  return () => void handle?.setBlocking?.(true);
}
