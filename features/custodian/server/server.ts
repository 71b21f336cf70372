import { LetheError } from "../../../core/mod.ts";
import { tryAll } from "../../../core/try_all.ts";
import type { PromptSecret } from "../../prompt/types.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelContext } from "../protocol/channel_context.ts";
import { channelError } from "../protocol/channel_error.ts";
import { MOST_SECRETS } from "../protocol/limits.ts";
import { type Message, MessageWriter, readMessage } from "../protocol/message.ts";
import type { OperationName } from "../protocol/operation_names.ts";
import { Outbox } from "../protocol/outbox.ts";
import { type Arrival, ChannelSession } from "../protocol/session.ts";
import type { SharedRegion } from "../protocol/shared_region.ts";
import type { OwnEnd } from "../protocol/statuses.ts";
import type { CustodianVault } from "../vault/vault.ts";
import { openSharedRegion } from "../vault/workspace.ts";
import { agree } from "./agreement.ts";
import * as crypto from "./crypto_handlers.ts";
import type { Guest } from "./guest.ts";
import type { Handler, Reply } from "./handler_context.ts";
import * as passwords from "./passwords.ts";
import { refusalOf } from "./refusal.ts";
import { statusPage } from "./status.ts";
import * as storage from "./storage_handlers.ts";

/** What the program around the server does for it. */
export interface ServerHost {
  readonly prompt: PromptSecret;
  /** Makes the vault, as the application asks for, and the report about it. */
  open(
    fields: Message["fields"],
    page: SharedRegion,
  ): { readonly vault: CustodianVault; readonly report: string };
  /** Makes the guest instead: a process has a vault or a guest, and never both. */
  openGuest(): Promise<{ readonly guest: Guest; readonly report: string }>;
  /** Everything is wiped; the process is to end, and its status to say how. */
  over(end: OwnEnd): void;
}

const HANDLERS: Readonly<Partial<Record<OperationName, Handler>>> = {
  put: storage.put,
  prompt: storage.prompt,
  withdraw: storage.withdraw,
  generate: storage.generate,
  expose: storage.expose,
  delete: storage.remove,
  sign: crypto.sign,
  hmac: crypto.hmac,
  verifyHmac: crypto.verifyHmac,
  encrypt: crypto.encrypt,
  decrypt: crypto.decrypt,
  isAuthentic: crypto.isAuthentic,
  derive: crypto.derive,
  agree,
  equals: crypto.equals,
  hashPassword: passwords.hashPassword,
  verifyPassword: passwords.verifyPassword,
};

/** Operations that wait, for a person or for Argon2id; what comes beyond so many is refused. */
const WAITING: ReadonlySet<OperationName> = new Set(["prompt", "hashPassword", "verifyPassword"]);
const MOST_WAITING = 64;

/** The custodian's end of the channel: requests in, answers out, in any order. */
export class Server {
  readonly #context: ChannelContext;
  readonly #channel: Channel;
  readonly #host: ServerHost;
  readonly #session: ChannelSession;
  readonly #writer = new MessageWriter();
  readonly #outbox = new Outbox();
  /** The channel's keys, the vault's and the secret in use: opened once for all that came together. */
  readonly #region: SharedRegion;
  readonly #prompts = new Set<AbortController>();
  #vault: CustodianVault | null = null;
  #guest: Guest | null = null;
  #isOpened = false;
  #waiting = 0;
  #wiped = false;
  #over = false;

  constructor(context: ChannelContext, channel: Channel, host: ServerHost) {
    this.#context = context;
    this.#channel = channel;
    this.#host = host;
    this.#region = openSharedRegion(context);
    this.#session = new ChannelSession("custodian", context, this.#region);
    channel.listen({
      data: (bytes) => this.#receive(bytes),
      drained: () => channel.resume(),
      ended: () => this.end("closed"),
    });
    channel.write(this.#session.greeting);
  }

  /** Wipes everything and tells the host. Idempotent. */
  end(how: OwnEnd): void {
    if (this.#over) return;
    this.#over = true;
    try {
      this.wipe();
    } finally {
      this.#channel.close();
      this.#host.over(how);
    }
  }

  /** Destroys every key and secret, also when the end of one fails; what is asked afterwards fails. */
  wipe(): void {
    this.#wiped = true;
    tryAll([
      () => this.#session.end(),
      () => this.#vault?.destroy(),
      () => this.#guest?.destroy(),
      () => this.#context.secrets[Symbol.dispose](),
    ]);
  }

  /**
   * One turn: what came is opened, answered and sealed with the page opened once. It is closed after
   * the answers were written, which are sealed by then as each secret is wiped: the application goes on
   * meanwhile. Nothing but this program runs between the two.
   */
  #receive(bytes: Uint8Array): void {
    if (this.#wiped) return; // what was under way when it was closed
    const take = (): void => {
      this.#session.receive(bytes, this.#deliver);
      this.#flush();
    };
    try {
      if (this.#vault === null) take();
      else this.#vault.batch(take);
    } catch (error) {
      // A request that fails is refused, and nothing else. What gets here is a peer that is none, which is
      // told nothing, or a fault of this program.
      this.end(isChannelError(error) ? "refused" : "failed");
    }
  }

  readonly #deliver = (meta: Uint8Array, arrival: Arrival | null): void =>
    this.#take(readMessage(meta), arrival);

  #take(request: Message, arrival: Arrival | null): void {
    if (request.kind !== "request")
      throw channelError("the application sent an answer, and a custodian takes only requests");
    const [vault, guest] = [this.#vault, this.#guest];
    const { operation, fields } = request;
    if (operation === "open") {
      if (this.#isOpened) throw channelError("it was opened twice");
      this.#isOpened = true;
      this.#answer(request, (reply) => this.#open(fields, reply));
    } else if (vault === null && guest === null) throw channelError("it was not opened");
    else if (operation === "close") this.#close(request);
    else if ((operation === "guest") !== (guest !== null))
      throw channelError("it is of another kind");
    else if (guest !== null) {
      this.#answer(request, (reply) => guest.answer({ fields, arrival, reply }));
    } else if (vault !== null) {
      this.#answer(request, (reply) => this.#handle(request, arrival, vault, reply));
    }
  }

  /** Lets `answer` reply once, now or later. When that fails, the call is refused and the others go on. */
  #answer(request: Message, answer: (reply: Reply) => void | Promise<void>): void {
    let replied = false;
    const reply: Reply = (fields, secret) => {
      this.#send({ ...request, kind: "response", fields }, secret);
      replied = true;
    };
    const refuse = (error: unknown): void => {
      if (replied || isChannelError(error)) throw error; // a second answer is one that nobody asked for
      this.#send({ ...request, kind: "refusal", fields: refusalOf(error) });
    };
    try {
      const later = answer(reply);
      if (later !== undefined) this.#await(later, refuse);
    } catch (error) {
      refuse(error);
    }
  }

  #open(fields: Message["fields"], reply: Reply): void | Promise<void> {
    if (fields.type === "guest") return this.#openGuest(reply);
    const { vault, report } = this.#host.open(fields, this.#region);
    this.#vault = vault;
    reply({ report });
    return undefined;
  }

  async #openGuest(reply: Reply): Promise<void> {
    const { guest, report } = await this.#host.openGuest();
    if (this.#wiped) guest.destroy();
    this.#guest = guest;
    reply({ report });
  }

  /** The process ends when the application has heard that and closed the channel. */
  #close(request: Message): void {
    this.#send({ ...request, kind: "response", fields: {} });
    this.#flush();
    this.wipe();
  }

  #handle(
    { operation, fields }: Message,
    arrival: Arrival | null,
    vault: CustodianVault,
    reply: Reply,
  ): void | Promise<void> {
    if (operation === "status") {
      const { from = 0, most = MOST_SECRETS } = fields;
      reply({ report: statusPage(vault, from, most) });
      return undefined;
    }
    if (WAITING.has(operation) && this.#waiting >= MOST_WAITING) throw crowded();
    const { secrets, engine } = this.#context;
    const context = { vault, secrets, engine, prompt: this.#host.prompt, prompts: this.#prompts };
    return HANDLERS[operation]?.(context, { fields, arrival, reply });
  }

  #await(later: Promise<void>, refuse: (error: unknown) => void): void {
    this.#waiting += 1;
    later
      .catch(refuse)
      .then(() => this.#flush())
      .catch((error) => this.end(isChannelError(error) ? "refused" : "failed"))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  #send(message: Message, secret?: Uint8Array): void {
    if (this.#session.state !== "open") return;
    this.#session.seal(this.#writer.write(message), secret ?? null, this.#outbox.room);
  }

  #flush(): void {
    const frames = this.#outbox.take();
    if (frames !== null && !this.#channel.write(frames)) this.#channel.pause();
  }
}

function isChannelError(error: unknown): boolean {
  return error instanceof LetheError && error.code === "ERR_LETHE_CHANNEL";
}

function crowded(): LetheError {
  return new LetheError(
    "ERR_LETHE_EXHAUSTED",
    `Cannot ask custodian: ${MOST_WAITING} calls wait there already; await some of them first`,
  );
}
