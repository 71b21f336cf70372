import { checkLive } from "../../core/check_live.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { FILE_KEY_BYTES, type Land, type Stanza } from "../../core/contract/key_wrapper.ts";
import { disposable } from "../../core/dispose.ts";
import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import { after } from "../../system/timers.ts";
import { born, checkSecret } from "../crypto/lend.ts";
import {
  type Arrival,
  type CustodianEnd,
  type Fields,
  type GuestProcess,
  spoken,
} from "../custodian/open_guest.ts";
import { malformedStanza } from "../envelopes/refusal.ts";
import { failed, type Pkcs11Error, VERB } from "./pkcs11_error.ts";
import { errorIn, fileKeyIn, refusalIn, stanzaIn } from "./said.ts";
import { Turns } from "./turns.ts";
import type { IsolatedPkcs11Wrapper } from "./types.ts";

const TYPE = "lethe/pkcs11";
/** An RSA key of 16,384 bits gives 2,048. */
const MOST_BODY = 4096;

/** A key of a token whose module is in another process. */
export class IsolatedKey implements IsolatedPkcs11Wrapper {
  readonly version = null;
  readonly residue =
    "the module runs in a separate process, and what it leaves there lasts until that process ends; in this process nothing was found";
  readonly name: string;
  readonly #secrets: Secrets;
  readonly #process: GuestProcess;
  readonly #timeout: number;
  readonly #turns = new Turns();
  #isDestroyed = false;
  /** Its process was ended because it did not answer in time. */
  #wasLate = false;

  constructor(secrets: Secrets, process: GuestProcess, name: string, timeout: number) {
    this.#secrets = secrets;
    this.#process = process;
    this.name = name;
    this.#timeout = timeout;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Has the module loaded there, and the key found. */
  async load(fields: Fields, pin: SecretBuffer | undefined): Promise<void> {
    await this.#ask({ ...fields, type: "load" }, pin, () => undefined);
  }

  async wrap(fileKey: SecretBuffer): Promise<readonly Stanza[]> {
    checkSecret(fileKey, "wrap file key", "fileKey", FILE_KEY_BYTES);
    return await this.#ask({ type: "wrap" }, fileKey, (said) => [stanzaIn(said)]);
  }

  async unwrap(stanzas: readonly Stanza[], land: Land): Promise<SecretBuffer | null> {
    for (const { args, body } of stanzas) {
      if (args[0] !== TYPE) continue;
      const report = JSON.stringify(args);
      // the rest is looked at there
      if (body.length > MOST_BODY || report.length > MOST_BODY) throw malformedStanza(TYPE);
      const fields = { type: "unwrap", report, data: body };
      const arrived = await this.#ask(fields, undefined, (said, arrival) =>
        this.#receive(fileKeyIn(said, arrival)),
      );
      if (arrived !== null) return landed(arrived, land);
    }
    return null;
  }

  /** Into a page of this key: while an answer is taken the keys of the channel are open, and `land` is the caller's code. */
  #receive(arrival: Arrival | null): SecretBuffer | null {
    if (arrival === null) return null;
    return born(this.#secrets, FILE_KEY_BYTES, arrival.openInto);
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    void this.#process.close();
  }

  /**
   * The process takes one call after another, so each is sent when the one before has its answer, and the time that a call
   * may take counts from there.
   */
  async #ask<T>(
    fields: Fields,
    secret: SecretBuffer | undefined,
    answer: (fields: Fields, arrival: Arrival | null) => T,
  ): Promise<T> {
    if (this.#isDestroyed) throw destroyed();
    return await this.#turns.take(() => this.#send(fields, secret, answer));
  }

  async #send<T>(
    fields: Fields,
    secret: SecretBuffer | undefined,
    answer: (fields: Fields, arrival: Arrival | null) => T,
  ): Promise<T> {
    if (this.#isDestroyed) throw destroyed();
    if (this.#wasLate) throw late("an earlier call", this.#timeout);
    const timer = after(() => {
      this.#wasLate = true;
      this.#process.kill();
    }, this.#timeout);
    try {
      return await this.#process.ask(fields, secret, (given, arrival) => {
        if (given.message !== undefined) throw errorIn(given);
        return answer(given, arrival);
      });
    } catch (error) {
      if (!isOfProcess(error)) throw refusalIn(error);
      if (this.#isDestroyed) throw destroyed();
      const end = await this.#process.ended;
      throw this.#wasLate ? late("the call", this.#timeout) : gone(end);
    } finally {
      timer.stop();
    }
  }

  declare [Symbol.dispose]: () => void;
}

disposable(IsolatedKey, (key) => key.destroy());
redact(IsolatedKey, ({ name }) => `[IsolatedKey ${name}]`);

function landed(arrived: SecretBuffer, land: Land): SecretBuffer {
  try {
    return land(FILE_KEY_BYTES, (page) => {
      checkLive(arrived, VERB); // others had their turn since it came
      arrived.expose((bytes) => page.set(bytes));
    });
  } finally {
    arrived.destroy();
  }
}

function isOfProcess(error: unknown): boolean {
  if (!(error instanceof LetheError)) return false;
  return error.code === "ERR_LETHE_CUSTODIAN" || error.code === "ERR_LETHE_CHANNEL";
}

function gone(end: CustodianEnd): Pkcs11Error {
  return failed(
    `the process of its module ended (${spoken(end)}); look at the log of the module, and open the key again`,
  );
}

/** @param which the one that got no answer */
function late(which: string, timeout: number): Pkcs11Error {
  return failed(
    `the module did not answer ${which} within ${timeout} ms, and its process was ended; look at its token, and open the key again`,
  );
}

function destroyed(): LetheError {
  return new LetheError("ERR_LETHE_DESTROYED", `Cannot ${VERB}: it was destroyed`);
}
