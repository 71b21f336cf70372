// What the doubles of services have in common: an HTTP server on loopback, and ways to go wrong.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came. */
export interface Came {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What is answered. */
export interface Given {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * How the next answers go wrong. `hang`: none. `half`: cut. `reset`: the connection ends before it. `text`: of another type. `redirect`:
 * to another path. `long`: without an end. A function changes a good answer.
 */
export type Trouble =
  | "hang"
  | "half"
  | "half body"
  | "reset"
  | "text"
  | "redirect"
  | "long"
  | Given
  | ((good: Given) => Given);

/** A server that answers by `answer`, unless it was told to go wrong. */
export class HttpDouble {
  readonly came: Came[] = [];
  /** For the next requests, one each; null: none. */
  readonly troubles: (Trouble | null)[] = [];
  /** For every request behind those. */
  trouble: Trouble | null = null;
  /** Where it depends on the request. */
  troubleOf: (came: Came) => Trouble | null = () => null;
  readonly type: string = "application/json";
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forgets what came, and goes right again. */
  clear(): void {
    this.came.length = 0;
    this.troubles.length = 0;
    this.trouble = null;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The published protocol. */
  answer(_came: Came): Given {
    return { status: 404, body: {} };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const { method = "", url = "", headers } = request;
    const came = {
      method,
      path: url,
      headers: headers as Came["headers"],
      body: Buffer.concat(pieces),
    };
    this.came.push(came);
    const next = this.troubles.length > 0 ? (this.troubles.shift() ?? null) : this.trouble;
    const trouble = next ?? this.troubleOf(came);
    if (trouble === "hang") return;
    if (trouble === "reset") return void request.socket.destroy();
    if (trouble === "redirect") {
      return void response.writeHead(307, { location: `${this.address}/other` }).end();
    }
    if (trouble === "long") return this.#pour(response);
    const good = this.answer(came);
    const {
      status,
      body,
      headers: more,
    } = typeof trouble === "function"
      ? trouble(good)
      : typeof trouble === "object" && trouble !== null
        ? trouble
        : good;
    const text = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    const type = trouble === "text" ? "text/html" : this.type;
    const length = trouble === "half" ? text.length + 10 : text.length;
    const sent =
      trouble === "half" || trouble === "half body" ? text.subarray(0, text.length >> 1) : text;
    if (trouble === "half body")
      response.writeHead(status, { "content-type": type, ...more }).end(sent);
    else {
      response.writeHead(status, { "content-type": type, "content-length": length, ...more });
      response.write(sent, () => (trouble === "half" ? request.socket.destroy() : response.end()));
    }
  }

  #pour(response: ServerResponse): void {
    response.writeHead(200, { "content-type": this.type });
    const pour = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20))) {
        // until the socket is full
      }
      if (!response.destroyed) response.once("drain", pour);
    };
    pour();
  }
}

/** Fields that an API does not have, or that it must have and that are not there. */
export function fieldsFault(
  body: Readonly<Record<string, unknown>>,
  must: readonly string[],
  may: readonly string[],
): string | null {
  const extra = Object.keys(body).filter((name) => ![...must, ...may].includes(name));
  const missing = must.filter((name) => !(name in body));
  return extra.length + missing.length === 0 ? null : `unknown ${extra}, missing ${missing}`;
}

/** Canonical padded base64, else null. */
export function base64Of(value: unknown): Buffer | null {
  if (typeof value !== "string") return null;
  const bytes = Buffer.from(value, "base64");
  return bytes.toString("base64") === value ? bytes : null;
}

/** AES-256-GCM with the nonce in front. */
export function gcmSeal(key: Buffer, plaintext: Buffer, additional: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(additional);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The reverse; null when it is not authentic. */
export function gcmOpen(key: Buffer, sealed: Buffer, additional: Buffer): Buffer | null {
  if (sealed.length < 28) return null;
  const cipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12)).setAAD(additional);
  cipher.setAuthTag(sealed.subarray(-16));
  try {
    return Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]);
  } catch {
    return null;
  }
}
