import { copyBytes } from "../../core/arguments/check_bytes.ts";
import { checkLive } from "../../core/check_live.ts";
import { UNPADDED_BASE64 } from "../../core/codec.ts";
import { monotonicNow } from "../../core/globals.ts";
import { LetheError, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { pause } from "../../system/timers.ts";
import { born, lend, lengthOfMessage } from "../crypto/lend.ts";
import { fromBase64, toBytes } from "../envelopes/base64.ts";
import { copyOf, joinAll, type View, within } from "../envelopes/bytes.ts";
import { argumentsOf, beginsStanza, COLUMNS } from "../envelopes/stanza.ts";

/** The longest stanza that is taken: its body is a wrapped key or a text for a person. */
const ROOM_BYTES = 65_536;
/** What the other side may say in one dialogue: many times what a header has room for. */
const MOST_BYTES = 16 << 20;
/** What is read before other work of the program has its turn. */
const BYTES_PER_TURN = 4096;
/** In milliseconds. */
const POLL_INTERVAL = 5;
const LINE_FEED = 10;

/** A command of the other side, while its bytes lie in secret memory. */
export interface Command {
  readonly args: readonly string[];
  /** The text of its body: base64 in lines. Detached when the handler returns. */
  readonly text: View;
}

/**
 * What the other side does wrong: it says no stanza, too much at once, too many of them, ends before it is done, or lets
 * the time run out.
 */
export type PeerFault = "malformed" | "large" | "endless" | "ended" | "late";

/** The other side of a dialogue. */
export interface Peer {
  /**
   * Takes what is there, at most as much as `bytes` has room for. Where nothing is there it may wait: a dialogue asks only while a
   * line is not whole.
   *
   * @returns how many bytes came, at least 1
   */
  read(bytes: View): number | "nothing" | "end";
  /** @returns how many bytes were taken, from the first one on */
  write(bytes: View): number;
  /** The error of a fault, with what the caller can do. */
  failed(fault: PeerFault): LetheError;
}

/** What bounds a dialogue, so that it ends. */
export interface DialogueLimits {
  /** Milliseconds. */
  readonly timeout: number;
  /** How many commands the other side may give. */
  readonly mostCommands: number;
}

/**
 * Talks by stanzas (C2SP age-plugin, "IPC protocol"). What the other side says goes from the kernel into
 * secret memory, and what it is told goes from there. Each wait that does not block ends with the time of the dialogue.
 */
export class Dialogue {
  readonly #secrets: Secrets;
  readonly #peer: Peer;
  readonly #room: SecretBuffer;
  readonly #deadline: number;
  readonly #mostCommands: number;
  #filled = 0;
  #commands = 0;
  #sinceTurn = 0;
  #taken = 0;
  /** Where the line begins that is looked at. */
  #line = 0;

  constructor(secrets: Secrets, peer: Peer, { timeout, mostCommands }: DialogueLimits) {
    this.#secrets = secrets;
    this.#peer = peer;
    this.#room = secrets.allocate(ROOM_BYTES);
    this.#deadline = monotonicNow() + timeout;
    this.#mostCommands = mostCommands;
  }

  end(): void {
    this.#room.destroy();
  }

  /** Sends public arguments and, base64, a body that may be secret. */
  async send(args: readonly string[], body: SecretBuffer | Uint8Array = NOTHING): Promise<void> {
    const head = toBytes(`-> ${args.join(" ")}\n`);
    const length = UNPADDED_BASE64.encodedLength(lengthOfMessage(body));
    const lines = Math.floor(length / COLUMNS) + 1;
    await this.#sendMessage(head.length + length + lines, (target) => {
      target.set(head);
      lend([body], (bytes) => encodeLines(bytes, within(target, head.length), length));
    });
  }

  /** Sends a command with an argument that may be secret, and no body. */
  async sendLine(command: string, argument: SecretBuffer): Promise<void> {
    const head = toBytes(`-> ${command} `);
    const length = head.length + argument.byteLength;
    await this.#sendMessage(length + 2, (target) => {
      target.set(head);
      lend([argument], (bytes) => copyBytes(target, bytes, head.length));
      target.fill(LINE_FEED, length);
    });
  }

  async #sendMessage(byteLength: number, write: (target: View) => void): Promise<void> {
    const message = born(this.#secrets, byteLength, write);
    try {
      for (let sent = 0; ; ) {
        checkLive(message, VERB);
        sent += message.expose((bytes) => this.#peer.write(within(bytes as View, sent)));
        if (sent === byteLength) return;
        this.#checkTime();
        await pause(POLL_INTERVAL);
      }
    } finally {
      message.destroy();
    }
  }

  /** Waits for the next command and lends it to `handle`. */
  async next<T>(handle: (command: Command) => T): Promise<T> {
    this.#commands += 1;
    if (this.#commands > this.#mostCommands) throw this.#peer.failed("endless");
    for (;;) {
      checkLive(this.#room, VERB);
      const end = this.#room.expose((page) => this.#find(within(page as View, 0, this.#filled)));
      if (end < 0) throw this.#peer.failed("malformed");
      if (end > 0) return this.#take(end, handle);
      if (this.#filled === ROOM_BYTES) throw this.#peer.failed("large");
      const outcome = this.#room.modify((page) => this.#fill(page));
      if (outcome === "end") throw this.#peer.failed("ended");
      this.#checkTime();
      if (outcome !== "some") await pause(outcome === "nothing" ? POLL_INTERVAL : 0);
    }
  }

  #checkTime(): void {
    if (monotonicNow() < this.#deadline) return;
    throw this.#peer.failed("late");
  }

  /**
   * Where the stanza ends that `bytes` begin with; 0: there are too few yet; -1: they begin with none. It goes on at the
   * line in which it stopped.
   */
  #find(bytes: View): number {
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, this.#line);
      const isFirst = this.#line === 0;
      if (isFirst && (bytes.length >= 3 || end >= 0) && !beginsStanza(bytes)) return -1;
      if (end < 0) return 0;
      const length = end - this.#line;
      if (!isFirst && length > COLUMNS) return -1;
      if (!isFirst && length < COLUMNS) return end + 1;
      this.#line = end + 1;
    }
  }

  /** No more than a line from what gives single bytes, so that it is not asked for one that is not said. `turn`: others wait. */
  #fill(page: View): "some" | "turn" | "nothing" | "end" {
    for (let isFirst = true; this.#filled < page.length; isFirst = false) {
      if (this.#sinceTurn >= BYTES_PER_TURN) {
        this.#sinceTurn = 0;
        return "turn";
      }
      const end = Math.min(page.length, this.#filled + BYTES_PER_TURN);
      const outcome = this.#peer.read(within(page, this.#filled, end));
      if (typeof outcome === "string") return isFirst ? outcome : "some"; // what came before the end counts
      this.#sinceTurn += outcome;
      this.#taken += outcome;
      this.#filled += outcome;
      if (this.#taken > MOST_BYTES) throw this.#peer.failed("endless");
      if (outcome > 1 || page[this.#filled - 1] === LINE_FEED) break;
    }
    return "some";
  }

  #take<T>(end: number, handle: (command: Command) => T): T {
    return this.#room.modify((page) => {
      const first = page.indexOf(LINE_FEED);
      try {
        const args = this.#argumentsOf(within(page, 0, first));
        return handle({ args, text: within(page, first + 1, end) });
      } finally {
        page.copyWithin(0, end, this.#filled);
        page.fill(0, this.#filled - end, this.#filled);
        this.#filled -= end;
        this.#line = 0;
      }
    });
  }

  #argumentsOf(line: View): Command["args"] {
    try {
      return argumentsOf(line);
    } catch (error) {
      if (!(error instanceof LetheError)) throw error;
      throw this.#peer.failed("malformed");
    }
  }
}

const VERB = "use plugin";

const NOTHING: Uint8Array = new Uint8Array(0);

/** The bytes of a body of one line that holds so many, without a copy; false when it holds others. */
export function decodeSecretBody(text: View, target: View): boolean {
  const length = UNPADDED_BASE64.encodedLength(target.length);
  return text.length === length + 1 && UNPADDED_BASE64.decode(within(text, 0, length), target);
}

/** The bytes of a public body, or null when it is not canonical base64. */
export function decodePublicBody(text: View): View | null {
  const pieces: View[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(LINE_FEED, start);
    pieces.push(copyOf(within(text, start, end)));
    start = end + 1;
  }
  return fromBase64(joinAll(pieces));
}

/** Base64 in lines of 64, the last of which is not full. */
function encodeLines(bytes: Uint8Array, target: View, length: number): void {
  const text = within(target, 0, length);
  UNPADDED_BASE64.encode(bytes, text);
  for (let line = Math.floor(length / COLUMNS); line > 0; line--) {
    const at = line * COLUMNS;
    target.copyWithin(at + line, at, Math.min(length, at + COLUMNS));
    target[at + line - 1] = LINE_FEED;
  }
  target[target.length - 1] = LINE_FEED;
}
