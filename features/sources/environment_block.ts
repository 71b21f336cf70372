import { readText } from "../../system/read_text.ts";

/** From where to where something lies: the first byte, and the one behind the last. */
export type Span = readonly [from: number, to: number];

/**
 * Where the kernel put the variables of this process, `NAME=value` behind each other with a zero between them: fields
 * 50 and 51 of proc_pid_stat(5). Null where it cannot be read, or is longer than anything sensible.
 */
export function environmentBlock(): Span | null {
  try {
    const stat = readText("/proc/self/stat");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [start, end] = [Number(fields[47]), Number(fields[48])];
    return end > start && end - start <= LONGEST ? [start, end] : null;
  } catch {
    return null;
  }
}

/**
 * Where the values of a variable lie in a block. Whoever starts a program may put a name there twice: getenv(3)
 * finds the first, and `/proc/PID/environ` shows both.
 *
 * @param prefix the name and `=`
 */
export function placesOf(block: Uint8Array, prefix: Uint8Array): readonly Span[] {
  const places: Span[] = [];
  for (let at = 0; at < block.length; ) {
    let end = at;
    while (end < block.length && block[end] !== 0) end += 1;
    if (prefix.every((byte, index) => block[at + index] === byte)) {
      places.push([at + prefix.length, end]);
    }
    at = end + 1;
  }
  return places;
}

/** Bytes: what Linux takes by default. */
const LONGEST = 2 ** 21;
