import { copyBytes } from "../../core/arguments/check_bytes.ts";
import { UNPADDED_BASE64 } from "../../core/codec.ts";
import { LetheError, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { pause, wallClock } from "../../system/timers.ts";
import { born, lend, lengthOfMessage } from "../crypto/lend.ts";
import { fromBase64, toBytes } from "../envelopes/base64.ts";
import { copyOf, joined, type View, within } from "../envelopes/bytes.ts";
import { checkLive } from "../envelopes/refusal.ts";
import { argumentsOf, beginsStanza, COLUMNS } from "../envelopes/stanza.ts";
import { failed, type RunningPlugin } from "./plugin_process.ts";

/** The longest stanza that is taken: its body is a wrapped key or a text for a person. */
const ROOM_BYTES = 65_536;
/** Commands of one dialogue, so that every dialogue ends. */
const MOST_COMMANDS = 10_000;
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
 * Talks with a plugin by stanzas (C2SP age-plugin, "IPC protocol"). What it says goes byte by byte from the kernel into
 * secret memory, and what it is told goes from there. Each wait ends with the time of the dialogue.
 */
export class Dialogue {
  readonly #secrets: Secrets;
  readonly #plugin: Pick<RunningPlugin, "read" | "write">;
  readonly #name: string;
  readonly #room: SecretBuffer;
  readonly #deadline: number;
  #filled = 0;
  #commands = 0;

  constructor(
    secrets: Secrets,
    plugin: Pick<RunningPlugin, "read" | "write">,
    name: string,
    timeout: number,
  ) {
    this.#secrets = secrets;
    this.#plugin = plugin;
    this.#name = name;
    this.#room = secrets.allocate(ROOM_BYTES);
    this.#deadline = wallClock() + timeout;
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
        sent += message.expose((bytes) => this.#plugin.write(within(bytes as View, sent)));
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
    if (this.#commands > MOST_COMMANDS)
      throw failed(this.#name, `it does not come to an end; ${UPDATE}`);
    for (;;) {
      checkLive(this.#room, VERB);
      const end = this.#room.expose((page) => endOfStanza(within(page as View, 0, this.#filled)));
      if (end < 0) throw failed(this.#name, `it sent something that is not a stanza; ${UPDATE}`);
      if (end > 0) return this.#take(end, handle);
      if (this.#filled === ROOM_BYTES)
        throw failed(this.#name, `it says too much at once; ${UPDATE}`);
      const outcome = this.#room.modify((page) => this.#fill(page));
      if (outcome === "end") {
        throw failed(this.#name, "it ended early; run age with it by hand to see why");
      }
      this.#checkTime();
      if (outcome !== "some") await pause(outcome === "nothing" ? POLL_INTERVAL : 0);
    }
  }

  #checkTime(): void {
    if (wallClock() < this.#deadline) return;
    throw failed(this.#name, "it did not answer in time; touch its token, or raise timeout");
  }

  /** `turn`: there may be more, and others wait. */
  #fill(page: View): "some" | "turn" | "nothing" | "end" {
    for (let count = 0; count < BYTES_PER_TURN && this.#filled < page.length; count++) {
      const outcome = this.#plugin.read(page, this.#filled);
      if (outcome === "byte") this.#filled += 1;
      else return count > 0 ? "some" : outcome; // what came before the end counts
    }
    return "turn";
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
      }
    });
  }

  #argumentsOf(line: View): Command["args"] {
    try {
      return argumentsOf(line);
    } catch (error) {
      if (!(error instanceof LetheError)) throw error;
      throw failed(this.#name, `it sent something that is not a stanza; ${UPDATE}`);
    }
  }
}

const VERB = "use plugin";
const UPDATE = "update it";

const NOTHING: Uint8Array = new Uint8Array(0);

/** Where the stanza ends that `bytes` begin with; 0: there are too few yet; -1: they begin with none. */
function endOfStanza(bytes: View): number {
  const first = bytes.indexOf(LINE_FEED);
  if ((bytes.length >= 3 || first >= 0) && !beginsStanza(bytes)) return -1;
  if (first < 0) return 0;
  for (let start = first + 1; ; ) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0) return 0;
    if (end - start > COLUMNS) return -1;
    if (end - start < COLUMNS) return end + 1;
    start = end + 1;
  }
}

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
  return fromBase64(joined(...pieces));
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
