import { isArgumentError } from "../../../core/argument_error.ts";
import { LetheError } from "../../../core/mod.ts";
import { tryAll } from "../../../core/try_all.ts";
import type { PromptSecret } from "../../terminal/mod.ts";
import type { Channel } from "../channel/channel.ts";
import { channelError } from "../protocol/channel_error.ts";
import { type Message, MessageWriter, readMessage } from "../protocol/message.ts";
import type { OperationName } from "../protocol/operation_names.ts";
import { Outbox } from "../protocol/outbox.ts";
import type { Page } from "../protocol/page.ts";
import { type Arrival, Session } from "../protocol/session.ts";
import type { Tools } from "../protocol/tools.ts";
import type { Vault } from "../vault/vault.ts";
import { openPage } from "../vault/workspace.ts";
import type { Handler } from "./desk.ts";
import * as keeping from "./keeping.ts";
import * as passwords from "./passwords.ts";
import * as using from "./using.ts";

/** What the program around the server does for it. */
export interface ServerHost {
  readonly prompt: PromptSecret;
  /** Makes the vault, as the application asks for, and the report about it. */
  open(fields: Message["fields"], page: Page): { readonly vault: Vault; readonly report: string };
  status(vault: Vault): string;
  /** Everything is wiped; the process is to end. */
  over(): void;
}

const HANDLERS: Readonly<Partial<Record<OperationName, Handler>>> = {
  put: keeping.put,
  prompt: keeping.prompt,
  generate: keeping.generate,
  expose: keeping.expose,
  delete: keeping.remove,
  sign: using.sign,
  hmac: using.hmac,
  encrypt: using.encrypt,
  decrypt: using.decrypt,
  derive: using.derive,
  equals: using.equals,
  hashPassword: passwords.hashPassword,
  verifyPassword: passwords.verifyPassword,
};

/** Calls that wait for a person or for Argon2id; what comes beyond is refused. */
const MOST_WAITING = 64;

/** The custodian's end of the channel: requests in, answers out, in any order. */
export class Server {
  readonly #tools: Tools;
  readonly #channel: Channel;
  readonly #host: ServerHost;
  readonly #session: Session;
  readonly #writer = new MessageWriter();
  readonly #outbox = new Outbox();
  /** The channel's keys, the vault's and the secret in use: opened once for all that came together. */
  readonly #page: Page;
  #vault: Vault | null = null;
  #waiting = 0;
  #over = false;

  constructor(tools: Tools, channel: Channel, host: ServerHost) {
    this.#tools = tools;
    this.#channel = channel;
    this.#host = host;
    this.#page = openPage(tools);
    this.#session = new Session("custodian", tools, this.#page);
    channel.listen({
      data: (bytes) => this.#receive(bytes),
      drained: () => channel.resume(),
      ended: () => this.end(),
    });
    channel.write(this.#session.greeting);
  }

  /** Wipes everything and tells the host. Idempotent. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    try {
      this.wipe();
    } finally {
      this.#channel.close();
      this.#host.over();
    }
  }

  /** Destroys every key and secret, also when the end of one fails; what is asked afterwards fails. */
  wipe(): void {
    tryAll([
      () => this.#session.end(),
      () => this.#vault?.destroy(),
      () => this.#tools.secrets[Symbol.dispose](),
    ]);
  }

  /**
   * One turn: what came is opened, answered and sealed with the page opened once. It is closed after
   * the answers were written, which are sealed by then as each secret is wiped: the application goes on
   * meanwhile. Nothing but this program runs between the two.
   */
  #receive(bytes: Uint8Array): void {
    const take = (): void => {
      this.#session.receive(bytes, this.#deliver);
      this.#flush();
    };
    try {
      if (this.#vault === null) take();
      else this.#vault.batch(take);
    } catch (error) {
      // An honest peer does not cause it, and another one is told nothing. A bug ends likewise.
      this.end();
      if (!(error instanceof LetheError)) throw error;
    }
  }

  readonly #deliver = (meta: Uint8Array, arrival: Arrival | null): void =>
    this.#take(readMessage(meta), arrival);

  #take(request: Message, arrival: Arrival | null): void {
    if (request.kind !== "request") throw channelError("a custodian is only asked");
    const vault = this.#vault;
    if (request.operation === "open") this.#open(request);
    else if (vault === null) throw channelError("it was not opened");
    else if (request.operation === "close") this.#close(request);
    else if (request.operation === "status") {
      this.#send({ ...request, kind: "response", fields: { report: this.#host.status(vault) } });
    } else this.#handle(request, arrival, vault);
  }

  #open(request: Message): void {
    if (this.#vault !== null) throw channelError("it was opened twice");
    try {
      const { vault, report } = this.#host.open(request.fields, this.#page);
      this.#vault = vault;
      this.#send({ ...request, kind: "response", fields: { report } });
    } catch (error) {
      this.#refuse(request, error);
    }
  }

  /** The process ends when the application has heard that and closed the channel. */
  #close(request: Message): void {
    this.#send({ ...request, kind: "response", fields: {} });
    this.#flush();
    this.wipe();
  }

  #handle(request: Message, arrival: Arrival | null, vault: Vault): void {
    const { secrets, engine } = this.#tools;
    const { fields, operation } = request;
    const reply = (answer: Message["fields"], secret?: Uint8Array): void =>
      this.#send({ ...request, kind: "response", fields: answer }, secret);
    try {
      if (this.#waiting >= MOST_WAITING) throw crowded();
      const desk = { vault, secrets, engine, prompt: this.#host.prompt };
      const later = HANDLERS[operation]?.(desk, { fields, arrival, reply });
      if (later !== undefined) this.#await(request, later);
    } catch (error) {
      if (isChannelError(error)) throw error;
      this.#refuse(request, error);
    }
  }

  #await(request: Message, later: Promise<void>): void {
    this.#waiting += 1;
    later
      .catch((error) => this.#refuse(request, error))
      .then(() => this.#flush())
      .catch(() => this.end())
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  #refuse(request: Message, error: unknown): void {
    this.#send({ ...request, kind: "refusal", fields: refusalOf(error) });
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

/** What the application is told. Another library's words are not: they may quote what it was given. */
function refusalOf(error: unknown): Message["fields"] {
  if (error instanceof LetheError) return { code: error.code, message: error.message };
  if (isArgumentError(error)) return { code: error.name, message: error.message };
  return { code: "ERR_LETHE_CUSTODIAN", message: "Cannot do that: the custodian failed at it" };
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
