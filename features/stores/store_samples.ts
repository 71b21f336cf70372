/** Keys that begin alike, of 1 to 200 visible ASCII characters, each of which is another one. */
export function keysApart(start: string): readonly string[] {
  const ends = [
    "a",
    "A",
    "a/b",
    "a%2Fb",
    "a/../a",
    "a/",
    "a.",
    "a_",
    "a%",
    "a*",
    "a?b=c&d#e",
    "a+b",
    "a'b",
    'a"b',
    "a\\b",
  ];
  const long = start.padEnd(199, "x");
  return [...ends.map((end) => start + end), `${long}1`, `${long}2`];
}

/** Every byte is there, and none of two lengths is the same. */
export function sample(byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (let index = 0; index < byteLength; index++) bytes[index] = (index * 31 + byteLength) & 255;
  return bytes;
}

export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}

/** What every platform has. */
declare const setTimeout: (task: () => void, milliseconds: number) => unknown;
