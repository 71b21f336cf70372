import { UNPADDED_BASE64 } from "../../core/codec.ts";
import { LetheError } from "../../core/contract/errors.ts";
import {
  FILE_KEY_BYTES,
  type KeyWrapper,
  type Land,
  type Stanza,
} from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import { toText } from "./base64.ts";
import { copyOf, type View } from "./bytes.ts";

/** What the suite takes. */
export interface WrapperSubject {
  /** The memory of the test, in which nothing else is made until the suite is done. */
  readonly secrets: Secrets;
  /** What is held to the rules. */
  readonly wrapper: KeyWrapper;
  /** A wrapper of the same kind with another key. */
  readonly other: KeyWrapper;
}

/** A rule of {@link KeyWrapper} that a wrapper breaks. */
export interface WrapperFault {
  /** The rule: `WRAP-1` to `WRAP-7`. */
  readonly rule: string;
  /** What it does instead. No text holds a byte of a key. */
  readonly fault: string;
}

/**
 * Holds a wrapper to the rules of {@link KeyWrapper}, for the tests of a program that has one. It wraps and unwraps some twenty times,
 * with file keys of the test.
 *
 * @returns what it breaks, or an empty list; it never rejects because of what the wrapper does
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openEnvelopes, runWrapperConformance } from "lethe/envelopes";
 *
 * const secrets = openSecrets();
 * const envelopes = openEnvelopes(secrets);
 * const [wrapper, other] = [envelopes.createIdentity(), envelopes.createIdentity()];
 * const faults = await runWrapperConformance({ secrets, wrapper, other });
 * console.log(faults.length); // 0
 * for (const one of [wrapper, other]) one.destroy();
 * ```
 */
export async function runWrapperConformance(
  subject: WrapperSubject,
): Promise<readonly WrapperFault[]> {
  const run = new WrapperTrial(subject);
  await run.all();
  return run.faults;
}

/** How an attempt to unwrap ended. */
type Ending = "key" | "another key" | "null" | "format" | "wrapper" | "threw" | "no secret";

class WrapperTrial {
  readonly faults: WrapperFault[] = [];
  readonly #subject: WrapperSubject;
  readonly #fileKey: SecretBuffer;
  readonly #copy: View;
  #landed: SecretBuffer[] = [];

  constructor(subject: WrapperSubject) {
    this.#subject = subject;
    this.#fileKey = subject.secrets.random(FILE_KEY_BYTES);
    this.#copy = this.#fileKey.expose((bytes) => copyOf(bytes)); // of the test: no secret of anybody
  }

  async all(): Promise<void> {
    const before = this.#subject.secrets.stats.live;
    try {
      const stanzas = await this.#wrap(this.#subject.wrapper);
      const again = await this.#wrap(this.#subject.wrapper);
      if (stanzas === null || again === null) return;
      this.#checkForm(stanzas);
      if (textOf(stanzas) === textOf(again))
        this.#fail("WRAP-2", "two calls give the same stanzas");
      await this.#checkEach(stanzas);
      await this.#checkForeign(stanzas);
      await this.#checkMalformed(stanzas);
      if (this.#subject.secrets.stats.live !== before) {
        this.#fail("WRAP-5", "secrets are left that are neither the file key nor what land() made");
      }
      const { state, frozen } = this.#fileKey;
      if (state === "destroyed" || !this.#fileKey.equals(this.#copy)) {
        this.#fail("WRAP-7", "the file key was destroyed or changed");
      } else if (state !== "guarded" || frozen) {
        this.#fail("WRAP-7", "the file key is frozen, or in a scope that wrap() left open");
      }
    } finally {
      this.#fileKey.destroy();
      this.#copy.fill(0);
    }
  }

  #fail(rule: string, fault: string): void {
    if (!this.faults.some((known) => known.rule === rule)) this.faults.push({ rule, fault });
  }

  async #wrap(wrapper: KeyWrapper): Promise<readonly Stanza[] | null> {
    try {
      const stanzas = await wrapper.wrap(this.#fileKey);
      if (Array.isArray(stanzas) && stanzas.length > 0) return stanzas;
      this.#fail("WRAP-1", "wrap() gives no stanza");
    } catch (error) {
      this.#checkError(error);
      this.#fail("WRAP-1", "wrap() throws");
    }
    return null;
  }

  #checkForm(stanzas: readonly Stanza[]): void {
    for (const { args, body } of stanzas) {
      const isGood = args.length > 0 && args.every((text) => /^[\x21-\x7e]+$/.test(text));
      if (!isGood || !(body instanceof Uint8Array)) {
        this.#fail("WRAP-1", "a stanza has no body, or an argument that is not visible ASCII");
      }
      const shown = body instanceof Uint8Array ? toText(body) : "";
      if (this.#isQuoted(`${args.join(" ")} ${shown}`)) {
        this.#fail("WRAP-6", "a stanza holds the file key as it is, and stanzas are public");
      }
    }
  }

  /** Each stanza opens alone, and none does for another key. */
  async #checkEach(stanzas: readonly Stanza[]): Promise<void> {
    for (const stanza of stanzas) {
      const ending = await this.#unwrap([GREASE, stanza, GREASE]);
      if (ending !== "key") this.#fail("WRAP-1", `its own stanza does not open: ${ending}`);
    }
  }

  async #checkForeign(stanzas: readonly Stanza[]): Promise<void> {
    const others = await this.#wrap(this.#subject.other);
    if (this.#subject.wrapper.alone !== true) await this.#checkAmong(stanzas, others ?? []);
    for (const [given, what] of [
      [[], "no stanza"],
      [[GREASE], "a stanza of an unknown type"],
      [others ?? [], "a stanza of another key"],
    ] as const) {
      const ending = await this.#unwrap(given);
      if (ending !== "null") this.#fail("WRAP-3", `it does not give null for ${what}: ${ending}`);
    }
    for (const stanza of stanzas) {
      for (const at of [0, stanza.body.length >> 1, stanza.body.length - 1]) {
        const body = copyOf(stanza.body);
        body[at] = (body[at] as number) ^ 1;
        const ending = await this.#unwrap([{ ...stanza, body }]);
        if (["key", "another key", "threw", "no secret"].includes(ending)) {
          this.#fail("WRAP-3", `it does not refuse a body that was altered: ${ending}`);
        }
      }
    }
  }

  /** It looks at all of them: neither the first of its type is its own, nor one of the first. */
  async #checkAmong(stanzas: readonly Stanza[], others: readonly Stanza[]): Promise<void> {
    for (const stanza of stanzas) {
      const among = [...Array.from({ length: 20 }, () => GREASE), ...others, stanza, ...others];
      const ending = await this.#unwrap(among);
      if (ending === "key") continue;
      this.#fail("WRAP-1", `its own stanza does not open behind those of other keys: ${ending}`);
    }
  }

  async #checkMalformed(stanzas: readonly Stanza[]): Promise<void> {
    for (const { args, body } of stanzas) {
      for (const [stanza, what] of [
        [{ args, body: copyOf(body.subarray(1)) }, "a body that is a byte short"],
        [{ args, body: longer(body) }, "a body that is a byte long"],
        [{ args, body: new Uint8Array(new ArrayBuffer(0)) }, "no body"],
        [{ args: [...args, "more"] as unknown as Stanza["args"], body }, "one more argument"],
        [{ args: [args[0]] as const, body }, "no argument but the type"],
      ] as const) {
        if (args.length === 1 && stanza.args.length === 1 && stanza.body === body) continue;
        const ending = await this.#unwrap([stanza]);
        if (["key", "another key", "threw", "no secret"].includes(ending)) {
          this.#fail("WRAP-4", `it does not refuse ${what}: ${ending}`);
        }
      }
    }
  }

  async #unwrap(stanzas: readonly Stanza[]): Promise<Ending> {
    const { secrets, wrapper } = this.#subject;
    this.#landed = [];
    const land: Land = (byteLength, fill) => {
      const secret = secrets.land(byteLength, fill);
      this.#landed.push(secret);
      return secret;
    };
    try {
      const result: unknown = await wrapper.unwrap(stanzas, land);
      return this.#judge(result);
    } catch (error) {
      this.#checkError(error);
      const code = error instanceof LetheError ? error.code : undefined;
      if (code === "ERR_LETHE_ENVELOPE_FORMAT") return "format";
      return code === "ERR_LETHE_WRAPPER" ? "wrapper" : "threw";
    } finally {
      if (this.#landed.some(({ state }) => state !== "destroyed")) {
        this.#fail("WRAP-5", "what land() made is left and was not given");
        for (const secret of this.#landed) secret.destroy();
      }
    }
  }

  #judge(result: unknown): Ending {
    if (result === null) return "null";
    if (!isSecretBuffer(result)) return "no secret";
    const isKey = result.byteLength === FILE_KEY_BYTES && result.equals(this.#copy);
    if (!this.#landed.includes(result)) this.#fail("WRAP-5", "the key did not come through land()");
    result.destroy();
    return isKey ? "key" : "another key";
  }

  #checkError(error: unknown): void {
    const said: string[] = [];
    for (let at: unknown = error, depth = 0; at !== undefined && depth < 8; depth++) {
      const { message, stack, cause } = at instanceof Error ? at : new Error(String(at));
      said.push(message, stack ?? "", ...Object.values(at ?? {}).map(print));
      at = cause;
    }
    if (this.#isQuoted(said.join(" "))) this.#fail("WRAP-6", "an error quotes the file key");
  }

  /** WRAP-6, in the forms that a text would have a key in. */
  #isQuoted(said: string): boolean {
    const base64 = new Uint8Array(UNPADDED_BASE64.encodedLength(FILE_KEY_BYTES));
    UNPADDED_BASE64.encode(this.#copy, base64);
    const hex = [...this.#copy].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const forms = [toText(base64), hex, this.#copy.join(","), toText(this.#copy)];
    return forms.some((form) => said.includes(form));
  }
}

/** As other programs send, so that nobody relies on a list of types. */
const GREASE: Stanza = {
  args: ["grease/of-a-test", "argument"],
  body: new Uint8Array(new ArrayBuffer(17)),
};

function print(value: unknown): string {
  try {
    return String(value);
  } catch {
    return ""; // an object without a prototype
  }
}

function longer(body: View): View {
  const bytes = new Uint8Array(new ArrayBuffer(body.length + 1));
  bytes.set(body);
  return bytes;
}

function textOf(stanzas: readonly Stanza[]): string {
  return stanzas.map(({ args, body }) => `${args.join(" ")} ${body.join(",")}`).join("\n");
}
