import { CHANNEL_DESCRIPTOR, type Channel, type ChannelListener } from "./channel.ts";

interface BunSocket {
  /** @returns how many bytes were taken; -1 once it is closed */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  ref(): void;
  unref(): void;
  terminate(): void;
}

interface BunHost {
  connect(options: {
    readonly fd: number;
    readonly socket: {
      data(socket: BunSocket, bytes: Uint8Array): void;
      drain(socket: BunSocket): void;
      end(socket: BunSocket): void;
      close(socket: BunSocket): void;
      error(socket: BunSocket): void;
    };
  }): Promise<BunSocket>;
}

/** The channel that this process was started with. Bun's `node:net` does not take a descriptor. */
export async function inheritedBunChannel(): Promise<Channel> {
  const { Bun } = globalThis as unknown as { readonly Bun: BunHost };
  let listener: ChannelListener | null = null;
  let over = false;
  const early: Uint8Array[] = [];
  const end = (): void => {
    if (over) return;
    over = true;
    listener?.ended();
  };
  const waiting: Uint8Array[] = [];
  const flush = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const taken = socket.write(next);
      if (taken < next.length) {
        if (taken > 0) waiting[0] = next.subarray(taken);
        return;
      }
      waiting.shift();
    }
    listener?.drained();
  };
  const socket = await Bun.connect({
    fd: CHANNEL_DESCRIPTOR,
    socket: {
      data: (_, bytes) => (listener === null ? early.push(bytes.slice()) : listener.data(bytes)),
      drain: flush,
      end,
      close: end,
      error: end,
    },
  });
  return {
    listen(heard) {
      listener = heard;
      for (const bytes of early.splice(0)) heard.data(bytes);
      if (over) heard.ended();
    },
    write(bytes) {
      if (waiting.length === 0) {
        const taken = socket.write(bytes);
        if (taken === bytes.length) return true;
        waiting.push(taken > 0 ? bytes.subarray(taken) : bytes);
      } else {
        waiting.push(bytes);
      }
      return false;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    hold: (holds) => (holds ? socket.ref() : socket.unref()),
    close: () => socket.terminate(),
  };
}
