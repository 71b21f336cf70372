import { timeOfDate } from "../../core/arguments/foreign.ts";
import type { LetheError } from "../../core/mod.ts";
import { check, NotRun } from "../check.ts";
import {
  change,
  codeOf,
  isFilled,
  LATE,
  outcomeOf,
  pause,
  put,
  read,
  reading,
  roundTrip,
  type SourceTrial,
  same,
  sample,
  texts,
  within,
} from "./source_trial.ts";

/** One requirement of sources. */
export interface SourceCase {
  /** As in the contract, {@link SecretSource}. */
  readonly id: string;
  readonly title: string;
  run(trial: SourceTrial): Promise<void>;
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
      const code = await codeOf(trial, await put(trial, new Uint8Array(0)));
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
      await reading(trial, await put(trial, sample(40, subject)), (record) => {
        const { fields, expiresAt } = record;
        for (const secret of fields.values()) {
          check(landed.has(secret), "a field of a record was not made by land");
        }
        const isDate =
          expiresAt === undefined || !Number.isNaN(timeOfDate(expiresAt) ?? Number.NaN);
        check(isDate, "expiresAt of a record is not a valid Date; makeRecord() checks it");
        record.destroy();
        const isOver = [...fields.values()].every(({ state }) => state === "destroyed");
        check(
          isOver,
          "destroy() of a record leaves a secret; makeRecord() makes one that does not",
        );
      });
    },
  },
  {
    id: "SOURCE-3",
    title: "gives one state, whole, while it changes",
    async run(trial) {
      const { subject } = trial;
      if (subject.change === undefined) throw new NotRun("a reference cannot change");
      const [one, other] = [new Uint8Array(3000).fill(65), new Uint8Array(5000).fill(66)];
      const reference = await put(trial, one);
      for (let round = 0; round < 20; round++) {
        const changed = change(trial, reference, round % 2 === 0 ? other : one);
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
      await reading(trial, reference, (record) => {
        const isNow = record.field().expose((bytes) => isFilled(bytes, one));
        check(isNow, "a read that begins after a change gives what was there before");
      });
    },
  },
  {
    id: "SOURCE-4",
    title: "names a state by a version that comes of no byte",
    async run(trial) {
      const { subject } = trial;
      const content = sample(40, subject);
      const versions: string[] = [];
      for (const reference of [await put(trial, content), await put(trial, content)]) {
        await reading(trial, reference, ({ version }) => void versions.push(version));
      }
      check(versions[0] !== versions[1], "the same bytes in two places have one version");
      const isNamed = versions.every((version) => /^[\x20-\x7e]{1,200}$/.test(version));
      check(isNamed, "a version is not 1 to 200 printable ASCII characters");
      if (subject.change === undefined) return;
      const reference = await put(trial, content);
      await reading(trial, reference, ({ version }) => void versions.push(version));
      for (const next of [content.slice().reverse(), content]) {
        await change(trial, reference, next);
        await reading(trial, reference, ({ version }) => void versions.push(version));
      }
      check(versions[2] !== versions[3], "other bytes in one place have the same version");
      check(
        versions[2] !== versions[4],
        "bytes that are put back have the version that they had: it is computed from them, or it repeats",
      );
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
      for (const length of [(subject.mostBytes ?? 60_000) + 1, 70_000]) {
        await shortensNone(trial, sample(length, subject));
      }
      if (subject.half === undefined) throw new NotRun("no answer is half");
      const code = await codeOf(trial, await subject.half());
      check(/^ERR_LETHE_SOURCE_/.test(code), `half an answer came to ${code}`);
    },
  },
  {
    id: "SOURCE-7",
    title: "ends in bounded time, and when its signal says so",
    async run(trial) {
      const { subject } = trial;
      const reason = new Error("of the suite");
      const aborted = AbortSignal.abort(reason);
      const reference = await put(trial, sample(8, subject));
      const early = await within(outcomeOf(trial, reference, aborted), 2000);
      check(early === reason, "a signal that was aborted before does not keep it from reading");
      for (const { make, until } of [
        { make: subject.slow, until: "before its answer" },
        { make: subject.lingering, until: "after its answer" },
      ]) {
        if (make === undefined) continue;
        const slow = await make();
        const stop = new AbortController();
        setTimeout(() => stop.abort(reason), 50);
        const outcome = await within(outcomeOf(trial, slow, stop.signal), 2000);
        check(outcome === reason, `it goes on when its signal is aborted ${until}`);
        const late = await codeOf(trial, slow, ` ${until}`);
        const isEnded = /^ERR_LETHE_SOURCE_(?:TIMEOUT|UNAVAILABLE)$/.test(late);
        check(isEnded, `what is slow ${until} came to ${late}`);
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
      for (const content of contents) references.push(await put(trial, content));
      await Promise.all(
        references.map((reference, at) =>
          reading(trial, reference, (record) => same(record, contents[at] as Uint8Array)),
        ),
      );
      if (subject.change === undefined) return; // a reference can be read once
      const twice = references[0] as string;
      const [one, other] = await Promise.all([read(trial, twice), read(trial, twice)]);
      for (const secret of one.fields.values()) secret.destroy();
      const isOwn = [...other.fields.values()].every(({ state }) => state !== "destroyed");
      for (const secret of other.fields.values()) secret.destroy();
      check(
        isOwn,
        "two reads of one reference at once share a secret: who destroys it takes it from the other",
      );
    },
  },
  {
    id: "SOURCE-9",
    title: "tells of a change while it watches, and of none afterwards",
    async run(trial) {
      const { subject, source } = trial;
      if (source.watch === undefined || subject.change === undefined) {
        throw new NotRun("it does not watch");
      }
      const patience = subject.patience ?? 5000;
      const reference = await put(trial, sample(8, subject));
      const watch = async (
        name: string,
        onChange: () => void,
        signal: AbortSignal,
      ): Promise<void> => {
        const begun = await within(
          Promise.resolve(source.watch?.(name, onChange, signal)),
          patience,
        );
        check(begun !== LATE, `watch() gave nothing, and no error, within ${patience} ms`);
      };
      const reason = new Error("of the suite");
      const early = await watch(reference, () => undefined, AbortSignal.abort(reason)).catch(
        (error) => error,
      );
      check(
        early === reason,
        "watch() does not reject with the reason of a signal that was aborted before",
      );
      const [stop, beside] = [new AbortController(), new AbortController()];
      let calls = 0;
      let tell: () => void = () => undefined;
      await watch(
        reference,
        () => {
          calls += 1;
          tell();
        },
        stop.signal,
      );
      await watch(await put(trial, sample(8, subject)), () => undefined, beside.signal);
      beside.abort();
      for (const length of [9, 10, 11]) {
        const told = new Promise<void>((resolve) => {
          tell = resolve;
        });
        await change(trial, reference, sample(length, subject));
        const isTold = (await within(told, patience)) !== LATE;
        check(
          isTold,
          `it tells of no change, where ${calls} came before and a watch beside it has ended`,
        );
      }
      stop.abort();
      const before = calls;
      await change(trial, reference, sample(12, subject));
      await pause(50);
      check(calls === before, "it tells of a change after its signal was aborted");
    },
  },
];

/** More bytes than it has to take: all of them come, or a reason why not. */
async function shortensNone(trial: SourceTrial, content: Uint8Array): Promise<void> {
  const reference = await put(trial, content).catch(() => null);
  if (reference === null) return; // there is no room for them where it reads
  try {
    await reading(trial, reference, (record) => same(record, content));
  } catch (error) {
    const isRefused = /^ERR_LETHE_SOURCE_/.test(String((error as Partial<LetheError>).code));
    if (!isRefused) throw error;
  }
}
