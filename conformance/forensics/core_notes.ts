const NT_FILE = 0x46494c45;

/** Which file was mapped at which addresses. */
export interface FileName {
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
}

/**
 * The mapped files that a note segment of a core file names (core(5), NT_FILE).
 *
 *     note      name size, descriptor size, type (4 bytes each), name, descriptor (padded to 4)
 *     NT_FILE   count, page size, count times: start, end, offset (8 bytes each); then the names,
 *               each ended by a zero
 *
 * Damaged notes end the list: names only make findings easier to read.
 */
export function namesOfFiles(notes: DataView): FileName[] {
  for (let at = 0; at + 12 <= notes.byteLength; ) {
    const nameAt = at + 12;
    const bodyAt = nameAt + padded(notes.getUint32(at, true));
    const next = bodyAt + padded(notes.getUint32(at + 4, true));
    if (next > notes.byteLength) return [];
    if (notes.getUint32(at + 8, true) === NT_FILE) {
      return parseFiles(new DataView(notes.buffer, notes.byteOffset + bodyAt, next - bodyAt));
    }
    at = next;
  }
  return [];
}

function parseFiles(body: DataView): FileName[] {
  if (body.byteLength < 16) return [];
  const count = Number(body.getBigUint64(0, true));
  const namesAt = 16 + count * 24;
  if (namesAt > body.byteLength) return [];
  const names = new TextDecoder()
    .decode(new Uint8Array(body.buffer, body.byteOffset + namesAt, body.byteLength - namesAt))
    .split("\0");
  return Array.from({ length: count }, (_, index) => ({
    start: body.getBigUint64(16 + index * 24, true),
    end: body.getBigUint64(24 + index * 24, true),
    name: names[index] ?? "",
  }));
}

function padded(byteLength: number): number {
  return Math.ceil(byteLength / 4) * 4;
}
