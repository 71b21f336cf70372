import { checkLive } from "../../core/check_live.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { TextDecoder } from "../../system/node_builtins.ts";
import { type View, within } from "../envelopes/bytes.ts";
import {
  CKF_SERIAL_SESSION,
  CKF_USER_PIN_COUNT_LOW,
  CKF_USER_PIN_FINAL_TRY,
  CKF_USER_PIN_LOCKED,
  CKU_USER,
  INFO,
  SLOT_INFO,
  TOKEN_INFO,
} from "./cryptoki.ts";
import type { Pkcs11Module } from "./module.ts";
import { failed, Pkcs11Error, refused, type TriesLeft, VERB } from "./pkcs11_error.ts";
import type { Pkcs11Uri, TextAttribute } from "./uri.ts";

/** More than any reader has. */
const MOST_SLOTS = 1024;

/**
 * The slot of the one token that a URI names.
 *
 * @throws {Pkcs11Error} when there is none, or more than one
 */
export function findSlot(module: Pkcs11Module, uri: Pkcs11Uri): bigint {
  checkLibrary(module, uri);
  const found = slotsWithTokens(module).filter((slot) => isNamed(module, uri, slot));
  const [slot] = found;
  if (slot !== undefined && found.length === 1) return slot;
  throw failed(
    found.length === 0
      ? "no token that is present is the one of the URI; insert it, or correct token, serial and slot-id"
      : `the URI names ${found.length} tokens that are present; add serial or slot-id to it`,
  );
}

function slotsWithTokens(module: Pkcs11Module): readonly bigint[] {
  return module.scratch.frame(() => {
    const count = module.scratch.words(BigInt(MOST_SLOTS));
    const list = module.scratch.reserve(MOST_SLOTS * 8);
    module.call("C_GetSlotList", 1n, list.address, count.address);
    return Array.from({ length: Number(count.word()) }, (_, index) => list.word(index));
  });
}

function checkLibrary(module: Pkcs11Module, { texts, libraryVersion }: Pkcs11Uri): void {
  module.scratch.frame(() => {
    const info = module.scratch.reserve(INFO.bytes);
    module.call("C_GetInfo", info.address);
    const [major, minor] = [info.bytes[INFO.version], info.bytes[INFO.version + 1]];
    const isRight =
      agrees(texts, "library-manufacturer", field(info.bytes, INFO.manufacturer)) &&
      agrees(texts, "library-description", field(info.bytes, INFO.library)) &&
      (libraryVersion === undefined ||
        (libraryVersion[0] === major && libraryVersion[1] === minor));
    if (!isRight) throw failed("the module is not the one of the URI; correct library-… in it");
  });
}

function isNamed(module: Pkcs11Module, { texts, slotId }: Pkcs11Uri, slot: bigint): boolean {
  if (slotId !== undefined && slotId !== slot) return false;
  return module.scratch.frame(() => {
    if (texts.has("slot-description") || texts.has("slot-manufacturer")) {
      const { bytes, address } = module.scratch.reserve(SLOT_INFO.bytes);
      if (module.ask("C_GetSlotInfo", slot, address) !== "CKR_OK") return false;
      if (!agrees(texts, "slot-description", field(bytes, SLOT_INFO.description))) return false;
      if (!agrees(texts, "slot-manufacturer", field(bytes, SLOT_INFO.manufacturer))) return false;
    }
    const { bytes, address } = module.scratch.reserve(TOKEN_INFO.bytes);
    // A token that is removed between two calls is none that is present.
    if (module.ask("C_GetTokenInfo", slot, address) !== "CKR_OK") return false;
    return (
      agrees(texts, "token", field(bytes, TOKEN_INFO.label)) &&
      agrees(texts, "manufacturer", field(bytes, TOKEN_INFO.manufacturer)) &&
      agrees(texts, "model", field(bytes, TOKEN_INFO.model)) &&
      agrees(texts, "serial", field(bytes, TOKEN_INFO.serial))
    );
  });
}

function agrees(
  texts: ReadonlyMap<TextAttribute, string>,
  name: TextAttribute,
  value: string | null,
): boolean {
  const wanted = texts.get(name);
  return wanted === undefined || wanted === value;
}

/** A text of a structure, padded with blanks; null where it is not UTF-8. */
function field(bytes: View, [start, length]: readonly [number, number]): string | null {
  try {
    const text = within(bytes, start, start + length);
    // A copy: the scratch is C's, and no decoder takes a view of it everywhere.
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(new Uint8Array(text)).replace(/[ \0]+$/, "");
  } catch {
    return null;
  }
}

/** How a session logs in. */
export interface Login {
  /** Null: not at all. */
  readonly pin: SecretBuffer | null;
  /** Whether the last try before the token locks may be spent. */
  readonly spendLastTry: boolean;
}

/**
 * Lends a session to `use`, logged in if there is a PIN.
 *
 * - LOGIN-1: however `use` ends, the login and the session end before this does
 * - LOGIN-2: the PIN goes to the module by the address of its page; nothing here copies it
 * - LOGIN-3: a login is tried once. One that the token says would be the last, or which it has locked, is not tried
 *
 * @throws {Pkcs11Error} and what `use` throws; {LetheError} `ERR_LETHE_DESTROYED` when the secrets were purged
 */
export function withSession<T>(
  module: Pkcs11Module,
  slot: bigint,
  { pin, spendLastTry }: Login,
  use: (session: bigint) => T,
): T {
  if (pin !== null) {
    checkLive(pin, VERB);
    checkTries(module, slot, pin, spendLastTry);
  }
  const session = module.scratch.frame(() => {
    const handle = module.scratch.reserve(8);
    module.call("C_OpenSession", slot, CKF_SERIAL_SESSION, 0n, 0n, handle.address);
    return handle.word();
  });
  let isLoggedIn = false;
  try {
    if (pin !== null) {
      const length = BigInt(pin.byteLength);
      const returned = pin.expose((bytes) =>
        module.ask("C_Login", session, CKU_USER, bytes as View, length),
      );
      if (returned !== "CKR_OK")
        throw refused("C_Login", returned, triesLeft(module, slot, returned));
      isLoggedIn = true;
    }
    return use(session);
  } finally {
    // After a removal both answer with an error: there is nothing left to end then.
    if (isLoggedIn) module.ask("C_Logout", session);
    module.ask("C_CloseSession", session);
  }
}

function checkTries(
  module: Pkcs11Module,
  slot: bigint,
  { byteLength }: SecretBuffer,
  spendLastTry: boolean,
): void {
  const { flags, shortest, longest } = tokenInfo(module, slot);
  if ((flags & CKF_USER_PIN_LOCKED) !== 0n) {
    throw refused("C_GetTokenInfo", "CKR_PIN_LOCKED", "none");
  }
  if ((flags & CKF_USER_PIN_FINAL_TRY) !== 0n && !spendLastTry) {
    throw new Pkcs11Error(
      `Cannot ${VERB}: the token says that one more wrong PIN locks it, so none was tried; log in once with the token's own program, or pass spendLastTry: true`,
      null,
      "one",
    );
  }
  const length = BigInt(byteLength);
  if (length < shortest || (longest > 0n && length > longest)) {
    throw refused("C_GetTokenInfo", "CKR_PIN_LEN_RANGE");
  }
}

function triesLeft(module: Pkcs11Module, slot: bigint, returned: string): TriesLeft {
  if (returned === "CKR_PIN_LOCKED") return "none";
  if (!returned.startsWith("CKR_PIN_")) return "unknown";
  try {
    const { flags } = tokenInfo(module, slot);
    if ((flags & CKF_USER_PIN_LOCKED) !== 0n) return "none";
    if ((flags & CKF_USER_PIN_FINAL_TRY) !== 0n) return "one";
    return (flags & CKF_USER_PIN_COUNT_LOW) !== 0n ? "fewer" : "unknown";
  } catch {
    return "unknown"; // the error about the PIN is the one that counts
  }
}

function tokenInfo(
  module: Pkcs11Module,
  slot: bigint,
): { readonly flags: bigint; readonly shortest: bigint; readonly longest: bigint } {
  return module.scratch.frame(() => {
    const info = module.scratch.reserve(TOKEN_INFO.bytes);
    module.call("C_GetTokenInfo", slot, info.address);
    const [flags, longest, shortest] = [
      info.word(TOKEN_INFO.flags),
      info.word(TOKEN_INFO.longestPin),
      info.word(TOKEN_INFO.shortestPin),
    ];
    return { flags, shortest, longest };
  });
}
