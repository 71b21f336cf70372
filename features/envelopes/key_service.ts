import type { LetheError } from "../../core/contract/errors.ts";
import { disposable } from "../../core/dispose.ts";
import { redact } from "../../core/redact.ts";
import type { View } from "./bytes.ts";

/** What a key service does with bytes that are ciphertext already. Nobody reaches it but {@link doubled}. */
export interface KeyServiceCalls {
  /** Whether its answers name the version of the key. */
  readonly hasVersions: boolean;
  /** The most bytes that it encrypts. */
  readonly mostBytes: number;
  /** @throws {LetheError} whose message quotes nothing that was sent */
  encrypt(bytes: View): Promise<{ readonly body: View; readonly version: string | null }>;
  /**
   * @returns the bytes; or an error where the service says that it did not encrypt this: another stanza may be
   * of it
   * @throws {LetheError} whose message quotes nothing that was sent
   */
  decrypt(body: View, version: string | null): Promise<View | LetheError>;
  /** Ends requests and destroys credentials. */
  destroy(): void;
}

/** What a service says of itself. */
interface KeyServiceParts extends KeyServiceCalls {
  readonly name: string;
  readonly version: string | null;
  readonly residue: string | null;
}

/**
 * A key of a service on the network. The one thing that can be done with it is to pass it to `doubled` as the outer
 * side: it has no method that takes bytes, so that it never gets any but ciphertext. It is neither a recipient nor
 * an identity.
 *
 * `lethe/key-services` opens them.
 */
export interface KeyService extends Disposable {
  /** Which key of which service it is. Public: it stands in envelopes. */
  readonly name: string;
  /** The version that it encrypts with, where that was fixed; null: the service chooses, or has none. */
  readonly version: string | null;
  /** What a call leaves in memory. Of file keys nothing; credentials become headers, which are strings. */
  readonly residue: string | null;
  /**
   * Ends requests that are under way and destroys the copies of credentials. Repeating it does nothing; it never throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openTransitService } from "lethe/key-services";
   *
   * const secrets = openSecrets();
   * const token = secrets.encode(secrets.random(24), "base64url"); // a real one comes from lethe/sources
   * const address = "https://vault.example:8200";
   * const service = openTransitService(secrets, { address, key: "envelopes", token });
   * service.destroy();
   * ```
   */
  destroy(): void;
}

/** A {@link KeyService} of this copy of Lethe. */
export class HeldKeyService implements KeyService {
  readonly #parts: KeyServiceParts;

  constructor(parts: KeyServiceParts) {
    this.#parts = parts;
    Object.freeze(this);
  }

  /** What it does; null for what is none of this class, which no other object can claim. */
  static callsOf(value: unknown): KeyServiceCalls | null {
    return typeof value === "object" && value !== null && #parts in value ? value.#parts : null;
  }

  get name(): string {
    return this.#parts.name;
  }

  get version(): string | null {
    return this.#parts.version;
  }

  get residue(): string | null {
    return this.#parts.residue;
  }

  destroy(): void {
    this.#parts.destroy();
  }

  declare [Symbol.dispose]: () => void;
}

disposable(HeldKeyService, (service) => service.destroy());
redact(HeldKeyService, ({ name }) => `[KeyService ${name}]`);
