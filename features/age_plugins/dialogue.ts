import { UNPADDED_BASE64 } from "../../core/codec.ts";
import { isSecretBuffer, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { pause, wallClock } from "../../system/timers.ts";
import { fromBase64 } from "../envelopes/base64.ts";
import { copyOf, joined, type View, within } from "../envelopes/bytes.ts";
import { argumentsOf, beginsStanza, COLUMNS } from "../envelopes/stanza.ts";
import { failed, type RunningPlugin } from "./plugin_process.ts";

/** The longest stanza that is taken: its body is a wrapped key or a text for a person. */
const ROOM_BYTES = 65_536;
/** Commands of one dialogue, so that every dialogue ends. */
const MOST_COMMANDS = 10_000;
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
 * secret memory, and what it is told goes from there.
 */
export class Dialogue {
  readonly #secrets: Secrets;
  readonly #plugin: RunningPlugin;
  readonly #name: string;
  readonly #room: SecretBuffer;
  readonly #deadline: number;
  #filled = 0;
  #commands = 0;

  constructor(secrets: Secrets, plugin: RunningPlugin, name: string, timeout: number) {
    this.#secrets = secrets;
    this.#plugin = plugin;
    this.#name = name;
    this.#room = secrets.allocate(ROOM_BYTES);
    this.#deadline = wallClock() + timeout;
  }

  end(): void {
    this.#room.destroy();
    this.#plugin.end();
  }

  /** Sends public arguments and, base64, a body that may be secret. */
  send(args: readonly string[], body: SecretBuffer | Uint8Array = NOTHING): void {
    const head = new TextEncoder().encode(`-> ${args.join(" ")}\n`);
    const length = UNPADDED_BASE64.encodedLength(
      isSecretBuffer(body) ? body.byteLength : body.length,
    );
    const lines = Math.floor(length / COLUMNS) + 1;
    const message = this.#secrets.allocate(head.length + length + lines);
    const write = (bytes: Uint8Array): void =>
      message.modify((target) => {
        target.set(head);
        encodeLines(bytes, within(target, head.length), length);
        this.#plugin.input.write(target);
      });
    try {
      if (isSecretBuffer(body)) body.expose(write);
      else write(body);
    } finally {
      message.destroy();
    }
  }

  /** Sends a command with an argument that may be secret, and no body. */
  sendLine(command: string, argument: View): void {
    const head = new TextEncoder().encode(`-> ${command} `);
    const message = this.#secrets.allocate(head.length + argument.length + 2);
    try {
      message.modify((target) => {
        target.set(head);
        target.set(argument, head.length);
        target.fill(LINE_FEED, head.length + argument.length);
        this.#plugin.input.write(target);
      });
    } finally {
      message.destroy();
    }
  }

  /** Waits for the next command and lends it to `handle`. */
  async next<T>(handle: (command: Command) => T): Promise<T> {
    this.#commands += 1;
    if (this.#commands > MOST_COMMANDS) throw failed(this.#name, "it does not come to an end");
    for (;;) {
      const end = this.#room.expose((page) => endOfStanza(within(page as View, 0, this.#filled)));
      if (end < 0) throw failed(this.#name, "it says something that is no stanza; update it");
      if (end > 0) return this.#take(end, handle);
      if (this.#filled === ROOM_BYTES) throw failed(this.#name, "it says too much at once");
      const outcome = this.#room.modify((page) => this.#fill(page));
      if (outcome === "end") {
        throw failed(this.#name, "it ended early; run age with it by hand to see why");
      }
      if (outcome !== "nothing") continue;
      if (wallClock() >= this.#deadline) {
        throw failed(this.#name, "it was not done in time; touch its token, or raise timeout");
      }
      await pause(POLL_INTERVAL);
    }
  }

  #fill(page: View): "more" | "nothing" | "end" {
    for (let count = 0; count < BYTES_PER_TURN && this.#filled < page.length; count++) {
      const outcome = this.#plugin.output.read(page, this.#filled);
      if (outcome === "byte") this.#filled += 1;
      else return count > 0 ? "more" : outcome; // what came before the end counts
    }
    return "more";
  }

  #take<T>(end: number, handle: (command: Command) => T): T {
    return this.#room.modify((page) => {
      const first = page.indexOf(LINE_FEED);
      try {
        const args = argumentsOf(within(page, 0, first));
        return handle({ args, text: within(page, first + 1, end) });
      } finally {
        page.copyWithin(0, end, this.#filled);
        page.fill(0, this.#filled - end, this.#filled);
        this.#filled -= end;
      }
    });
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** Where the stanza ends that `bytes` begin with; 0: there are too few yet; -1: they begin with none. */
function endOfStanza(bytes: View): number {
  const first = bytes.indexOf(LINE_FEED);
  if (bytes.length >= 3 && !beginsStanza(bytes)) return -1;
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

/** The bytes of a public body, or null when it is no canonical base64. */
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
