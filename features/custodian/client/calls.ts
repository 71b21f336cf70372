import { outOfRange, wrongType } from "../../../core/arguments/argument_error.ts";
import { checkLive } from "../../../core/check_live.ts";
import { LetheError, type LetheErrorCode, type SecretBuffer } from "../../../core/mod.ts";
import { atTurnsEnd } from "../../../system/timers.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelContext } from "../protocol/channel_context.ts";
import { channelError } from "../protocol/channel_error.ts";
import type { Fields } from "../protocol/fields.ts";
import { type Message, MessageWriter, readMessage } from "../protocol/message.ts";
import type { OperationName } from "../protocol/operation_names.ts";
import { Outbox } from "../protocol/outbox.ts";
import { type Arrival, ChannelSession } from "../protocol/session.ts";

/** One question, and what is done with its answer. */
export interface Call<T> {
  readonly operation: OperationName;
  readonly fields: Fields;
  /** Sealed when its turn comes, and never changed. */
  readonly secret: SecretBuffer | undefined;
  /** Takes the answer; an arrival is to be opened before it returns. */
  answer(fields: Fields, arrival: Arrival | null): T | Promise<T>;
}

interface Pending extends Call<unknown> {
  readonly id: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Who has the process at the other end. */
export interface CallsOwner {
  /** The channel is gone. The owner is to `fail` these calls, once it knows why. */
  closed(): void;
  /** Told once, when the calls have failed. */
  lost(error: unknown): void;
}

/** Calls that are under way at a time; more wait here, in order. */
const WINDOW = 128;
/** Calls that may wait. */
const MOST_WAITING = 65_536;

/** The application's end of the channel: calls in, promises out. */
export class Calls {
  readonly #session: ChannelSession;
  readonly #channel: Channel;
  readonly #writer = new MessageWriter();
  readonly #outbox = new Outbox();
  readonly #waiting: Pending[] = [];
  readonly #asked = new Map<number, Pending>();
  readonly #owner: CallsOwner;
  #nextId = 0;
  #scheduled = false;
  #blocked = false;
  #failure: unknown = null;

  constructor(context: ChannelContext, channel: Channel, owner: CallsOwner) {
    this.#session = new ChannelSession("application", context);
    this.#channel = channel;
    this.#owner = owner;
    channel.listen({
      data: (bytes) => this.#receive(bytes),
      drained: () => {
        this.#blocked = false;
        this.#flush();
      },
      ended: () => {
        this.#session.end();
        if (this.#failure === null) this.#owner.closed();
      },
    });
    channel.write(this.#session.greeting);
  }

  /** Calls without an answer yet. */
  get pending(): number {
    return this.#asked.size + this.#waiting.length;
  }

  /** @param make what it throws rejects the promise, as everything else does */
  ask<T>(make: () => Call<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { operation, fields, secret, answer } = make();
      if (this.#failure !== null) throw this.#failure;
      if (this.#waiting.length >= MOST_WAITING) {
        throw new LetheError(
          "ERR_LETHE_EXHAUSTED",
          `Cannot ask custodian: ${MOST_WAITING} calls wait already; await some of them first`,
        );
      }
      const id = this.#nextId;
      this.#nextId = (id + 1) % 2 ** 32;
      const call: Pending = { id, operation, fields, secret, answer, resolve, reject } as Pending;
      this.#waiting.push(call);
      if (this.pending === 1) this.#channel.hold(true);
      this.#schedule();
    });
  }

  /** Ends the session, and every call with `error`. Idempotent. */
  fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#session.end();
    this.#channel.close();
    for (const { reject } of [...this.#asked.values(), ...this.#waiting.splice(0)]) reject(error);
    this.#asked.clear();
    this.#owner.lost(error);
  }

  /** Once for all calls of a turn, whatever promises they came from. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    atTurnsEnd(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    this.#flush();
  };

  #flush(): void {
    if (this.#session.state !== "open" || this.#blocked || this.#waiting.length === 0) return;
    try {
      this.#session.batch(this.#sealWaiting);
    } catch (error) {
      this.#lose(error);
      return;
    }
    const frames = this.#outbox.take();
    if (frames !== null) this.#blocked = !this.#channel.write(frames);
  }

  readonly #sealWaiting = (): void => {
    while (this.#asked.size < WINDOW) {
      const call = this.#waiting.shift();
      if (call === undefined) return;
      if (this.#seal(call)) this.#asked.set(call.id, call);
    }
  };

  /** @returns false when the call cannot be sent; it is told so, and the others go on */
  #seal({ id, operation, fields, secret, reject }: Pending): boolean {
    try {
      const meta = this.#writer.write({ kind: "request", id, operation, fields });
      const { room } = this.#outbox;
      if (secret === undefined) this.#session.seal(meta, null, room);
      else {
        checkLive(secret, "ask custodian", "its secret was destroyed before it was sent");
        secret.expose((bytes) => this.#session.seal(meta, bytes, room));
      }
      return true;
    } catch (error) {
      reject(error);
      return false;
    }
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.#session.receive(bytes, this.#deliver);
      this.#flush();
      if (this.pending === 0) this.#channel.hold(false);
    } catch (error) {
      this.#lose(error);
    }
  }

  #lose(error: unknown): void {
    this.fail(purged(error) ? ended("the keys of its channel were purged here") : error);
  }

  readonly #deliver = (meta: Uint8Array, arrival: Arrival | null): void =>
    this.#take(readMessage(meta), arrival);

  #take({ kind, id, operation, fields }: Message, arrival: Arrival | null): void {
    const call = this.#asked.get(id);
    if (kind === "request" || call === undefined || call.operation !== operation) {
      throw channelError("an answer arrived that belongs to no request");
    }
    this.#asked.delete(id);
    if (kind === "refusal") {
      call.reject(refused(fields));
      return;
    }
    try {
      const answer = call.answer(fields, arrival);
      // Given to `resolve`, a promise would be asked for its value two turns of the queue later.
      if (answer instanceof Promise) answer.then(call.resolve, call.reject);
      else call.resolve(answer);
    } catch (error) {
      call.reject(error);
    }
  }
}

/** The error that a custodian's program had, as one of this process. */
function refused({ code = "", message = "Cannot do that" }: Fields): Error {
  if (code === "RangeError") return outOfRange(message);
  if (code === "TypeError") return wrongType(message);
  return new LetheError(code as LetheErrorCode, message);
}

function purged(error: unknown): boolean {
  return error instanceof LetheError && error.code === "ERR_LETHE_DESTROYED";
}

export function ended(reason: string): LetheError {
  return new LetheError(
    "ERR_LETHE_CUSTODIAN",
    `Cannot reach custodian: ${reason}; its secrets are gone, open another one`,
  );
}
