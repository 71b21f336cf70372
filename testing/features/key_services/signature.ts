// AWS Signature Version 4 as a service checks it, by node:crypto and from what came on the wire: nothing of it is Lethe's.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Came } from "./http_double.ts";

const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");
const hmac = (key: Buffer | string, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

/** What is signed with, by the id of its key. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The hex signature of a request whose header names which of its headers are signed. */
export function signatureOf(
  { method, path, headers, body }: Came,
  signed: readonly string[],
  { secretAccessKey }: Signer,
  [day, region, service]: readonly [day: string, region: string, service: string],
): string {
  const lines = signed.map(
    (name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}\n`,
  );
  const canonical = [method, path, "", lines.join(""), signed.join(";"), sha256(body)].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<Buffer | string>(
    (key, step) => hmac(key, step),
    `AWS4${secretAccessKey}`,
  );
  return hmac(key, text).toString("hex");
}

/** The code that AWS gives a request that is not signed as it should be; null: it is. */
export function signatureFault(
  came: Came,
  signer: Signer,
  region: string,
  service: string,
  now: number,
): string | null {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      came.headers["authorization"] ?? "",
    );
  if (parts === null) return "IncompleteSignatureException";
  const [, id, day = "", ofRegion = "", ofService = "", names = "", signature = ""] = parts;
  if (id !== signer.accessKeyId) return "UnrecognizedClientException";
  const signed = names.split(";");
  const must = ["host", ...Object.keys(came.headers).filter((name) => name.startsWith("x-amz-"))];
  const isSorted = signed.join() === [...signed].sort().join();
  if (!isSorted || !must.every((name) => signed.includes(name))) return "InvalidSignatureException";
  if (ofRegion !== region || ofService !== service) return "InvalidSignatureException";
  const [, time = "", clock = ""] =
    /^(\d{8})T(\d{6})Z$/.exec(came.headers["x-amz-date"] ?? "") ?? [];
  const at = Date.parse(
    `${time.replace(/(....)(..)/, "$1-$2-")}T${clock.replace(/(..)(..)/, "$1:$2:")}Z`,
  );
  if (time !== day || !(Math.abs(now - at) < 300_000)) return "InvalidSignatureException";
  const wanted = signatureOf(came, signed, signer, [day, region, service]);
  return timingSafeEqual(Buffer.from(wanted), Buffer.from(signature))
    ? null
    : "InvalidSignatureException";
}
