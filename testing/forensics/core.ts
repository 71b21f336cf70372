/** A segment to be put into a synthetic core file. */
export interface TestSegment {
  readonly start: bigint;
  readonly bytes: Uint8Array;
  /** PF_R 4, PF_W 2, PF_X 1. */
  readonly flags?: number;
  /** Length in memory where that is more than what was dumped. */
  readonly byteLength?: number;
}

/** Writes an ELF64 little-endian core file by elf(5) and core(5), independent of what reads it. */
export function buildCore(
  segments: readonly TestSegment[],
  files: readonly { readonly start: bigint; readonly end: bigint; readonly name: string }[] = [],
  options: { readonly manySegments?: boolean; readonly registers?: Uint8Array } = {},
): Uint8Array {
  const notes = Buffer.concat([
    note(1, options.registers ?? new Uint8Array(8)),
    note(0x46494c45, fileTable(files)),
  ]);
  const count = segments.length + 1;
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(4, 16);
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(128n, 32);
  header.writeBigUInt64LE(64n, 40);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(options.manySegments === true ? 0xffff : count, 56);
  const section = Buffer.alloc(64);
  section.writeUInt32LE(count, 44);

  const table: Buffer[] = [];
  const bodies: Uint8Array[] = [];
  let offset = 128 + count * 56;
  const add = (
    type: number,
    flags: number,
    start: bigint,
    bytes: Uint8Array,
    byteLength: number,
  ): void => {
    const entry = Buffer.alloc(56);
    entry.writeUInt32LE(type, 0);
    entry.writeUInt32LE(flags, 4);
    entry.writeBigUInt64LE(BigInt(offset), 8);
    entry.writeBigUInt64LE(start, 16);
    entry.writeBigUInt64LE(BigInt(bytes.length), 32);
    entry.writeBigUInt64LE(BigInt(byteLength), 40);
    table.push(entry);
    bodies.push(bytes);
    offset += bytes.length;
  };
  add(4, 0, 0n, notes, 0);
  for (const { start, bytes, flags = 6, byteLength = bytes.length } of segments)
    add(1, flags, start, bytes, byteLength);
  return Uint8Array.from(Buffer.concat([header, section, ...table, ...bodies]));
}

function note(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(5, 0);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(type, 8);
  head.write("CORE\0", 12, "latin1");
  return Buffer.concat([head, body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
}

function fileTable(
  files: readonly { readonly start: bigint; readonly end: bigint; readonly name: string }[],
): Buffer {
  const numbers = [
    BigInt(files.length),
    4096n,
    ...files.flatMap(({ start, end }) => [start, end, 0n]),
  ];
  return Buffer.concat([
    Buffer.from(BigUint64Array.from(numbers).buffer),
    Buffer.from(files.map(({ name }) => `${name}\0`).join(""), "utf8"),
  ]);
}
