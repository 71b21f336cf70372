import { wipeBytes } from "../../core/mod.ts";
import { type FileName, namesOfFiles } from "./core_notes.ts";
import { readFully } from "./files.ts";
import { ForensicsError } from "./forensics_error.ts";
import type { Mapping } from "./report.ts";

/** A part of a core file. */
export interface Segment {
  readonly mapping: Mapping;
  readonly fileOffset: number;
  /** Bytes in the file. The mapping may have been longer: the rest was not dumped. */
  readonly fileBytes: number;
}

const PT_LOAD = 1;
const PT_NOTE = 4;
const ET_CORE = 4;
const PN_XNUM = 0xffff;
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;

/** Notes hold names and registers. A note segment beyond this is damage, not a core file. */
const LARGEST_NOTES = 2 ** 30;

/**
 * The segments of an ELF64 little-endian core file (elf(5), core(5)), by address.
 *
 * Besides the memory (PT_LOAD) these are the notes (PT_NOTE), as a mapping named `[notes]` whose
 * addresses are offsets in the file: they hold the registers of each thread, and a vector register
 * holds 16 secret bytes or more.
 *
 * @throws {ForensicsError} `ERR_FORENSICS_FILE` when it is no such file
 */
export function readSegments(descriptor: number, path: string): Segment[] {
  const refuse = (reason: string): never => {
    throw new ForensicsError("ERR_FORENSICS_FILE", `Cannot scan core file ${path}: ${reason}`);
  };
  const header = readView(descriptor, 0, HEADER_BYTES) ?? refuse("it is too short");
  if (header.getUint32(0) !== 0x7f454c46)
    refuse("it is not an ELF file (compressed? decompress it first)");
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1)
    refuse("it is not 64-bit little-endian");
  if (header.getUint16(16, true) !== ET_CORE) refuse("it is an ELF file, but no core file");
  if (header.getUint16(54, true) !== PROGRAM_HEADER_BYTES)
    refuse("its program headers have an unknown size");

  const count = headerCount(descriptor, header) ?? refuse("it ends before its section header");
  const tableAt = Number(header.getBigUint64(32, true));
  const table =
    readView(descriptor, tableAt, count * PROGRAM_HEADER_BYTES) ??
    refuse("it ends inside its program headers");

  const loads: Segment[] = [];
  const notes: Segment[] = [];
  for (let at = 0; at < table.byteLength; at += PROGRAM_HEADER_BYTES) {
    const type = table.getUint32(at, true);
    if (type === PT_LOAD) loads.push(loadSegment(table, at));
    if (type === PT_NOTE) notes.push(noteSegment(table, at));
  }
  const names = notes.flatMap((segment) => fileNames(descriptor, segment));
  const named = loads.map((segment) => {
    const { mapping } = segment;
    const name =
      names.find(({ start, end }) => start <= mapping.start && mapping.start < end)?.name ?? "";
    return { ...segment, mapping: { ...mapping, name } };
  });
  const byAddress = (a: Segment, b: Segment): number =>
    a.mapping.start < b.mapping.start ? -1 : 1;
  return [...notes.sort(byAddress), ...named.sort(byAddress)];
}

/** The names in a note segment. The registers in the others of its notes may hold secret bytes. */
function fileNames(descriptor: number, { fileOffset, fileBytes }: Segment): FileName[] {
  const view = fileBytes > LARGEST_NOTES ? null : readView(descriptor, fileOffset, fileBytes);
  if (view === null) return [];
  try {
    return namesOfFiles(view);
  } finally {
    wipeBytes(new Uint8Array(view.buffer));
  }
}

/** More than 65,534 segments: the number stands in the first section header (elf(5), PN_XNUM). */
function headerCount(descriptor: number, header: DataView): number | null {
  const count = header.getUint16(56, true);
  if (count !== PN_XNUM) return count;
  const section = readView(descriptor, Number(header.getBigUint64(40, true)), HEADER_BYTES);
  return section === null ? null : section.getUint32(44, true);
}

function loadSegment(table: DataView, at: number): Segment {
  const flags = table.getUint32(at + 4, true);
  const start = table.getBigUint64(at + 16, true);
  const permissions = `${flags & 4 ? "r" : "-"}${flags & 2 ? "w" : "-"}${flags & 1 ? "x" : "-"}`;
  const end = start + table.getBigUint64(at + 40, true);
  return { mapping: { start, end, permissions, name: "", flags: [] }, ...inFile(table, at) };
}

function noteSegment(table: DataView, at: number): Segment {
  const place = inFile(table, at);
  const [start, end] = [BigInt(place.fileOffset), BigInt(place.fileOffset + place.fileBytes)];
  return { mapping: { start, end, permissions: "", name: "[notes]", flags: [] }, ...place };
}

function inFile(table: DataView, at: number): Pick<Segment, "fileOffset" | "fileBytes"> {
  return {
    fileOffset: Number(table.getBigUint64(at + 8, true)),
    fileBytes: Number(table.getBigUint64(at + 32, true)),
  };
}

function readView(
  descriptor: number,
  position: number,
  byteLength: number,
): DataView<ArrayBuffer> | null {
  const bytes = new Uint8Array(new ArrayBuffer(byteLength));
  return readFully(descriptor, bytes, position) === byteLength ? new DataView(bytes.buffer) : null;
}
