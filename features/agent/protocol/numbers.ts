/** Numbers of the protocol (draft-miller-ssh-agent, section 6). */
export const REQUEST = {
  list: 11,
  sign: 13,
  add: 17,
  remove: 18,
  removeAll: 19,
  lock: 22,
  unlock: 23,
  addConstrained: 25,
  extension: 27,
} as const;

export const ANSWER = {
  failure: 5,
  success: 6,
  identities: 12,
  signature: 14,
  extensionFailure: 28,
  extension: 29,
} as const;

/** What a sign request may ask of an RSA key. Without either bit it asks for SHA-1. */
export const SIGN_FLAGS = { sha256: 2, sha512: 4 } as const;

/** A key's constraints. What stands behind the first unknown one cannot be read. */
export const CONSTRAINT = { lifetime: 1, confirm: 2 } as const;

/** What a frame's body is to this program, by the number in front of it. */
export type FrameKind = "public" | "secret" | "unknown";

const PUBLIC: ReadonlySet<number> = new Set([
  REQUEST.list,
  REQUEST.sign,
  REQUEST.remove,
  REQUEST.removeAll,
  REQUEST.extension,
]);
const SECRET: ReadonlySet<number> = new Set([
  REQUEST.add,
  REQUEST.addConstrained,
  REQUEST.lock,
  REQUEST.unlock,
]);

/** `unknown` are also requests about smart cards, which carry a PIN: nothing of those is kept. */
export function kindOfFrame(type: number): FrameKind {
  if (PUBLIC.has(type)) return "public";
  return SECRET.has(type) ? "secret" : "unknown";
}

/** The most bytes behind a frame's number: what is signed has up to 65,536, and a key stands in front. */
export const MAX_BODY = 69_632;
/** Of one that holds a private key or a passphrase: an RSA key of 16,384 bits takes half of it. */
export const MAX_SECRET_BODY = 16_384;
/** A length and a number. */
export const HEADER_BYTES = 5;
