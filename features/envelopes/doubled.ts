import { wrongType } from "../../core/arguments/argument_error.ts";
import { isBytes, publicBytes } from "../../core/arguments/check_bytes.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { errorCode } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { KeyWrapper, Stanza } from "../../core/contract/key_wrapper.ts";
import { copyOf, joined, type View } from "./bytes.ts";
import { malformed, malformedStanza } from "./refusal.ts";
import { beginsStanza, formatStanza, LineReader, readStanza } from "./stanza.ts";

/**
 * A service that encrypts bytes under a key which never leaves it, such as a KMS. Lethe gives it ciphertext alone: the
 * JSON, base64 and HTTP buffers on the way hold no secret.
 *
 * @example
 * ```ts
 * import type { OuterService } from "lethe/envelopes";
 *
 * // A real one asks a KMS.
 * const flip = async (bytes: Uint8Array) => bytes.map((byte) => byte ^ 255);
 * const service: OuterService = { name: "example/key", version: "1", encrypt: flip, decrypt: flip };
 * const encrypted = await service.encrypt(new Uint8Array(8));
 * console.log((await service.decrypt(new Uint8Array(encrypted))).length); // 8
 * ```
 */
export interface OuterService {
  /** Which key of which service it is: 1 to 200 characters of visible ASCII. Public: it stands in the envelope. */
  readonly name: string;
  /** The version of that key, where it has versions; else null. */
  readonly version: string | null;
  /** Encrypts bytes, at most some kilobytes. It rejects when the service does not answer, or refuses. */
  encrypt(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** The reverse; it rejects what it did not encrypt. */
  decrypt(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

const TYPE = "lethe/doubled";
/** What a service gives back; more is not a wrapped key. */
const MOST_BYTES = 65_536;

/**
 * Wraps with `inner`, and what that gives once more with a service. To open an envelope takes both: the key of `inner`,
 * and leave to use the service, which may be taken away, logged and limited.
 *
 * The service never sees a file key. It sees how often, when and by whom it is asked.
 *
 * @throws {TypeError} unless both are there
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { doubled, openEnvelopes } from "lethe/envelopes";
 *
 * const secrets = openSecrets();
 * const envelopes = openEnvelopes(secrets);
 * const identity = envelopes.createIdentity();
 * // A real one asks a KMS.
 * const flip = async (bytes: Uint8Array) => bytes.map((byte) => byte ^ 255);
 * const service = { name: "example/key", version: "1", encrypt: flip, decrypt: flip };
 * const both = doubled(identity, service);
 * const envelope = await envelopes.seal(secrets.random(32), [both]);
 * const secret = await envelopes.open(envelope, [both]);
 * for (const one of [identity, secret]) one.destroy();
 * ```
 */
export function doubled(inner: KeyWrapper, outer: OuterService): KeyWrapper {
  checkParts(inner, outer);
  const { name, version } = outer;
  return Object.freeze({
    name: `${inner.name} behind ${name}`,
    version,
    residue: inner.residue,
    async wrap(fileKey) {
      const stanzas = await inner.wrap(fileKey);
      const sealed = await ask(outer, "encrypt", joined(...stanzas.map(formatStanza)));
      return [{ args: [TYPE, name], body: sealed }];
    },
    async unwrap(stanzas, land) {
      for (const { args, body } of stanzas) {
        if (args[0] !== TYPE) continue;
        if (args.length !== 2 || body.length === 0) throw malformedStanza(TYPE);
        if (args[1] !== name) continue;
        const fileKey = await inner.unwrap(readStanzas(await ask(outer, "decrypt", body)), land);
        if (fileKey !== null) return fileKey;
      }
      return null;
    },
  } satisfies KeyWrapper);
}

function checkParts(inner: unknown, outer: unknown): void {
  const has = (value: unknown, ...names: readonly string[]): boolean =>
    typeof value === "object" &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
  if (!has(inner, "wrap", "unwrap")) {
    throw wrongType(
      `Cannot double as inner must have wrap() and unwrap(): current value is ${kindOf(inner)}`,
    );
  }
  const { name } = (outer ?? {}) as Partial<OuterService>;
  const isNamed = typeof name === "string" && /^[\x21-\x7e]{1,200}$/.test(name);
  if (isNamed && has(outer, "encrypt", "decrypt")) return;
  throw wrongType(
    `Cannot double as outer must have a name of visible ASCII, encrypt() and decrypt(): current value is ${kindOf(outer)}`,
  );
}

/** Its errors are not passed on: they may quote what was sent. */
async function ask(outer: OuterService, how: "encrypt" | "decrypt", bytes: View): Promise<View> {
  let answer: unknown;
  try {
    answer = await outer[how](copyOf(bytes));
  } catch (error) {
    const code = errorCode(error);
    throw failed(
      outer,
      `${how} failed${code === undefined ? "" : ` (${code})`}; the log of the service says why`,
    );
  }
  const isGood = isBytes(answer) && answer.length > 0 && answer.length <= MOST_BYTES;
  if (isGood) return copyOf(publicBytes(answer, "wrap", "answer"));
  throw failed(outer, `${how} gave no bytes, or more than ${MOST_BYTES}; check its adapter`);
}

function readStanzas(bytes: View): readonly Stanza[] {
  const lines = new LineReader(bytes);
  const stanzas: Stanza[] = [];
  while (lines.at < bytes.length) {
    const line = lines.next();
    if (!beginsStanza(line)) throw malformed("a service decrypted something that is not a stanza");
    stanzas.push(readStanza(line, lines));
  }
  return stanzas;
}

function failed({ name }: OuterService, what: string): LetheError {
  return new LetheError("ERR_LETHE_WRAPPER", `Cannot wrap file key: ${name}: ${what}`);
}
