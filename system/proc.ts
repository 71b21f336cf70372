import { buffer } from "./node_builtins.ts";

/** One mapping, as `/proc/self/smaps` or `/proc/self/maps` lists it. */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /** For example `rw-p`. */
  readonly access: string;
  /** The file or label at the end of the line, or nothing. */
  readonly name: string;
  /** For example `rd wr mr mw me lo dc dd`. Only from smaps. */
  readonly flags: readonly string[];
}

const { Buffer } = buffer;

/**
 * The text of bytes of which only the ASCII ones are looked at. To make a decoder takes longer than to read
 * all that Lethe reads of /proc.
 */
export function asciiText(bytes: Uint8Array<ArrayBuffer>): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

const HEADER = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)$/;

/**
 * Collects from a maps or smaps file, piece by piece, the mappings that touch a range.
 *
 * The whole file as one text would be by far the most garbage that opening a memory makes.
 */
export class MappingCollector {
  /** What was found, in the file's order: ascending by address. */
  readonly found: Mapping[] = [];
  readonly #from: bigint;
  readonly #to: bigint;
  readonly #containing: string;
  #rest = "";
  #inside = false;
  #past = false;

  /**
   * Of the mappings that contain any byte of `from` up to and without `to`.
   *
   * @param containing what a mapping's own line contains: most are passed over without being parsed
   */
  constructor(from: bigint, to: bigint, containing: string = "") {
    this.#from = from;
    this.#to = to;
    this.#containing = containing;
  }

  /** False: the range lies behind, and nothing that follows is of interest. */
  add(piece: Uint8Array<ArrayBuffer>): boolean {
    this.addText(asciiText(piece));
    return !this.#past;
  }

  addText(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#addLine(line);
  }

  /** Takes out what is found and complete: all but the last one, whose flags may be still to come. */
  drain(): readonly Mapping[] {
    return this.found.splice(0, this.found.length - 1);
  }

  #addLine(line: string): void {
    // Lines about a mapping start with a capital letter, and the mapping with a hexadecimal digit.
    if (line >= "A" && line < "[") {
      if (this.#inside && line.startsWith("VmFlags:")) this.#addFlags(line.slice(8));
      return;
    }
    this.#inside = false;
    if (!line.includes(this.#containing)) return;
    const [, first, last, access, name] = HEADER.exec(line) ?? [];
    const [start, end] = [BigInt(`0x${first ?? 0}`), BigInt(`0x${last ?? 0}`)];
    this.#past ||= start >= this.#to;
    this.#inside = start < this.#to && end > this.#from && access !== undefined;
    if (this.#inside) {
      this.found.push({ start, end, access: access ?? "", name: name ?? "", flags: [] });
    }
  }

  #addFlags(text: string): void {
    const last = this.found.pop();
    if (last !== undefined) this.found.push({ ...last, flags: text.trim().split(/ +/) });
  }
}

/** The mapping that contains an address. */
export function mappingAt(mappings: readonly Mapping[], address: bigint): Mapping | undefined {
  return mappings.find(({ start, end }) => start <= address && address < end);
}

/** A thread, told from later ones that get its number. */
export interface Thread {
  readonly id: bigint;
  /** When it started, in clock ticks since the machine did. */
  readonly started: bigint;
}

/** What `/proc/PID/task/TID/stat` says (proc_pid_stat(5)). The name in it may hold any character. */
export function parseThread(stat: string): Thread | null {
  const id = /^\d+/.exec(stat)?.[0];
  const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return id === undefined || !/^\d+$/.test(started ?? "")
    ? null
    : { id: BigInt(id), started: BigInt(started ?? 0) };
}

/** A line such as `VmLck: 64 kB` of `/proc/self/status`. */
export function kibibytes(status: string, field: string): number | null {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status);
  return match?.[1] === undefined ? null : Number(match[1]);
}

/** The effective capabilities of `/proc/self/status`, as bits. */
export function capabilities(status: string): bigint {
  const match = /^CapEff:\s+([0-9a-f]+)$/m.exec(status);
  return match?.[1] === undefined ? 0n : BigInt(`0x${match[1]}`);
}
