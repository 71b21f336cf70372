import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { isAbortSignal, type SignalLike } from "../../core/arguments/foreign.ts";
import { isOfAnotherCopy, kindOf } from "../../core/arguments/kind_of.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import { fetchAtLoad, isLoopback, parseUrl, permitted } from "../../system/permitted_fetch.ts";
import { copyOf, type View } from "../envelopes/bytes.ts";
import type { KeyServiceFetch } from "./fetch.ts";

/** How a service is asked. */
export interface KeyServiceOptions {
  /** The most milliseconds for one wrap or unwrap, with all that is repeated: from 100 to 2^31 - 1. Default: 10,000. */
  readonly timeout?: number;
  /**
   * How many times at most a request is repeated that had no answer, or one that says "not now": 0 to 10. It waits as long as `Retry-After` says,
   * where that is within `timeout`, and fails at once where it is not; without it some 0.1, 0.2, 0.4 seconds and so on.
   * Nothing else is repeated. To encrypt or decrypt twice does no harm. Default: 2.
   */
  readonly retries?: number;
  /** Ends every request of this service when it is aborted, with its reason. */
  readonly signal?: SignalLike;
  /**
   * A `fetch` that trusts a certificate authority of yours, or presents a client certificate: docs/stores.md has one for each
   * runtime. It sees the credential. Default: the platform's, as it was when Lethe was loaded.
   */
  readonly fetch?: KeyServiceFetch;
  /**
   * Whether an address may be `http://` on a loopback address, as for a Vault agent or an emulator. The credential then goes in plain
   * to the program that listens there, or to the proxy that HTTP_PROXY names: set NO_PROXY. Default: false.
   */
  readonly httpOnLoopback?: boolean;
}

/** The names of {@link KeyServiceOptions}. */
export const COMMON = ["timeout", "retries", "signal", "fetch", "httpOnLoopback"] as const;

/** The options with their defaults. */
export interface KeyServiceSettings {
  readonly timeout: number;
  readonly retries: number;
  readonly signal: SignalLike | undefined;
  readonly fetch: KeyServiceFetch;
}

/** @throws {TypeError | RangeError} naming the option */
export function checkCommon(given: KeyServiceOptions, verb: string): KeyServiceSettings {
  const { timeout = 10_000, retries = 2, signal } = given;
  checkInteger(timeout, verb, "timeout", 100, 2 ** 31 - 1);
  checkInteger(retries, verb, "retries", 0, 10);
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw wrongKind(`Cannot ${verb} as signal must be an AbortSignal`, signal);
  }
  const own = given.fetch;
  if (own !== undefined && typeof own !== "function") {
    throw wrongKind(`Cannot ${verb} as fetch must be a function`, own);
  }
  return { timeout, retries, signal, fetch: own ?? platformFetch(verb) };
}

function platformFetch(verb: string): KeyServiceFetch {
  if (typeof fetchAtLoad === "function") {
    return permitted(fetchAtLoad as KeyServiceFetch, (host) => new PermissionNeeded(host));
  }
  throw wrongType(`Cannot ${verb} as this runtime has no fetch: give one as an option`);
}

/** Deno would ask, and nothing was sent. */
export class PermissionNeeded extends Error {
  readonly host: string;

  constructor(host: string) {
    super(`it needs --allow-net=${host}`);
    this.host = host;
  }
}

/**
 * The origin of an address. What it says is not quoted: it might be a password.
 *
 * @throws {TypeError}
 */
export function checkAddress(
  address: unknown,
  verb: string,
  parameter: string,
  httpOnLoopback: unknown = false,
): string {
  if (typeof httpOnLoopback !== "boolean") {
    throw wrongType(
      `Cannot ${verb} as httpOnLoopback must be a boolean: it is ${kindOf(httpOnLoopback)}`,
    );
  }
  const url = typeof address === "string" ? parseUrl(address) : null;
  const isBare =
    url?.pathname === "/" && `${url.username}${url.password}${url.search}${url.hash}` === "";
  if (url === null || !isBare) {
    throw wrongType(
      `Cannot ${verb} as ${parameter} must be https://HOST or https://HOST:PORT without user, path or query`,
    );
  }
  if (url.protocol === "https:") return url.origin;
  if (url.protocol === "http:" && httpOnLoopback && isLoopback(url.hostname)) return url.origin;
  throw wrongType(
    `Cannot ${verb} as ${parameter} must have https: over http anybody on the way reads the credential; httpOnLoopback: true allows http:// on a loopback address`,
  );
}

/** A copy of public bytes that a service binds to what it encrypts; undefined where there are none. */
export function checkBound(
  given: unknown,
  verb: string,
  parameter: string,
  mostBytes: number,
): View | undefined {
  if (given === undefined) return undefined;
  if (isSecretBuffer(given)) {
    throw wrongType(`Cannot ${verb} as ${parameter} must be public: it is a SecretBuffer`);
  }
  const bytes = publicBytes(given, verb, parameter);
  if (bytes.length >= 1 && bytes.length <= mostBytes) return copyOf(bytes);
  throw wrongType(`Cannot ${verb} as ${parameter} must have 1 to ${mostBytes} bytes`);
}

/** @throws {TypeError} unless they are Lethe's own */
export function checkSecrets(secrets: Secrets, verb: string): void {
  if (typeof secrets?.allocate === "function" && !isOfAnotherCopy(secrets)) return;
  throw wrongKind(`Cannot ${verb} as secrets must come from openSecrets()`, secrets);
}

/** @throws {TypeError} unless it is text of that form; it is not quoted */
export function checkText(
  given: unknown,
  verb: string,
  parameter: string,
  form: RegExp,
  what: string,
): asserts given is string {
  if (typeof given === "string" && form.test(given)) return;
  throw wrongType(
    `Cannot ${verb} as ${parameter} must be ${what}${typeof given === "string" ? "" : `: current value is ${kindOf(given)}`}`,
  );
}
