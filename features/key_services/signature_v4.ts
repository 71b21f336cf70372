import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { toBytes } from "../envelopes/base64.ts";
import { type View, within } from "../envelopes/bytes.ts";
import { Hasher } from "../keys/primitives/hash.ts";
import { SHA256 } from "../keys/primitives/sha256.ts";
import { type Workspace, withWorkspace } from "../keys/primitives/workspace.ts";

/** What signs. */
export interface SigningContext {
  readonly secrets: Secrets;
  /** It has `hmac-sha256`. */
  readonly engine: CryptoEngine;
}

/** A POST to the path `/` without a query, as all requests to AWS KMS are. */
export interface SignedRequest {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  /** `20150830T123600Z`. */
  readonly time: string;
  /** Names in lower case and in their order, and values: text, or the bytes of a secret within its scope. */
  readonly headers: readonly (readonly [name: string, value: string | Uint8Array])[];
  readonly body: View;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const PREFIX = [65, 87, 83, 52]; // AWS4

/**
 * The header `Authorization` by AWS Signature Version 4. The secret key, the four keys that are derived of it and the request that
 * is hashed, which may have a session token in it, lie in secret memory alone. The signature is public.
 *
 * @param secretKey within its scope
 */
export function signV4(
  { secrets, engine }: SigningContext,
  secretKey: Uint8Array,
  { accessKeyId, region, service, time, headers, body }: SignedRequest,
): string {
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const names = headers.map(([name]) => name).join(";");
  const room = Hasher.room(SHA256) + 32 + PREFIX.length + secretKey.length + 6 * 48;
  return withWorkspace(secrets, room, (space) => {
    const hasher = new Hasher(SHA256, space);
    const digest = space.bytes(32);
    const hash = (...pieces: readonly Uint8Array[]): string => {
      hasher.reset();
      for (const piece of pieces) hasher.update(piece);
      hasher.digest(digest);
      return hexOf(digest);
    };
    const bodyHash = hash(body);
    const canonical = hash(
      toBytes("POST\n/\n\n"),
      ...headers.flatMap(([name, value]) => [
        toBytes(`${name}:`),
        typeof value === "string" ? toBytes(value) : value,
        toBytes("\n"),
      ]),
      toBytes(`\n${names}\n${bodyHash}`),
    );
    const signed = toBytes(`${ALGORITHM}\n${time}\n${scope}\n${canonical}`);
    const key = deriveKey(engine, space, secretKey, [day, region, service, "aws4_request"]);
    engine.hmacSha256(digest, signed, key);
    return `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${hexOf(digest)}`;
  });
}

function deriveKey(
  engine: CryptoEngine,
  space: Workspace,
  secretKey: Uint8Array,
  steps: readonly string[],
): View {
  const first = space.bytes(PREFIX.length + secretKey.length);
  first.set(PREFIX);
  first.set(secretKey, PREFIX.length);
  let key = first;
  for (const step of steps) {
    const next = space.bytes(32);
    engine.hmacSha256(next, toBytes(step), key);
    key = next;
  }
  return key;
}

function hexOf(bytes: View): string {
  return [...within(bytes, 0)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A moment as signatures have it. @param milliseconds since 1970 */
export function signingTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d{3}/g, "");
}
