import { MAX_DATA } from "./limits.ts";
import { MAX_NAME } from "./names.ts";

export type FieldKind = "text" | "bytes" | "number" | "flag";

export interface Field {
  /** On the channel. */
  readonly tag: number;
  readonly kind: FieldKind;
  /** The most bytes of its value. */
  readonly most: number;
}

/**
 * The values of a message, by name. No secret is among them: a secret is a frame's second part.
 */
export interface Fields {
  readonly name?: string;
  /** A second name: of the secret to make, or to compare with. */
  readonly other?: string;
  /** The question of a prompt. */
  readonly text?: string;
  readonly type?: string;
  /** What is signed, sealed or hashed; or the result of it. */
  readonly data?: Uint8Array;
  /** Bytes that are authenticated and not sealed. */
  readonly additional?: Uint8Array;
  readonly mayLeave?: boolean;
  readonly uses?: number;
  /** Milliseconds since 1970. */
  readonly expires?: number;
  readonly byteLength?: number;
  readonly hash?: string;
  /** Of an RSA signature. */
  readonly padding?: string;
  /** Where a key pair is kept. */
  readonly place?: string;
  readonly salt?: Uint8Array;
  readonly passes?: number;
  readonly memoryBytes?: number;
  /** Code and message of an error: neither ever holds a byte of a secret. */
  readonly code?: string;
  readonly message?: string;
  /** A yes or no. */
  readonly holds?: boolean;
  /** JSON of a report or a status: counts, names and settings. */
  readonly report?: string;
  readonly secureHeap?: string;
  readonly relockMilliseconds?: number;
  readonly mask?: string;
  /** What a prompt gets is chosen now, and typed again later. */
  readonly isNew?: boolean;
  /** Of the custodian: what a prompt reads instead of the terminal. */
  readonly descriptor?: number;
  /** Of a status: the number of the first secret, and how many there are to be. */
  readonly from?: number;
  readonly most?: number;
  /** An HMAC to compare with. */
  readonly tag?: Uint8Array;
}

export type FieldName = keyof Fields;

const TABLE: Readonly<Record<FieldName, Field>> = {
  name: { tag: 1, kind: "text", most: MAX_NAME },
  other: { tag: 2, kind: "text", most: MAX_NAME },
  text: { tag: 3, kind: "text", most: 4096 },
  type: { tag: 4, kind: "text", most: 16 },
  data: { tag: 5, kind: "bytes", most: MAX_DATA + 64 },
  additional: { tag: 6, kind: "bytes", most: 16_384 },
  mayLeave: { tag: 7, kind: "flag", most: 1 },
  uses: { tag: 8, kind: "number", most: 8 },
  expires: { tag: 9, kind: "number", most: 8 },
  byteLength: { tag: 10, kind: "number", most: 8 },
  hash: { tag: 11, kind: "text", most: 16 },
  salt: { tag: 12, kind: "bytes", most: 64 },
  passes: { tag: 13, kind: "number", most: 8 },
  memoryBytes: { tag: 14, kind: "number", most: 8 },
  code: { tag: 15, kind: "text", most: 64 },
  message: { tag: 16, kind: "text", most: 2048 },
  holds: { tag: 17, kind: "flag", most: 1 },
  report: { tag: 18, kind: "text", most: 65_536 },
  secureHeap: { tag: 19, kind: "text", most: 16 },
  relockMilliseconds: { tag: 20, kind: "number", most: 8 },
  mask: { tag: 21, kind: "text", most: 1 },
  descriptor: { tag: 22, kind: "number", most: 8 },
  from: { tag: 23, kind: "number", most: 8 },
  most: { tag: 24, kind: "number", most: 8 },
  isNew: { tag: 25, kind: "flag", most: 1 },
  tag: { tag: 26, kind: "bytes", most: 65 },
  padding: { tag: 27, kind: "text", most: 16 },
  place: { tag: 28, kind: "text", most: 16 },
};

/** Every field, in the order of their tags. */
export const FIELDS: readonly (readonly [FieldName, Field])[] = Object.entries(TABLE) as [
  FieldName,
  Field,
][];

export interface NamedField extends Field {
  readonly name: FieldName;
}

const NAMED: readonly NamedField[] = FIELDS.map(([name, field]) => ({ name, ...field }));

export const FIELD_BY_NAME: ReadonlyMap<string, NamedField> = new Map(
  NAMED.map((field) => [field.name, field]),
);

export const FIELD_BY_TAG: ReadonlyMap<number, NamedField> = new Map(
  NAMED.map((field) => [field.tag, field]),
);
