import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { isBytes, publicBytes } from "../../core/arguments/check_bytes.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { checkLive } from "../../core/check_live.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { KeyWrapper, Stanza } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { publicCode } from "../../core/public_code.ts";
import { contains } from "../../core/sealed_key_mark.ts";
import { argumentBytes } from "./base64.ts";
import { copyOf, joinAll, type View } from "./bytes.ts";
import { HeldKeyService, type KeyService, type KeyServiceCalls } from "./key_service.ts";
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
 * console.log((await service.decrypt(new Uint8Array(encrypted), "1")).length); // 8
 * ```
 */
export interface OuterService {
  /** Which key of which service it is: 1 to 300 characters of visible ASCII. Public: it stands in the envelope. */
  readonly name: string;
  /**
   * The version of that key that it encrypts with, where it has versions: 1 to 100 characters of visible ASCII. It stands
   * in the envelope. Else null.
   */
  readonly version: string | null;
  /** What a call leaves in memory. Default: null, which says nothing was found. */
  readonly residue?: string | null;
  /** Encrypts bytes, at most some kilobytes. It rejects when the service does not answer, or refuses. */
  encrypt(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
  /** The reverse; it rejects what it did not encrypt. `version` is the one that the envelope names. */
  decrypt(bytes: Uint8Array<ArrayBuffer>, version: string | null): Promise<Uint8Array>;
}

const TYPE = "lethe/doubled";
/** What a service gives back; more is not a wrapped key. */
const MOST_BYTES = 65_536;
/**
 * How many stanzas of one envelope are sent to a service. An envelope of somebody else could have thousands, each of
 * which would be a request.
 */
const MOST_TRIED = 8;

/**
 * Wraps with `inner`, and what that gives once more with a service. To open an envelope takes both: the key of `inner`,
 * and leave to use the service, which may be taken away, logged and limited.
 *
 * The service never sees a file key, also where `inner` is at fault: stanzas that hold the file key as it is are not
 * sent. It sees how often, when and by whom it is asked. The stanza is `lethe/doubled NAME`, and VERSION where the
 * service names one.
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
 * // A real one asks a KMS: see lethe/key-services.
 * const flip = async (bytes: Uint8Array) => bytes.map((byte) => byte ^ 255);
 * const service = { name: "example/key", version: "1", encrypt: flip, decrypt: flip };
 * const both = doubled(identity, service);
 * const envelope = await envelopes.seal(secrets.random(32), [both]);
 * const secret = await envelopes.open(envelope, [both]);
 * for (const one of [identity, secret]) one.destroy();
 * ```
 */
export function doubled(inner: KeyWrapper, outer: OuterService | KeyService): KeyWrapper {
  checkInner(inner);
  const calls = callsOf(outer);
  const { name, version } = outer;
  return Object.freeze({
    name: `${inner.name} behind ${name}`,
    version,
    residue:
      [inner.residue, outer.residue ?? null].filter((left) => left !== null).join("; ") || null,
    async wrap(fileKey) {
      const stanzas = await inner.wrap(fileKey);
      checkHidden(fileKey, stanzas, inner.name);
      const bytes = joinAll(stanzas.map(formatStanza));
      if (bytes.length > calls.mostBytes) {
        const limit = `it takes ${calls.mostBytes} bytes, and ${inner.name} gives ${bytes.length}`;
        throw failed(name, `${limit}; double another kind of key`);
      }
      const { body, version } = await calls.encrypt(bytes);
      if (contains(body, bytes)) {
        throw failed(name, "it returned what it was given, not encrypted; check the service");
      }
      return [{ args: version === null ? [TYPE, name] : [TYPE, name, version], body }];
    },
    async unwrap(stanzas, land) {
      let refusal: LetheError | null = null;
      let tried = 0;
      for (const { args, body } of stanzas) {
        if (args[0] !== TYPE) continue;
        if (args.length < 2 || args.length > 3 || body.length === 0) throw malformedStanza(TYPE);
        if (args[1] !== name) continue;
        if ((args.length === 3) !== calls.hasVersions) throw malformedStanza(TYPE);
        if (tried++ === MOST_TRIED) break;
        const opened = await calls.decrypt(body, args[2] ?? null);
        if (opened instanceof LetheError) {
          refusal ??= opened;
          continue;
        }
        const fileKey = await inner.unwrap(readStanzas(opened), land);
        if (fileKey !== null) return fileKey;
      }
      if (refusal !== null) throw refusal;
      return null;
    },
  } satisfies KeyWrapper);
}

const hasMethods = (value: unknown, ...names: readonly string[]): boolean =>
  typeof value === "object" &&
  value !== null &&
  names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");

function checkInner(inner: unknown): void {
  if (hasMethods(inner, "wrap", "unwrap")) return;
  const hint =
    HeldKeyService.callsOf(inner) === null ? "" : "; a key service is the outer side of doubled()";
  throw wrongType(
    `Cannot double as inner must have wrap() and unwrap(): current value is ${kindOf(inner)}${hint}`,
  );
}

/** What goes to a service is ciphertext, whatever somebody's wrapper calls a stanza. */
function checkHidden(fileKey: SecretBuffer, stanzas: readonly Stanza[], inner: string): void {
  checkLive(fileKey, "wrap file key");
  const shows = fileKey.expose((key) =>
    stanzas
      .flatMap(({ args, body }) => [body, ...args.map((text) => argumentBytes(text, key.length))])
      .some((bytes) => bytes !== null && contains(bytes, key)),
  );
  if (!shows) return;
  throw failed(
    inner,
    "its stanza holds the file key as it is, which goes to no service; correct it",
  );
}

function callsOf(outer: OuterService | KeyService): KeyServiceCalls {
  const calls = HeldKeyService.callsOf(outer);
  if (calls !== null) return calls;
  const { name, version } = (outer ?? {}) as Partial<OuterService>;
  const isNamed = typeof name === "string" && /^[\x21-\x7e]{1,300}$/.test(name);
  const isVersion =
    version === null || (typeof version === "string" && /^[\x21-\x7e]{1,100}$/.test(version));
  if (isNamed && isVersion && hasMethods(outer, "encrypt", "decrypt")) {
    const service = outer as OuterService;
    return {
      hasVersions: version !== null,
      mostBytes: MOST_BYTES,
      encrypt: async (bytes) => ({
        body: await ask(name, "encrypt", () => service.encrypt(copyOf(bytes))),
        version,
      }),
      decrypt: (body, version) =>
        ask(name, "decrypt", () => service.decrypt(copyOf(body), version)),
      destroy: () => undefined,
    };
  }
  throw wrongKind(
    `Cannot double as outer must be a key service, or have a name of visible ASCII, a version or null, encrypt() and decrypt()`,
    outer,
  );
}

/** Its errors are not passed on: they may quote what was sent. */
async function ask(
  name: string,
  how: "encrypt" | "decrypt",
  call: () => Promise<unknown>,
): Promise<View> {
  let answer: unknown;
  try {
    answer = await call();
  } catch (error) {
    const code = publicCode(error);
    throw failed(
      name,
      `${how} failed${code === null ? "" : ` (${code})`}; the log of the service says why`,
    );
  }
  const isGood = isBytes(answer) && answer.length > 0 && answer.length <= MOST_BYTES;
  if (isGood) return copyOf(publicBytes(answer, "wrap", "answer"));
  throw failed(name, `${how} gave no bytes, or more than ${MOST_BYTES}; check its adapter`);
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

function failed(name: string, what: string): LetheError {
  return new LetheError("ERR_LETHE_WRAPPER", `Cannot wrap file key: ${name}: ${what}`);
}
