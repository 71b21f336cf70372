import { createServer, type Server, Socket } from "node:net";
import { bare } from "../../../core/arguments/own.ts";
import { LetheError } from "../../../core/mod.ts";
import type { AgentListener, Conversation, Line, ListenAt } from "./agent_listener.ts";

/** What is used of a connection below Node's stream: its handle, which reads into a buffer that it is given. */
interface WithHandle {
  _handle: { readonly fd?: number } | null;
}

/** Options of `net.Socket` that read into our buffers, for a handle that was accepted. */
type OwnBuffer = Omit<NonNullable<ConstructorParameters<typeof Socket>[0]>, "handle" | "onread"> & {
  readonly handle: unknown;
  readonly onread: {
    readonly buffer: () => Uint8Array;
    readonly callback: (length: number) => boolean;
  };
};

/**
 * Listens by `node:net`, on Node and Deno. What `net` reads for a stream goes into buffers of its own, which it
 * drops without a wipe. A socket with `onread` reads into ours; but only one that connects takes that
 * option, so that an accepted connection, which has read nothing yet, is taken over by a socket that does.
 */
export const listenByNet: ListenAt = async (path, accept) => {
  const lines = new Set<Socket>();
  const server = createServer(bare({ pauseOnConnect: true }), (accepted) => {
    const socket = converse(accepted, accept);
    if (socket === null) return;
    lines.add(socket);
    socket.on("close", () => lines.delete(socket));
  });
  await bound(server, path);
  return listenerOf(server, lines);
};

function listenerOf(server: Server, lines: ReadonlySet<Socket>): AgentListener {
  server.on("error", () => undefined); // of one connection that could not be accepted
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const line of lines) line.destroy();
      }),
  };
}

function bound(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new LetheError(
          "ERR_LETHE_AGENT",
          `Cannot listen at the agent's path: ${error.code ?? "it failed"}`,
        ),
      );
    });
    // Of a string Node makes an object, in which a planted `port` would stand before the path.
    server.listen(bare({ path }), resolve);
  });
}

function converse(accepted: Socket, accept: (line: Line) => Conversation | null): Socket | null {
  const withHandle = accepted as unknown as WithHandle;
  const handle = withHandle._handle;
  if (handle === null) return null;
  let conversation: Conversation | null = null;
  const line: Line = {
    descriptor: typeof handle.fd === "number" && handle.fd >= 0 ? handle.fd : null,
    write: (bytes) =>
      new Promise((resolve) => {
        if (socket.destroyed) resolve();
        else socket.write(bytes, () => resolve());
      }),
    forget: async () => undefined, // nothing is kept
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
  };
  conversation = accept(line);
  if (conversation === null) {
    accepted.destroy();
    return null;
  }
  const { target, took, ended } = conversation;
  withHandle._handle = null; // it is the other socket's from here on
  accepted.destroy(); // closes nothing; without it the server would wait for its end
  const options: OwnBuffer = {
    handle,
    readable: true,
    writable: true,
    onread: {
      buffer: target,
      callback: (length) => took(length),
    },
  };
  const socket = new Socket(bare(options) as ConstructorParameters<typeof Socket>[0]);
  socket.on("end", ended);
  socket.on("error", ended); // ECONNRESET, EPIPE: the client has left
  socket.on("close", ended);
  socket.resume();
  return socket;
}
