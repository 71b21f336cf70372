import { offHeapBytes } from "../../../core/mod.ts";
import { channelError } from "./channel_error.ts";
import { FIELD_BY_TAG, FIELDS, type FieldKind, type FieldName, type Fields } from "./fields.ts";
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
    for (const [name, { tag, kind: type, most }] of FIELDS) {
      const value = fields[name];
      if (value === undefined) continue;
      const start = at + FIELD_HEAD_BYTES;
      const room = this.#bytes.subarray(start, Math.min(start + most, MAX_META));
      const length = start > MAX_META ? -1 : this.#value(type, value, room);
      if (length < 0) {
        throw new RangeError(`Cannot send message as ${name} must have ${most} bytes at most`);
      }
      this.#bytes[at] = tag;
      this.#view.setUint32(at + 1, length);
      at = start + length;
    }
    return this.#bytes.subarray(0, at);
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

/**
 * The message in `meta`, with copies of its values.
 *
 * @throws {LetheError} `ERR_LETHE_CHANNEL` for anything that {@link MessageWriter} does not write
 */
export function readMessage(meta: Uint8Array): Message {
  const view = new DataView(meta.buffer, meta.byteOffset, meta.byteLength);
  const kind = meta.length < HEAD_BYTES ? undefined : KINDS[view.getUint8(0)];
  const operation = kind === undefined ? undefined : OPERATIONS[view.getUint8(1)];
  if (kind === undefined || operation === undefined) throw malformed();
  return { kind, operation, id: view.getUint32(2), fields: readFields(meta, view) };
}

function readFields(meta: Uint8Array, view: DataView): Fields {
  const fields: Partial<Record<FieldName, unknown>> = Object.create(null);
  let last = 0;
  for (let at = HEAD_BYTES; at < meta.length; ) {
    if (meta.length - at < FIELD_HEAD_BYTES) throw malformed();
    const tag = view.getUint8(at);
    const length = view.getUint32(at + 1);
    const start = at + FIELD_HEAD_BYTES;
    const field = FIELD_BY_TAG.get(tag);
    if (field === undefined || tag <= last || length > field.most) throw malformed();
    if (length > meta.length - start) throw malformed();
    fields[field.name] = readValue(field.kind, meta.subarray(start, start + length));
    last = tag;
    at = start + length;
  }
  return fields as Fields;
}

function readValue(kind: FieldKind, bytes: Uint8Array): unknown {
  switch (kind) {
    case "text":
      try {
        return DECODER.decode(bytes);
      } catch {
        throw malformed();
      }
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

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = offHeapBytes(Math.max(bytes.length, 1)).subarray(0, bytes.length);
  copy.set(bytes);
  return copy;
}

function malformed(): Error {
  return channelError("a message is malformed");
}
