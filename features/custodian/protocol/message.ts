import { outOfRange } from "../../../core/arguments/argument_error.ts";
import { offHeapBytes } from "../../../core/mod.ts";
import { TextDecoder, TextEncoder } from "../../../system/node_builtins.ts";
import { channelError } from "./channel_error.ts";
import {
  FIELD_BY_NAME,
  FIELD_BY_TAG,
  type FieldKind,
  type FieldName,
  type Fields,
  type NamedField,
} from "./fields.ts";
import { partOf, readU32 } from "./frame_reader.ts";
import { MAX_META } from "./limits.ts";
import { OPERATIONS, type OperationName } from "./operation_names.ts";

/** A question of the application, what the custodian says to it, or why it will not. */
export type MessageKind = "request" | "response" | "refusal";

/** The public part of a frame. */
export interface Message {
  readonly kind: MessageKind;
  /** Chosen by the application; the answer carries it again. 0 to 2^32 - 1. */
  readonly id: number;
  readonly operation: OperationName;
  readonly fields: Fields;
}

const KINDS: readonly MessageKind[] = ["request", "response", "refusal"];
const HEAD_BYTES = 6;
const FIELD_HEAD_BYTES = 5;
const SHORT_TEXT = 64;
const NO_FIELDS: Fields = Object.freeze(Object.create(null));

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Writes messages, all into one buffer of its own: what it gives holds until the next call.
 *
 *     | u8 kind | u8 operation | u32 id | fields: u8 tag, u32 length, value; tags ascend |
 *
 * @throws {RangeError} when a value is longer than its field allows
 */
export class MessageWriter {
  readonly #bytes = offHeapBytes(MAX_META);
  readonly #view = new DataView(this.#bytes.buffer);

  write({ kind, id, operation, fields }: Message): Uint8Array {
    this.#bytes[0] = KINDS.indexOf(kind);
    this.#bytes[1] = OPERATIONS.indexOf(operation);
    this.#view.setUint32(2, id);
    let at = HEAD_BYTES;
    for (const field of namedBy(fields)) at = this.#field(field, fields[field.name], at);
    return partOf(this.#bytes, 0, at);
  }

  /** @returns where the next field begins */
  #field({ name, tag, kind, most }: NamedField, value: Fields[FieldName], at: number): number {
    if (value === undefined) return at;
    const start = at + FIELD_HEAD_BYTES;
    const length =
      start > MAX_META
        ? -1
        : this.#value(kind, value, partOf(this.#bytes, start, Math.min(start + most, MAX_META)));
    if (length < 0) {
      throw outOfRange(`Cannot send message as ${name} must have ${most} bytes at most`);
    }
    this.#bytes[at] = tag;
    this.#view.setUint32(at + 1, length);
    return start + length;
  }

  /** @returns how many bytes were written, or -1 when the room is too small */
  #value(type: FieldKind, value: Fields[FieldName], room: Uint8Array): number {
    switch (type) {
      case "text": {
        const { read, written } = ENCODER.encodeInto(value as string, room);
        return read === (value as string).length ? written : -1;
      }
      case "bytes": {
        const bytes = value as Uint8Array;
        if (bytes.length > room.length) return -1;
        room.set(bytes);
        return bytes.length;
      }
      case "number":
        if (room.length < 8) return -1;
        this.#view.setFloat64(room.byteOffset, value as number);
        return 8;
      case "flag":
        if (room.length < 1) return -1;
        room[0] = value ? 1 : 0;
        return 1;
    }
  }
}

/** The fields that a message has of its own, in the order of their tags: it has few, of many. */
function namedBy(fields: Fields): readonly NamedField[] {
  const named: NamedField[] = [];
  for (const name of Object.keys(fields)) {
    const field = FIELD_BY_NAME.get(name);
    if (field !== undefined) named.push(field);
  }
  return named.length < 2 ? named : named.sort((left, right) => left.tag - right.tag);
}

/**
 * The message in `meta`, with copies of its values.
 *
 * @throws {LetheError} `ERR_LETHE_CHANNEL` for anything that {@link MessageWriter} does not write
 */
export function readMessage(meta: Uint8Array): Message {
  if (meta.length < HEAD_BYTES) throw malformed();
  const kind = KINDS[meta[0] as number];
  const operation = OPERATIONS[meta[1] as number];
  if (kind === undefined || operation === undefined) throw malformed();
  return { kind, operation, id: readU32(meta, 2), fields: readFields(meta) };
}

function readFields(meta: Uint8Array): Fields {
  if (meta.length === HEAD_BYTES) return NO_FIELDS;
  const fields: Partial<Record<FieldName, unknown>> = Object.create(null);
  let last = 0;
  for (let at = HEAD_BYTES; at < meta.length; ) {
    if (meta.length - at < FIELD_HEAD_BYTES) throw malformed();
    const tag = meta[at] as number;
    const length = readU32(meta, at + 1);
    const start = at + FIELD_HEAD_BYTES;
    const field = FIELD_BY_TAG.get(tag);
    if (field === undefined || tag <= last || length > field.most) throw malformed();
    if (length > meta.length - start) throw malformed();
    fields[field.name] = readValue(field.kind, partOf(meta, start, start + length));
    last = tag;
    at = start + length;
  }
  return fields as Fields;
}

function readValue(kind: FieldKind, bytes: Uint8Array): unknown {
  switch (kind) {
    case "text":
      return readText(bytes);
    case "bytes":
      return copyOf(bytes);
    case "number": {
      if (bytes.length !== 8) throw malformed();
      const number = new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
      if (!Number.isFinite(number)) throw malformed();
      return number;
    }
    case "flag":
      if (bytes.length !== 1 || (bytes[0] as number) > 1) throw malformed();
      return bytes[0] === 1;
  }
}

/** Short ASCII, as names are, needs no decoder, which takes longer to call than to decode. */
function readText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.length <= SHORT_TEXT ? bytes : []) {
    if (byte > 127) break;
    text += String.fromCharCode(byte);
  }
  if (text.length === bytes.length) return text;
  try {
    return DECODER.decode(bytes);
  } catch {
    throw malformed();
  }
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = offHeapBytes(Math.max(bytes.length, 1)).subarray(0, bytes.length);
  copy.set(bytes);
  return copy;
}

function malformed(): Error {
  return channelError("a message is malformed");
}
