import { Socket } from "node:net";
import { isBytes } from "../../../core/arguments/check_bytes.ts";
import { CHANNEL_DESCRIPTOR, type Channel, type ChannelListener } from "./channel.ts";

/** What is read at a time: what `node:net` reads too. */
const READ_BYTES = 65_536;

type Hear = ChannelListener["data"];

/**
 * A channel over a socket of `node:net`: Node and Deno on both sides, Bun in the application.
 *
 * @param start begins to tell what comes
 */
export function netChannel(
  socket: Socket,
  start: (hear: Hear) => void = (hear) => {
    socket.on("data", (bytes: unknown) => {
      // Text, where something made the stream decode: an honest end to a channel that is none.
      if (isBytes(bytes)) hear(bytes);
      else socket.destroy();
    });
  },
): Channel {
  return {
    listen({ data, drained, ended }: ChannelListener) {
      let over = false;
      const end = (): void => {
        if (over) return;
        over = true;
        ended();
      };
      start(data);
      socket.on("drain", drained);
      socket.on("end", end);
      socket.on("close", end);
      // ECONNRESET and EPIPE: the other end died. What it was is told by its exit.
      socket.on("error", end);
    },
    write: (bytes) => !socket.destroyed && socket.write(bytes),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    hold: (holds) => void (holds ? socket.ref() : socket.unref()),
    close: () => void socket.destroy(),
  };
}

/**
 * The channel that this process was started with. What comes is read into one buffer, again and again:
 * a socket that it makes for itself may do so, and it saves an allocation and the stream's queue.
 */
export function inheritedChannel(): Channel {
  const early: Uint8Array[] = [];
  let hear: Hear = (bytes) => void early.push(bytes.slice());
  const buffer = new Uint8Array(READ_BYTES);
  const callback = (length: number): boolean => {
    hear(new Uint8Array(buffer.buffer, 0, length));
    return true;
  };
  const socket = new Socket({
    fd: CHANNEL_DESCRIPTOR,
    readable: true,
    writable: true,
    onread: { buffer, callback },
  });
  return netChannel(socket, (data) => {
    hear = data;
    for (const bytes of early.splice(0)) data(bytes);
  });
}
