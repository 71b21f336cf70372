import { bare, type Json } from "../../core/arguments/own.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { malformedStanza } from "../envelopes/refusal.ts";
import type { Answer } from "./answer.ts";
import { Asker } from "./asker.ts";
import { HeldCredential, wipeGiven } from "./credential.ts";
import { jsonBytes, type Said } from "./exchange.ts";
import type { KeyServiceVerb } from "./key_service_error.ts";
import type { KeyServiceSettings } from "./options.ts";

/** A service of which a request shows a token in one of its headers. */
interface TokenServiceParts {
  readonly name: string;
  readonly settings: KeyServiceSettings;
  readonly header: string;
  /** What stands before the token in it. */
  readonly prefix: string;
  /** Other headers that each request has. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is asked, as JSON. */
interface TokenQuestion<T> {
  readonly verb: KeyServiceVerb;
  readonly url: string;
  readonly what: Json;
  readonly read: (answer: Answer, said: Said) => T;
}

/** Asks a service with JSON and a token. */
export class TokenService {
  readonly #parts: TokenServiceParts;
  readonly #asker: Asker;
  readonly #token: HeldCredential;

  /** @throws {TypeError | RangeError} for a token that is none, which is then untouched */
  constructor(secrets: Secrets, token: unknown, verb: string, parts: TokenServiceParts) {
    this.#parts = parts;
    this.#token = new HeldCredential(secrets, token, verb, "token");
    wipeGiven(token);
    this.#asker = new Asker(parts.name, parts.settings);
  }

  destroy(): void {
    this.#asker.destroy();
    this.#token.destroy();
  }

  ask<T>({ verb, url, what, read }: TokenQuestion<T>): Promise<T> {
    const { name, header, prefix, headers } = this.#parts;
    return this.#asker.ask({
      question: { verb, url, body: jsonBytes(what), types: [TYPE] },
      send: (signal, use) =>
        this.#token.useText(signal, prefix, (text) =>
          use(bare({ "content-type": TYPE, accept: TYPE, ...headers, [header]: text })),
        ),
      read: (answer) => read(answer, { verb, name, status: answer.status }),
    });
  }
}

const TYPE = "application/json";

/** What a request with a token leaves. */
export const TOKEN_RESIDUE =
  "each request makes a string of the token, of which fetch keeps copies in this process, some three on Node.js and two on Deno and Bun: give one that ends soon, and can be revoked";

/** The number of a version, as services name it and as stanzas have it. */
export const VERSION: RegExp = /^[1-9]\d{0,9}$/;

/** @throws {LetheError} for a stanza that names no version */
export function checkVersion(version: string | null): asserts version is string {
  if (version === null || !VERSION.test(version)) throw malformedStanza("lethe/doubled");
}
