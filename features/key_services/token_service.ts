import { bare, type Json } from "../../core/arguments/own.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { View } from "../envelopes/bytes.ts";
import { HeldKeyService, type KeyService } from "../envelopes/key_service.ts";
import { malformedStanza } from "../envelopes/refusal.ts";
import type { Answer } from "./answer.ts";
import { Asker } from "./asker.ts";
import { HeldCredential, wipeGiven } from "./credential.ts";
import { foreignOr, jsonBytes, type Said } from "./exchange.ts";
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
  /** Fields that each question has. */
  readonly bound: Json;
  /** What a good answer holds. @throws {KeyServiceError} for any other */
  readonly contentOf: (answer: Answer, said: Said) => Json;
}

/** What is asked, as JSON. */
interface TokenQuestion<T> {
  readonly verb: KeyServiceVerb;
  readonly url: string;
  readonly what: Json;
  readonly read: (content: Json, said: Said) => T;
}

/** A key of such a service. Its answers name versions. */
interface VersionedKey {
  /** The version to encrypt with; undefined: the service chooses. */
  readonly keyVersion: number | undefined;
  /** The most bytes that it encrypts. */
  readonly mostBytes: number;
  readonly encrypt: (bytes: View) => Promise<{ readonly body: View; readonly version: string }>;
  readonly decrypt: (body: View, version: string) => Promise<View>;
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
    const { name, header, prefix, headers, bound, contentOf } = this.#parts;
    return this.#asker.ask({
      question: { verb, url, body: jsonBytes({ ...what, ...bound }), types: [TYPE] },
      send: (signal, use) =>
        this.#token.useText(signal, prefix, (text) =>
          use(bare({ "content-type": TYPE, accept: TYPE, ...headers, [header]: text })),
        ),
      read(answer) {
        const said = { verb, name, status: answer.status };
        return read(contentOf(answer, said), said);
      },
    });
  }

  /** The service as it stands behind an identity. */
  keyService({ keyVersion, mostBytes, encrypt, decrypt }: VersionedKey): KeyService {
    return new HeldKeyService({
      name: this.#parts.name,
      version: keyVersion === undefined ? null : `${keyVersion}`,
      residue: RESIDUE,
      hasVersions: true,
      mostBytes,
      encrypt,
      decrypt(body, version) {
        if (version === null || !VERSION.test(version)) throw malformedStanza("lethe/doubled");
        return foreignOr(decrypt(body, version));
      },
      destroy: () => this.destroy(),
    });
  }
}

const TYPE = "application/json";

/** What a request with a token leaves. */
const RESIDUE =
  "each request makes a string of the token, of which fetch keeps copies in this process, some three on Node.js and two on Deno and Bun: give one that expires soon and can be revoked";

/** The number of a version, as services name it and as stanzas have it. */
export const VERSION: RegExp = /^[1-9]\d{0,9}$/;
