import { reasonOf, type SignalLike } from "../../../core/arguments/foreign.ts";
import { bare, type Json, parseRecord, recordOf } from "../../../core/arguments/own.ts";
import { orAborted } from "../../../system/or_aborted.ts";
import { requestCode } from "../../../system/request_code.ts";
import { type Stop, stopping } from "../../../system/stopping.ts";
import { linesOf, type StoreFetch, type StoreResponse } from "./fetch.ts";

/** Why a request has no answer. */
export class GatewayError extends Error {
  /**
   * `silent`: nobody answered, and the request may have been carried out. `away`: etcd has no leader or could not
   * agree in time; the same. `unclear`: an answer that does not say whether it was carried out. `denied`, `refused`: etcd
   * carried out nothing. `foreign`: another service answered. `forbidden`: Deno would ask, and nothing was sent.
   */
  readonly kind: "silent" | "away" | "unclear" | "denied" | "refused" | "foreign" | "forbidden";

  constructor(kind: GatewayError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The most bytes of an answer: an envelope of 1 MiB in base64, and what is around it. */
const MOST_ANSWER_BYTES: number = 2 ** 21;
/** gRPC's codes: https://grpc.io/docs/guides/status-codes/ */
const [DEADLINE, DENIED, UNAVAILABLE, UNAUTHENTICATED] = [4, 7, 14, 16] as const;
/** Arguments, what is missing or there already, resources, preconditions, ranges, and what etcd has not. */
const NOTHING_DONE: readonly unknown[] = [3, 5, 6, 8, 9, 11, 12];

/** One etcd server, through the JSON gateway of its version 3 API. */
export class Gateway {
  readonly endpoint: string;
  readonly #fetch: StoreFetch;

  constructor(endpoint: string, fetch: StoreFetch) {
    this.endpoint = endpoint;
    this.#fetch = fetch;
  }

  /**
   * @throws {GatewayError}
   * @throws the signal's reason
   */
  async ask(path: string, question: Json, timeout: number, signal?: SignalLike): Promise<Json> {
    const stop = stopping(timeout, signal);
    try {
      const response = await this.#send(path, question, stop.signal);
      const lines = linesOf(response, MOST_ANSWER_BYTES, stop.signal);
      let text = "";
      for await (const line of lines) {
        text += line;
        if (text.length > MOST_ANSWER_BYTES) throw new RangeError("an answer is too long");
      }
      return answerOf(response.status, text);
    } catch (error) {
      throw this.#why(error, stop, signal);
    } finally {
      stop.end();
    }
  }

  /**
   * The answers to one question, as they come.
   *
   * @param timeout milliseconds until the first
   * @throws {GatewayError}
   * @throws the signal's reason
   */
  async *follow(
    path: string,
    question: Json,
    timeout: number,
    signal: SignalLike,
  ): AsyncGenerator<Json, void, undefined> {
    const stop = stopping(timeout, signal);
    try {
      const response = await this.#send(path, question, stop.signal);
      for await (const line of linesOf(response, MOST_ANSWER_BYTES, stop.signal)) {
        stop.wait();
        yield answerOf(response.status, line);
      }
    } catch (error) {
      throw this.#why(error, stop, signal);
    } finally {
      stop.abort();
      stop.end();
    }
  }

  async #send(path: string, question: Json, signal: AbortSignal): Promise<StoreResponse> {
    const fetch = this.#fetch; // some platforms refuse theirs as a method of another object
    const headers = bare({
      "content-type": "application/json",
      // A server that lost its leader then says so, also in the middle of a watch.
      "grpc-metadata-hasleader": "true",
    });
    const body = JSON.stringify(question);
    const request = { method: "POST", headers, body, signal, redirect: "error" } as const;
    return await orAborted(fetch(`${this.endpoint}/v3/${path}`, bare(request)), signal);
  }

  #why(error: unknown, stop: Stop, signal: SignalLike | undefined): unknown {
    if (error instanceof GatewayError) return error;
    if (signal?.aborted === true) return reasonOf(signal);
    const reason = stop.timedOut()
      ? "did not answer in time"
      : error instanceof RangeError
        ? "gave an answer that is too long"
        : `could not be reached, or broke off${requestCode(error)}`;
    return new GatewayError("silent", `${this.endpoint} ${reason}`);
  }
}

/** @throws {GatewayError} for an error, and for what is not JSON of the gateway */
function answerOf(status: number, text: string): Json {
  const json = parseRecord(text);
  if (json === null) {
    const kind = status >= 500 ? "silent" : status >= 400 ? "refused" : "unclear";
    throw new GatewayError(kind, `the answer is not JSON of etcd (HTTP status ${status})`);
  }
  const error = recordOf(json["error"]) ?? (json["error"] === undefined ? null : json);
  if (status === 200 && error === null) return recordOf(json["result"]) ?? json;
  const code = error?.["code"] ?? error?.["grpc_code"];
  const said = error?.["message"] ?? error?.["error"];
  const message = typeof said === "string" ? said : `HTTP status ${status}`;
  // A request without any user is an invalid argument to etcd (auth/store.go: ErrUserEmpty).
  const isDenied =
    code === DENIED || code === UNAUTHENTICATED || /user name is empty/.test(message);
  if (isDenied) throw new GatewayError("denied", message);
  const isAway = code === UNAVAILABLE || code === DEADLINE || (status >= 500 && code === undefined);
  if (isAway) throw new GatewayError("away", message);
  const isRefused = NOTHING_DONE.includes(code) || (code === undefined && status >= 400);
  throw new GatewayError(isRefused ? "refused" : "unclear", message);
}
