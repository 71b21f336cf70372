import { LetheError } from "../../../core/mod.ts";
import type { CustodianEnd, Fields, GuestProcess } from "../../../features/custodian/open_guest.ts";
import { pause } from "../../../system/timers.ts";

/** What a process says: fields, with a secret or without. */
export interface Saying {
  readonly fields: Fields;
  readonly secret?: Uint8Array;
}

/** In the place of a process whose module is slow, hangs or lies, as no module of the tests is. It is serial, as the real one. */
export class MadeProcess implements GuestProcess {
  readonly pid = 1;
  readonly asked: Fields[] = [];
  readonly ended: Promise<CustodianEnd>;
  /** While an answer is taken the keys of the channel are open. */
  isOpen = false;
  kills = 0;
  readonly #say: (fields: Fields) => Saying | null;
  readonly #milliseconds: number;
  readonly #gone: Promise<never>;
  #end: (end: CustodianEnd) => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param say null for never; each answer takes as long */
  constructor(say: (fields: Fields) => Saying | null, milliseconds: number = 0) {
    this.#say = say;
    this.#milliseconds = milliseconds;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#gone = this.ended.then(() => {
      throw new LetheError("ERR_LETHE_CUSTODIAN", "Cannot reach custodian: it has ended");
    });
    this.#gone.catch(() => undefined);
  }

  readonly ask: GuestProcess["ask"] = async (fields, _secret, answer) => {
    this.asked.push(fields);
    const said = this.#last.then(() => this.#answer(fields));
    this.#last = said.catch(() => undefined);
    const { fields: given, secret } = await Promise.race([said, this.#gone]);
    this.isOpen = true;
    try {
      return answer(
        given,
        secret === undefined
          ? null
          : { byteLength: secret.length, openInto: (bytes) => bytes.set(secret) },
      );
    } finally {
      this.isOpen = false;
    }
  };

  async #answer(fields: Fields): Promise<Saying> {
    await pause(this.#milliseconds);
    return this.#say(fields) ?? (await new Promise<never>(() => undefined));
  }

  close(): Promise<CustodianEnd> {
    this.#end({ code: 0, signal: null } as CustodianEnd);
    return this.ended;
  }

  kill(): void {
    this.kills += 1;
    this.#end({ code: null, signal: "SIGKILL" } as CustodianEnd);
  }
}
