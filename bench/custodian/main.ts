// Reading a password out of another process: node bench/custodian/main.ts [--built]
//
// The contestants take turns, some milliseconds each, so that what others do to the machine they do to
// all of them; each figure is the median of its turns.
import process from "node:process";
import { CONTESTANTS, type Contestant, used } from "./contestants.ts";

const TURNS = 31;
const READS = 400;
const STARTS = 7;
const CALLERS = [1, 16];

interface Turn {
  /** Round trips a second. */
  readonly rate: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
}

const names = Object.keys(CONTESTANTS);
const starts = new Map<string, number[]>();
for (let start = 0; start < STARTS; start++) {
  for (const name of names) {
    const before = performance.now();
    const contestant = await open(name);
    await contestant.read();
    push(starts, name, performance.now() - before);
    await contestant.close();
  }
}

const contestants = new Map<string, Contestant>();
for (const name of names) contestants.set(name, await open(name));
const turns = new Map<string, Turn[]>();
for (let turn = -5; turn < TURNS; turn++) {
  for (const callers of CALLERS) {
    for (const [name, contestant] of contestants) {
      const result = await measure(contestant, callers);
      if (turn >= 0) push(turns, `${name}|${callers}`, result);
    }
  }
}
for (const contestant of contestants.values()) await contestant.close();
print();

function open(name: string): Promise<Contestant> {
  const make = CONTESTANTS[name];
  if (make === undefined) throw new RangeError(name);
  return make();
}

async function measure(contestant: Contestant, callers: number): Promise<Turn> {
  const times: number[] = [];
  const before = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let read = 0; read < READS / callers; read++) {
        const start = performance.now();
        await contestant.read();
        times.push((performance.now() - start) * 1000);
      }
    }),
  );
  const rate = (times.length * 1000) / (performance.now() - before);
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? Number.NaN;
  return { rate, p50: at(0.5), p99: at(0.99) };
}

function print(): void {
  const lines = ["| | callers | round trips/s | p50 µs | p99 µs | × bare echo | start ms |"];
  lines.push("| --- | --- | --- | --- | --- | --- | --- |");
  for (const callers of CALLERS) {
    const echo = median((turns.get(`bare echo|${callers}`) ?? []).map(({ rate }) => rate));
    for (const name of names) {
      const results = turns.get(`${name}|${callers}`) ?? [];
      const rate = median(results.map((result) => result.rate));
      const cells = [
        name,
        callers,
        rate.toFixed(0),
        median(results.map(({ p50 }) => p50)).toFixed(0),
        median(results.map(({ p99 }) => p99)).toFixed(0),
        (echo / rate).toFixed(2),
        callers === 1 ? median(starts.get(name) ?? []).toFixed(0) : "",
      ];
      lines.push(`| ${cells.join(" | ")} |`);
    }
  }
  process.stdout.write(`node ${process.versions.node}\n\n${lines.join("\n")}\n`);
  if (used() === 0) throw new Error("nothing was read");
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}
