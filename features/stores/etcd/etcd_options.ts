import { outOfRange, wrongKind, wrongType } from "../../../core/arguments/argument_error.ts";
import { checkInteger } from "../../../core/arguments/check_integer.ts";
import { readOptions } from "../../../core/arguments/options.ts";
import { isLoopback, parseUrl, permitted } from "../../../system/permitted_fetch.ts";
import type { StoreFetch } from "./fetch.ts";
import { GatewayError } from "./gateway.ts";

/** How to reach etcd. */
export interface EtcdStoreOptions {
  /**
   * Addresses of one or more servers of the cluster: `https://HOST:PORT`, or `http://` on a loopback address. They are asked in turn
   * when one does not answer. No user, password, path or query. A proxy that the environment names is asked by the platform's
   * `fetch`, on Deno and Bun also for loopback addresses: set NO_PROXY.
   */
  readonly endpoints: readonly string[];
  /** What keys begin with in etcd: at most 200 visible ASCII characters. Default: `lethe/`. */
  readonly prefix?: string;
  /** The most milliseconds for one operation, over all servers: from 100 to 2^31 - 1. Default: 10,000. */
  readonly timeout?: number;
  /**
   * Milliseconds between two questions to the server of a watch whether it is still there: from 100 to 2^31 - 1.
   * Default: 10,000.
   */
  readonly heartbeat?: number;
  /**
   * A `fetch` that presents a client certificate, or trusts a certificate authority of yours. Default: the platform's, as it is when the
   * store is opened. docs/stores.md has one for each runtime.
   */
  readonly fetch?: StoreFetch;
}

/** The options with their defaults. */
export interface EtcdSettings {
  readonly endpoints: readonly string[];
  readonly prefix: string;
  readonly timeout: number;
  readonly heartbeat: number;
  readonly fetch: StoreFetch;
}

const VERB = "open etcd store";

/** @throws {TypeError | RangeError} naming the option */
export function checkEtcdOptions(given: EtcdStoreOptions): EtcdSettings {
  const options = readOptions(given, VERB, [
    "endpoints",
    "prefix",
    "timeout",
    "heartbeat",
    "fetch",
  ]);
  const { prefix = "lethe/", timeout = 10_000, heartbeat = 10_000 } = options;
  checkInteger(timeout, VERB, "timeout", 100, 2 ** 31 - 1);
  checkInteger(heartbeat, VERB, "heartbeat", 100, 2 ** 31 - 1);
  if (typeof prefix !== "string" || !/^[\x21-\x7e]{0,200}$/.test(prefix)) {
    throw wrongType(`Cannot ${VERB} as prefix must be at most 200 visible ASCII characters`);
  }
  const fetch = options.fetch ?? platformFetch();
  if (typeof fetch !== "function") {
    throw wrongKind(`Cannot ${VERB} as fetch must be a function`, fetch);
  }
  return { endpoints: checkEndpoints(options.endpoints), prefix, timeout, heartbeat, fetch };
}

function platformFetch(): StoreFetch {
  const { fetch } = globalThis as { readonly fetch?: StoreFetch };
  if (typeof fetch === "function") {
    return permitted(
      fetch,
      (host) => new GatewayError("forbidden", `it needs --allow-net=${host}`),
    );
  }
  throw wrongType(`Cannot ${VERB} as this runtime has no fetch: give one as an option`);
}

function checkEndpoints(given: unknown): readonly string[] {
  if (!Array.isArray(given)) {
    throw wrongKind(`Cannot ${VERB} as endpoints must be an array`, given);
  }
  const endpoints: unknown[] = [...given];
  if (endpoints.length < 1 || endpoints.length > 100) {
    throw outOfRange(
      `Cannot ${VERB} as endpoints must hold 1 to 100: there are ${endpoints.length}`,
    );
  }
  return endpoints.map(checkEndpoint);
}

/** Its origin. What it says is not quoted: it might be a password. */
function checkEndpoint(endpoint: unknown): string {
  const url = typeof endpoint === "string" ? parseUrl(endpoint) : null;
  if (
    url === null ||
    url.pathname !== "/" ||
    `${url.username}${url.password}${url.search}${url.hash}`
  ) {
    throw wrongType(
      `Cannot ${VERB} as each endpoint must be https://HOST:PORT without user, path or query`,
    );
  }
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)))
    return url.origin;
  throw wrongType(
    `Cannot ${VERB} as an endpoint beyond this machine must have https: over http anybody on the way could put back an old envelope`,
  );
}
