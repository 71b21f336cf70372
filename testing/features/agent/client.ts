import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** A client of an agent that says what it wants, in whatever pieces. */
export class AgentClient {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  #bytes: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #isOver = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      const over = (): void => {
        this.#isOver = true;
        this.#wake();
        resolve();
      };
      socket.on("close", over);
      socket.on("end", over);
      socket.on("error", over);
    });
  }

  static open(path: string): Promise<AgentClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new AgentClient(socket)));
      socket.once("error", reject);
    });
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next answer without its length: its number and its body; null when the connection is over. */
  async answer(): Promise<Buffer | null> {
    for (;;) {
      if (this.#bytes.length >= 4) {
        const length = this.#bytes.readUInt32BE(0);
        if (this.#bytes.length >= 4 + length) {
          const answer = this.#bytes.subarray(4, 4 + length);
          this.#bytes = this.#bytes.subarray(4 + length);
          return answer;
        }
      }
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async ask(bytes: Uint8Array): Promise<number | null> {
    this.send(bytes);
    return (await this.answer())?.[0] ?? null;
  }

  /** Bytes that were sent and that the agent leaves in the system's buffers. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  end(): void {
    this.#socket.destroy();
  }
}
