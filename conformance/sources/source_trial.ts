import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { equalBytes, type LetheError, offHeapBytes } from "../../core/mod.ts";
import type { Land, SecretRecord, SecretSource } from "../../features/sources/types.ts";
import { check } from "../check.ts";
import type { SourceSubject } from "./source_subject.ts";

/** What a case has. */
export interface SourceTrial {
  readonly subject: SourceSubject;
  readonly source: SecretSource;
  readonly secrets: Secrets;
  readonly land: Land;
  /** What was made by `land`. */
  readonly landed: ReadonlySet<SecretBuffer>;
}

/** Puts a copy: whoever puts bytes into a secret may wipe what they came in. */
export async function put({ subject }: SourceTrial, content: Uint8Array): Promise<string> {
  return await subject.put(content.slice());
}

/** As {@link put}, in the place of what is under `reference`. */
export async function change(
  { subject }: SourceTrial,
  reference: string,
  content: Uint8Array,
): Promise<void> {
  await subject.change?.(reference, content.slice());
}

/** Reads, hands the record over, and destroys it: nothing else may be left. */
export async function reading(
  trial: SourceTrial,
  reference: string,
  use: (record: SecretRecord) => void,
): Promise<void> {
  const record = await read(trial, reference);
  try {
    use(record);
  } finally {
    for (const secret of record.fields.values()) secret.destroy();
  }
}

/** A record of the source, which has to answer. */
export async function read(trial: SourceTrial, reference: string): Promise<SecretRecord> {
  const record = await within(begin(trial, reference), limitOf(trial));
  check(record !== LATE, `read() gave nothing, and no error, within ${limitOf(trial)} ms`);
  const { fields } = Object(record) as Partial<SecretRecord>;
  check(typeof fields?.values === "function", "read() gave no record; make one with makeRecord()");
  return record;
}

/** What a read failed with; null: it gave a record, which is destroyed. */
export async function outcomeOf(
  trial: SourceTrial,
  reference: string,
  signal?: AbortSignal,
): Promise<unknown> {
  const pending = begin(trial, reference, signal);
  try {
    const record = await pending;
    for (const secret of record.fields.values()) secret.destroy();
    return null;
  } catch (error) {
    return error ?? "nothing";
  }
}

function begin(
  { source, land }: SourceTrial,
  reference: string,
  signal?: AbortSignal,
): Promise<SecretRecord> {
  try {
    return source.read(reference, { land, ...(signal === undefined ? {} : { signal }) });
  } catch {
    check(false, "read() throws: it has to give a promise that rejects");
  }
}

/** The code of an error, in which nothing of the answer stands. @param until for the message */
export async function codeOf(trial: SourceTrial, reference: string, until = ""): Promise<string> {
  const before = trial.secrets.stats.live;
  const outcome = await within(outcomeOf(trial, reference), limitOf(trial));
  check(outcome !== LATE, `read() gave nothing, and no error, within ${limitOf(trial)} ms${until}`);
  const { code } = outcome as Partial<LetheError>;
  check(
    trial.secrets.stats.live === before || code === undefined,
    "a read that failed left a secret",
  );
  check(!textOf(outcome).includes(HALF), "an error quotes the answer, itself or in its cause");
  return typeof code === "string" ? code : "a record, or an error without a code";
}

/** What {@link SourceSubject.half} answers with. */
const HALF = "half an answer";

/** What a log shows of an error. */
function textOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > DEEPEST) return String(error);
  const own = Object.values(error).filter((value) => typeof value === "string");
  return [error.message, ...own, textOf(error.cause, depth + 1)].join("\n");
}

const DEEPEST = 8;

const limitOf = ({ subject }: SourceTrial): number => (subject.patience ?? 10_000) + 2000;

export async function roundTrip(trial: SourceTrial, content: Uint8Array): Promise<void> {
  await reading(trial, await put(trial, content), (record) => same(record, content));
}

export function same(record: SecretRecord, content: Uint8Array): void {
  const isSame = equalBytes(record.field(), content);
  check(isSame, `${content.length} bytes came back as others`);
}

export const LATE: unique symbol = Symbol("late");

export async function within<T>(
  pending: Promise<T>,
  milliseconds: number,
): Promise<T | typeof LATE> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), milliseconds);
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Bytes of which no two neighbours are alike. */
export function sample(length: number, { isText = false }: SourceSubject): Uint8Array<ArrayBuffer> {
  const bytes = offHeapBytes(length);
  for (let at = 0; at < length; at++) bytes[at] = isText ? 33 + ((at * 7) % 90) : (at * 7) % 256;
  return bytes;
}

/** What a reader of text may take for something else. */
export function texts({ isText = false }: SourceSubject): readonly Uint8Array[] {
  const lines = [
    [97, 10],
    [97, 13, 10],
    [10, 97],
    [32, 97, 32],
    [0xef, 0xbb, 0xbf, 97],
    [0xff, 0xfe],
  ];
  const binary = isText ? [] : [[0], [0, 0, 0, 0], [97, 0, 98], [97, 0]];
  return [...lines, ...binary].map((bytes) => Uint8Array.from(bytes));
}

export function isFilled(bytes: Uint8Array, ...states: readonly Uint8Array[]): boolean {
  return states.some(
    (state) => state.length === bytes.length && bytes.every((byte) => byte === state[0]),
  );
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}
