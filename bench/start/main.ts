/**
 * How long the first secret takes: the import, opening, and 32 random bytes, in a process of its own.
 *
 *     npm run build && node bench/start/main.ts [ROUNDS]
 *
 * Each process measures itself, from before the import until it has the bytes, so that the start of the runtime
 * counts for none of them. The contestants take turns, and each figure is a median of all rounds in one run.
 * The time of the main thread on a processor is what other programs on the machine disturb least.
 */
import { cpus, loadavg } from "node:os";
import process from "node:process";
import { CONTESTANTS, type Contestant, RUNTIMES, removeProjects } from "./contestants.ts";

const rounds = Number(process.argv[2] ?? 31);
const load = (): string =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(" ");
const before = load();

interface Row {
  readonly contestant: Contestant;
  readonly runtime: string;
  readonly milliseconds: number[];
  readonly processor: number[];
  memory: string;
}

const rows: readonly Row[] = Object.keys(RUNTIMES).flatMap((runtime) =>
  CONTESTANTS.map((contestant) => ({
    contestant,
    runtime,
    milliseconds: [],
    processor: [],
    memory: "",
  })),
);
for (let round = 0; round < rounds; round++) {
  for (const row of rows) {
    const { milliseconds, processor, memory } = row.contestant.run(row.runtime);
    row.milliseconds.push(milliseconds);
    row.processor.push(processor);
    row.memory = memory;
  }
}
removeProjects();

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[rounds >> 1] ?? Number.NaN;

process.stdout.write(
  `${cpus().length} cores, load ${before} before and ${load()} after, ${rounds} rounds\n\n` +
    "| runtime | first secret with | memory | ms | × sodium-native | processor ms | × sodium-native |\n" +
    "|---|---|---|---|---|---|---|\n",
);
for (const { contestant, runtime, memory, milliseconds, processor } of rows) {
  const reference = rows.find(
    (other) => other.runtime === runtime && other.contestant.name === "sodium-native",
  ) as Row;
  const figures = [
    [milliseconds, reference.milliseconds],
    [processor, reference.processor],
  ] as const;
  const cells = figures.flatMap(([own, others]) => [
    median(own).toFixed(1),
    (median(own) / median(others)).toFixed(2),
  ]);
  process.stdout.write(`| ${[runtime, contestant.name, memory, ...cells].join(" | ")} |\n`);
}
