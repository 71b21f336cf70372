import { Socket } from "node:net";
import { CHANNEL_DESCRIPTOR, type Channel, type ChannelListener } from "./channel.ts";

/** A channel over a socket of `node:net`: Node and Deno on both sides, Bun in the application. */
export function netChannel(socket: Socket): Channel {
  return {
    listen({ data, drained, ended }: ChannelListener) {
      let over = false;
      const end = (): void => {
        if (over) return;
        over = true;
        ended();
      };
      socket.on("data", data);
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

/** The channel that this process was started with. */
export function inheritedChannel(): Channel {
  return netChannel(new Socket({ fd: CHANNEL_DESCRIPTOR, readable: true, writable: true }));
}
