import { reasonOf } from "../../core/arguments/foreign.ts";
import { bare } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { fillRandom, later, monotonicNow } from "../../core/globals.ts";
import { orAborted } from "../../system/or_aborted.ts";
import { requestCode } from "../../system/request_code.ts";
import { type Stop, stopping } from "../../system/stopping.ts";
import type { View } from "../envelopes/bytes.ts";
import { type Answer, AnswerFault, readAnswer } from "./answer.ts";
import { CredentialFault } from "./credential.ts";
import type { KeyServiceResponse } from "./fetch.ts";
import {
  failed,
  KeyServiceError,
  type KeyServiceFault,
  type KeyServiceVerb,
  PASSING,
} from "./key_service_error.ts";
import { type KeyServiceSettings, PermissionNeeded } from "./options.ts";

/** One request, without its credential. */
export interface Question {
  readonly verb: KeyServiceVerb;
  readonly url: string;
  readonly body: View;
  /** Types that an answer may have. */
  readonly types: readonly string[];
}

/** What a service is, for the one place that asks. */
export interface Asked<T> {
  readonly question: Question;
  /** Sends the request with headers that have the credential: while it is lent, and each time with the one of now. */
  readonly send: <R>(
    signal: AbortSignal,
    use: (headers: Record<string, string>) => R,
  ) => Promise<R>;
  /** @throws {KeyServiceError} for an error of the service, or an answer that is none to this question */
  readonly read: (answer: Answer) => T;
}

/**
 * Asks a service over `fetch`.
 *
 * - ASK-1: no redirection is followed, and nothing is sent to another address than that of the service
 * - ASK-2: all ends within `timeout`, with the signal's reason when that is aborted, and when the service is destroyed
 * - ASK-3: an answer is read to its end, and is at most 128 KiB long
 * - ASK-4: what passes is tried again `retries` times, after the time that the service asks for; anything else at no
 *   time
 * - ASK-5: no error quotes a request or an answer, apart from its status and a published code; where there was none, it
 *   has the code of the runtime's error
 */
export class Asker {
  readonly #name: string;
  readonly #settings: KeyServiceSettings;
  readonly #ended = new AbortController();

  constructor(name: string, settings: KeyServiceSettings) {
    this.#name = name;
    this.#settings = settings;
  }

  destroy(): void {
    this.#ended.abort();
  }

  async ask<T>(asked: Asked<T>): Promise<T> {
    const { verb } = asked.question;
    const { timeout, retries, signal } = this.#settings;
    if (this.#ended.signal.aborted) throw destroyed(verb, this.#name);
    const stop = stopping(timeout, signal);
    const end = (): void => stop.abort();
    this.#ended.signal.addEventListener("abort", end);
    const until = monotonicNow() + timeout;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#try(asked, stop);
        } catch (error) {
          const wait = waitAfter(error, attempt);
          if (wait === null || attempt > retries || wait >= until - monotonicNow()) throw error;
          await this.#pause(wait, verb, stop);
        }
      }
    } finally {
      this.#ended.signal.removeEventListener("abort", end);
      stop.abort(); // a request may be under way: its credential was lent, and then the function that lent it failed
      stop.end();
    }
  }

  async #try<T>({ question, send, read }: Asked<T>, stop: Stop): Promise<T> {
    const { url, body, verb, types } = question;
    const { signal } = stop;
    const { fetch } = this.#settings; // some platforms refuse theirs as a method of another object
    let answer: Answer;
    let sent: Promise<KeyServiceResponse> | null = null;
    try {
      // In an object, so that nothing waits for it while the credential is lent.
      const { pending } = await send(signal, (headers) => {
        const request = { method: "POST", headers, body, signal, redirect: "manual" } as const;
        sent = fetch(url, bare(request));
        void settle(sent);
        return { pending: sent };
      });
      answer = await readAnswer(await orAborted(pending, signal), types, signal);
    } catch (error) {
      void drop(sent);
      throw this.#why(error, verb, stop);
    }
    return read(answer);
  }

  async #pause(milliseconds: number, verb: KeyServiceVerb, stop: Stop): Promise<void> {
    let cancel: (() => void) | null = null;
    const pause = new Promise<void>((resolve) => {
      cancel = later(resolve, milliseconds, true);
      if (cancel === null) resolve();
    });
    try {
      await orAborted(pause, stop.signal);
    } catch (error) {
      throw this.#why(error, verb, stop);
    } finally {
      (cancel as (() => void) | null)?.();
    }
  }

  /** The true cause, where it is known. What `fetch` says of it may quote a header, and is not passed on. */
  #why(error: unknown, verb: KeyServiceVerb, stop: Stop): unknown {
    const fail = (fault: KeyServiceFault, reason: string, status: number | null = null) =>
      failed(verb, this.#name, fault, reason, { status, serviceCode: null, retryAfter: null });
    const { signal } = this.#settings;
    if (signal?.aborted === true) return reasonOf(signal);
    if (this.#ended.signal.aborted) return destroyed(verb, this.#name);
    if (stop.timedOut()) {
      return fail(
        "timeout",
        `it did not answer within ${this.#settings.timeout} ms; ask again, or raise timeout`,
      );
    }
    if (error instanceof CredentialFault) return fail("credential", error.message);
    if (error instanceof PermissionNeeded) {
      return fail("unreachable", `${error.message}; start Deno with it`);
    }
    if (error instanceof AnswerFault) return fail("malformed", ANSWERS[error.kind], error.status);
    if (error instanceof LetheError) return error;
    return fail(
      "unreachable",
      `it could not be reached, or its answer broke off${requestCode(error)}; check the network, its certificate and its address`,
    );
  }
}

const ANSWERS: Readonly<Record<AnswerFault["kind"], string>> = {
  redirected:
    "it answers with a redirection, which is not followed: the credential is for this address; give the address that answers itself",
  "too long":
    "its answer is too long for a wrapped key; see whether another server has its address",
  "another type":
    "its answer is not of the type that its API has; see whether another server has its address",
};

function destroyed(verb: KeyServiceVerb, name: string): LetheError {
  return new LetheError("ERR_LETHE_DESTROYED", `Cannot ${verb}: ${name}: it was destroyed`);
}

/** A request of which nobody waits for the end, because something else ended first, fails unseen. */
async function settle(pending: Promise<unknown>): Promise<void> {
  try {
    await pending;
  } catch {
    // See above.
  }
}

/** Reads no more of an answer that is not used, also of one that comes when something else ended first. */
async function drop(sent: Promise<KeyServiceResponse> | null): Promise<void> {
  try {
    await (await sent)?.body?.getReader().cancel();
  } catch {
    // There is none, or who read it has cancelled it.
  }
}

/** Milliseconds until another try; null: none. */
function waitAfter(error: unknown, attempt: number): number | null {
  if (!(error instanceof KeyServiceError) || !PASSING.has(error.fault)) return null;
  if (error.retryAfter !== null) return error.retryAfter * 1000;
  const [random = 0] = fillRandom(new Uint8Array(1));
  return 100 * 2 ** (attempt - 1) * (0.5 + random / 255);
}
