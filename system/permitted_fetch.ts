import { optionalGlobal } from "../core/arguments/own.ts";
import { isPermitted } from "./permitted.ts";

type FetchLike<Request, Response> = (url: string, request: Request) => Promise<Response>;

/** `fetch` as it was when Lethe was loaded: what replaces it later sees no credential. Undefined: there is none. */
export const fetchAtLoad: unknown = /* @__PURE__ */ optionalGlobal("fetch");

/**
 * `fetch` that Deno may ask about: where it would, `refuse` says why nothing was sent.
 *
 * @param refuse is given the host and its port
 */
export function permitted<Request, Response>(
  fetch: FetchLike<Request, Response>,
  refuse: (host: string) => Error,
): FetchLike<Request, Response> {
  return async (url, request) => {
    // With the port that an address leaves out: a permission may be for that one alone.
    const { hostname, port, protocol } = new URL(url);
    const host = `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
    if (isPermitted({ name: "net", host })) return await fetch(url, request);
    throw refuse(host);
  };
}

/** The parts of an address; null for what is none. */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Whether a host is this machine, by its name. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
