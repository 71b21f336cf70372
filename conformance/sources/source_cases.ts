import {
  equalBytes,
  type LetheError,
  offHeapBytes,
  type SecretBuffer,
  type Secrets,
} from "../../core/mod.ts";
import type { Land, SecretRecord, SecretSource } from "../../features/sources/types.ts";
import { check, NotRun } from "../check.ts";
import type { SourceSubject } from "./source_subject.ts";

/** One requirement of sources. */
export interface SourceCase {
  /** As in the contract, {@link SecretSource}. */
  readonly id: string;
  readonly title: string;
  run(trial: SourceTrial): Promise<void>;
}

/** What a case has. */
export interface SourceTrial {
  readonly subject: SourceSubject;
  readonly source: SecretSource;
  readonly secrets: Secrets;
  readonly land: Land;
  /** What was made by `land`. */
  readonly landed: ReadonlySet<SecretBuffer>;
}

export const SOURCE_CASES: readonly SourceCase[] = [
  {
    id: "SOURCE-1",
    title: "gives every byte of every length, and nothing for nothing",
    async run(trial) {
      const { subject } = trial;
      const most = subject.mostBytes ?? 60_000;
      const lengths = [1, 2, 31, 32, 33, 255, 256, 4095, 4096, 4097, most].filter((n) => n <= most);
      const contents = [...lengths.map((n) => sample(n, subject)), ...texts(subject)];
      for (const content of contents) await roundTrip(trial, content);
      const code = await codeOf(trial, await subject.put(new Uint8Array(0)));
      check(
        code === "ERR_LETHE_SOURCE_EMPTY" || code === "ERR_LETHE_SOURCE_MISSING",
        `no bytes came to ${code}`,
      );
    },
  },
  {
    id: "SOURCE-2",
    title: "makes secrets by land alone, and says what it leaves elsewhere",
    async run(trial) {
      const { source, landed, subject } = trial;
      check(/^[a-z][a-z0-9-]{0,30}$/.test(source.name), "its name is not short and lower case");
      const { residue } = source;
      check(
        Array.isArray(residue) && residue.every((text) => typeof text === "string" && text !== ""),
        "its residue is not a list of sentences",
      );
      await reading(trial, await subject.put(sample(40, subject)), (record) => {
        for (const secret of record.fields.values()) {
          check(landed.has(secret), "a field of a record was not made by land");
        }
      });
    },
  },
  {
    id: "SOURCE-3",
    title: "gives one state, whole, while it changes",
    async run(trial) {
      const { subject } = trial;
      const change = subject.change;
      if (change === undefined) throw new NotRun("a reference cannot change");
      const [one, other] = [new Uint8Array(3000).fill(65), new Uint8Array(5000).fill(66)];
      const reference = await subject.put(one);
      for (let round = 0; round < 20; round++) {
        const changed = Promise.resolve(change(reference, round % 2 === 0 ? other : one));
        await Promise.all([
          changed,
          reading(trial, reference, (record) => {
            const isOne = record.field().expose((bytes) => isFilled(bytes, one, other));
            check(isOne, "a record mixes two states");
          }).catch((error: unknown) => {
            const { code } = error as Partial<LetheError>;
            if (code !== "ERR_LETHE_SOURCE_INCOMPLETE" && code !== "ERR_LETHE_SOURCE_MISSING") {
              throw error;
            }
          }),
        ]);
      }
    },
  },
  {
    id: "SOURCE-4",
    title: "names a state by a version that comes of no byte",
    async run(trial) {
      const { subject } = trial;
      const content = sample(40, subject);
      const versions: string[] = [];
      for (const reference of [await subject.put(content), await subject.put(content)]) {
        await reading(trial, reference, ({ version }) => void versions.push(version));
      }
      check(versions[0] !== versions[1], "the same bytes in two places have one version");
      if (subject.change === undefined) return;
      const reference = await subject.put(content);
      await reading(trial, reference, ({ version }) => void versions.push(version));
      await subject.change(reference, sample(40, subject).reverse());
      await reading(trial, reference, ({ version }) => void versions.push(version));
      check(versions[2] !== versions[3], "other bytes in one place have the same version");
    },
  },
  {
    id: "SOURCE-5",
    title: "says by a code why there is nothing, and leaves no secret behind",
    async run(trial) {
      const { subject } = trial;
      const code = await codeOf(trial, await subject.missing());
      check(code === "ERR_LETHE_SOURCE_MISSING", `what is not there came to ${code}`);
      if (subject.locked === undefined) return;
      const locked = await codeOf(trial, await subject.locked());
      check(locked === "ERR_LETHE_SOURCE_LOCKED", `what is locked came to ${locked}`);
    },
  },
  {
    id: "SOURCE-6",
    title: "takes half an answer for none",
    async run(trial) {
      const { subject } = trial;
      if (subject.half === undefined) throw new NotRun("no answer is half");
      const code = await codeOf(trial, await subject.half());
      check(/^ERR_LETHE_SOURCE_/.test(code), `half an answer came to ${code}`);
    },
  },
  {
    id: "SOURCE-7",
    title: "ends in bounded time, and when its signal says so",
    async run(trial) {
      const { subject, source, land } = trial;
      const reason = new Error("of the suite");
      const aborted = AbortSignal.abort(reason);
      const reference = await subject.put(sample(8, subject));
      const early = await outcomeOf(source.read(reference, { land, signal: aborted }));
      check(early === reason, "a signal that was aborted before does not keep it from reading");
      for (const { make, until } of [
        { make: subject.slow, until: "before its answer" },
        { make: subject.lingering, until: "after its answer" },
      ]) {
        if (make === undefined) continue;
        const slow = await make();
        const stop = new AbortController();
        setTimeout(() => stop.abort(reason), 50);
        const pending = outcomeOf(source.read(slow, { land, signal: stop.signal }));
        const outcome = await within(pending, 2000);
        check(outcome === reason, `it goes on when its signal is aborted ${until}`);
        const late = await within(codeOf(trial, slow), (subject.patience ?? 10_000) + 2000);
        const isEnded = /^ERR_LETHE_SOURCE_(?:TIMEOUT|UNAVAILABLE)$/.test(String(late));
        check(isEnded, `it waits without end ${until}`);
      }
    },
  },
  {
    id: "SOURCE-8",
    title: "answers many reads at once",
    async run(trial) {
      const { subject } = trial;
      const contents = Array.from({ length: 16 }, (_, at) => sample(100 + at, subject));
      const references: string[] = [];
      for (const content of contents) references.push(await subject.put(content));
      await Promise.all(
        references.map((reference, at) =>
          reading(trial, reference, (record) => same(record, contents[at] as Uint8Array)),
        ),
      );
    },
  },
  {
    id: "SOURCE-9",
    title: "tells of a change while it watches, and of none afterwards",
    async run({ subject, source }) {
      const { change } = subject;
      if (source.watch === undefined || change === undefined) throw new NotRun("it does not watch");
      const reference = await subject.put(sample(8, subject));
      const stop = new AbortController();
      let calls = 0;
      let tell: () => void = () => undefined;
      const told = new Promise<void>((resolve) => {
        tell = resolve;
      });
      await source.watch(
        reference,
        () => {
          calls += 1;
          tell();
        },
        stop.signal,
      );
      await change(reference, sample(9, subject));
      check((await within(told, subject.patience ?? 5000)) !== LATE, "it tells of no change");
      stop.abort();
      const before = calls;
      await change(reference, sample(10, subject));
      await new Promise((resolve) => setTimeout(resolve, 50));
      check(calls === before, "it tells of a change after its signal was aborted");
    },
  },
];

/** Reads, hands the record over, and destroys it: nothing else may be left. */
async function reading(
  { source, land }: SourceTrial,
  reference: string,
  use: (record: SecretRecord) => void,
): Promise<void> {
  const record = await source.read(reference, { land });
  try {
    use(record);
  } finally {
    for (const secret of record.fields.values()) secret.destroy();
  }
}

async function roundTrip(trial: SourceTrial, content: Uint8Array): Promise<void> {
  await reading(trial, await trial.subject.put(content), (record) => same(record, content));
}

function same(record: SecretRecord, content: Uint8Array): void {
  const isSame = equalBytes(record.field(), content);
  check(isSame, `${content.length} bytes came back as others`);
}

async function codeOf(trial: SourceTrial, reference: string): Promise<string> {
  const before = trial.secrets.stats.live;
  const { source, land } = trial;
  const outcome = await outcomeOf(source.read(reference, { land }));
  const { code, message } = outcome as Partial<LetheError>;
  check(
    trial.secrets.stats.live === before || code === undefined,
    "a read that failed left a secret",
  );
  check(!String(message).includes("half an answer"), "a message quotes the answer");
  return typeof code === "string" ? code : "a record, or an error without a code";
}

async function outcomeOf(pending: Promise<SecretRecord>): Promise<unknown> {
  try {
    const record = await pending;
    for (const secret of record.fields.values()) secret.destroy();
    return null;
  } catch (error) {
    return error ?? "nothing";
  }
}

const LATE = Symbol("late");

async function within<T>(pending: Promise<T>, milliseconds: number): Promise<T | typeof LATE> {
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
function sample(length: number, { isText = false }: SourceSubject): Uint8Array<ArrayBuffer> {
  const bytes = offHeapBytes(length);
  for (let at = 0; at < length; at++) bytes[at] = isText ? 33 + ((at * 7) % 90) : (at * 7) % 256;
  return bytes;
}

/** What a reader of text may take for something else. */
function texts({ isText = false }: SourceSubject): readonly Uint8Array[] {
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

function isFilled(bytes: Uint8Array, ...states: readonly Uint8Array[]): boolean {
  return states.some(
    (state) => state.length === bytes.length && bytes.every((byte) => byte === state[0]),
  );
}
