import { ascii } from "../../../core/sealed_key_mark.ts";
import {
  lengthOfPieces,
  type Piece,
  sshString,
  u32,
  type View,
  writePieces,
} from "../../keys/ssh.ts";
import { ANSWER } from "./numbers.ts";
import { SESSION_BIND } from "./requests.ts";

/** A key as a client sees it. */
export interface ListedKey {
  readonly blob: Uint8Array;
  /** UTF-8. */
  readonly comment: Uint8Array;
}

/** Answers of an agent, whole, to be written to the connection. None holds a secret. */
export function failure(): View {
  return answer(ANSWER.failure);
}

export function success(): View {
  return answer(ANSWER.success);
}

/** It knows no such extension, or refuses it. */
export function extensionFailure(): View {
  return answer(ANSWER.extensionFailure);
}

export function identities(keys: readonly ListedKey[]): View {
  const pieces = keys.flatMap(({ blob, comment }) => [...sshString(blob), ...sshString(comment)]);
  return answer(ANSWER.identities, u32(keys.length), ...pieces);
}

/** @param signature as {@link signatureBlob} makes it */
export function signed(signature: Uint8Array): View {
  return answer(ANSWER.signature, ...sshString(signature));
}

/** The extensions that there are. */
export function extensions(): View {
  const names = [ascii("query"), ascii(SESSION_BIND)].flatMap(sshString);
  return answer(ANSWER.extension, ...sshString(ascii("query")), ...names);
}

function answer(type: number, ...pieces: readonly Piece[]): View {
  const length = 1 + lengthOfPieces(pieces);
  const bytes = new Uint8Array(new ArrayBuffer(4 + length));
  writePieces([u32(length), [type], ...pieces], bytes);
  return bytes;
}
