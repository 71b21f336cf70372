// Of open(2) on Linux.
const O_RDONLY = 0;
const O_WRONLY = 1;
const O_NOCTTY = 0o400;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
export const INPUT_FLAGS: number = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
export const OUTPUT_FLAGS: number = O_WRONLY | O_NOCTTY | O_CLOEXEC;

/** Bytes of `struct termios` on Linux, and some more. glibc has 60. */
export const SETTINGS_LENGTH = 64;

/**
 * The settings of a terminal that hands over each byte as it is typed and shows nothing. Output is
 * left alone: other programs may be writing to the terminal.
 *
 * @param settings `struct termios` of Linux on x86-64, arm64 and riscv64, glibc and musl
 */
export function rawSettings(settings: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const raw = settings.slice();
  const words = new DataView(raw.buffer);
  const clear = (offset: number, bits: number): void =>
    words.setUint32(offset, words.getUint32(offset, true) & ~bits, true);
  clear(INPUT_MODES, BRKINT | INPCK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
  clear(LOCAL_MODES, ISIG | ICANON | ECHO | ECHONL | IEXTEN);
  raw[CONTROL_CHARACTERS + VMIN] = 1;
  raw[CONTROL_CHARACTERS + VTIME] = 0;
  return raw;
}

/** Offsets in the structure. */
const INPUT_MODES = 0;
const LOCAL_MODES = 12;
const CONTROL_CHARACTERS = 17;
const VTIME = 5;
const VMIN = 6;

const BRKINT = 0o2;
const INPCK = 0o20;
const ISTRIP = 0o40;
const INLCR = 0o100;
const IGNCR = 0o200;
const ICRNL = 0o400;
const IXON = 0o2000;
const ISIG = 0o1;
const ICANON = 0o2;
const ECHO = 0o10;
const ECHONL = 0o100;
const IEXTEN = 0o100000;

/** Whether two settings are alike in what {@link rawSettings} changes, and in all control characters. */
export function sameSettings(one: Uint8Array, other: Uint8Array): boolean {
  const isAlike = (start: number, end: number): boolean =>
    one.subarray(start, end).every((byte, index) => byte === other[start + index]);
  return isAlike(INPUT_MODES, INPUT_MODES + 4) && isAlike(LOCAL_MODES, CONTROL_CHARACTERS + 19);
}
