import type { View } from "./bytes.ts";
import { AES_ROOM, Aes } from "./primitives/aes.ts";
import { cbcDecrypt, cbcEncrypt, ctr, MODE_ROOM } from "./primitives/aes_modes.ts";
import {
  CHACHA_POLY_ROOM,
  chachaPolyDecrypt,
  chachaPolyEncrypt,
} from "./primitives/chacha_poly.ts";
import { GCM_ROOM, gcmDecrypt, gcmEncrypt } from "./primitives/gcm.ts";
import type { Workspace } from "./primitives/workspace.ts";

/** A cipher of key files. The lengths of source and target are equal, and whole blocks. */
export interface FileCipher {
  readonly keyBytes: number;
  readonly vectorBytes: number;
  readonly blockBytes: number;
  readonly tagBytes: number;
  /** @returns false when it is not authentic */
  open(input: CipherInput): boolean;
  seal(input: CipherInput): void;
}

export interface CipherInput {
  readonly key: View;
  readonly vector: View;
  readonly source: View;
  /** Not the source. */
  readonly target: View;
  /** Read by `open`, written by `seal`; empty where there is none. */
  readonly tag: View;
  readonly space: Workspace;
}

/** What one call of a cipher takes of a {@link Workspace}. */
export const CIPHER_ROOM: number = AES_ROOM + MODE_ROOM + GCM_ROOM + CHACHA_POLY_ROOM;

export const cbc = (bits: 128 | 192 | 256): FileCipher => ({
  keyBytes: bits / 8,
  vectorBytes: 16,
  blockBytes: 16,
  tagBytes: 0,
  open({ key, vector, source, target, space }) {
    cbcDecrypt(new Aes(key, space), vector, source, target);
    return true;
  },
  seal({ key, vector, source, target, space }) {
    cbcEncrypt(new Aes(key, space), vector, source, target, space);
  },
});

export const counting = (bits: 128 | 192 | 256): FileCipher => {
  const both = ({ key, vector, source, target, space }: CipherInput): true => {
    ctr(new Aes(key, space), vector, 16, source, target, space);
    return true;
  };
  return {
    keyBytes: bits / 8,
    vectorBytes: 16,
    blockBytes: 16,
    tagBytes: 0,
    open: both,
    seal: both,
  };
};

export const gcm = (bits: 128 | 192 | 256): FileCipher => ({
  keyBytes: bits / 8,
  vectorBytes: 12,
  blockBytes: 16,
  tagBytes: 16,
  open({ key, vector, source, target, tag, space }) {
    return gcmDecrypt(new Aes(key, space), vector, source, tag, target, space);
  },
  seal({ key, vector, source, target, tag, space }) {
    gcmEncrypt(new Aes(key, space), vector, source, target, tag, space);
  },
});

/** The nonce is the number of the packet, 0. */
export const CHACHA_POLY: FileCipher = {
  keyBytes: 64,
  vectorBytes: 0,
  blockBytes: 8,
  tagBytes: 16,
  open: ({ key, source, target, tag, space }) => chachaPolyDecrypt(key, source, tag, target, space),
  seal: ({ key, source, target, tag, space }) => chachaPolyEncrypt(key, source, target, tag, space),
};
