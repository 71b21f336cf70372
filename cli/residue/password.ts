import { deriveInto, type Needle } from "../../conformance/mod.ts";

/** Bytes of the password that every approach is given. All of them printable ASCII. */
export const PASSWORD_BYTES = 24;

/**
 * The password of `seed`, one byte a character, so that it can be typed and can be a string.
 *
 * Only the scanner derives it: the processes that are looked into read it from a descriptor.
 */
export function passwordOf(seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(PASSWORD_BYTES));
  deriveInto(seed, bytes);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = FIRST + ((bytes[index] ?? 0) % CHARACTERS);
  }
  return bytes;
}

/** What to look for: the password, and a control that must be seen at every scan. */
export function needlesOf(seed: number): readonly Needle[] {
  return [
    { label: "password", bytes: passwordOf(seed) },
    { label: CONTROL, bytes: passwordOf(controlOf(seed)) },
  ];
}

export const CONTROL = "control";

/** The control, as it is typed. */
export function typedControl(seed: number): Uint8Array<ArrayBuffer> {
  return typed(passwordOf(controlOf(seed)));
}

/** The password, as it is typed. */
export function typedPassword(seed: number): Uint8Array<ArrayBuffer> {
  return typed(passwordOf(seed));
}

function typed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  line.set(bytes);
  line[bytes.length] = 0x0a;
  bytes.fill(0);
  return line;
}

function controlOf(seed: number): number {
  return (seed ^ 0x5bd1e995) >>> 0;
}

/** From `!` to `~`. */
const FIRST = 33;
const CHARACTERS = 94;
