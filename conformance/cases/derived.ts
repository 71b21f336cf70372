import { check, refused, same, sameBytes } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { read, SIZES, sample, write } from "./samples.ts";

const BYTES = ["M3", "M11", "B5"];

/** Secrets compared with and made from other secrets. */
export const DERIVED: readonly ConformanceCase[] = [
  {
    id: "B7",
    title: "`equals` tells equal bytes from others, for a secret and for a Uint8Array",
    rests: BYTES,
    run(trial) {
      const secrets = trial.secrets();
      for (const size of SIZES) {
        const [one, twin] = [secrets.allocate(size), secrets.allocate(size)];
        write(one);
        write(twin);
        check(one.equals(twin), `two equal secrets of ${size} bytes differ`);
        check(one.equals(one), "a secret differs from itself");
        check(one.equals(sample(size)), `a secret differs from its ${size} bytes`);
        for (const at of new Set([0, size >> 1, size - 1])) {
          twin.modify((bytes) => {
            bytes[at] = (bytes[at] as number) ^ 0x80;
          });
          check(!one.equals(twin), `a difference in byte ${at} of ${size} is not seen`);
          write(twin);
        }
        check(!one.equals(sample(size + 1)), "a longer one is equal");
        same(one.state, "guarded", "state after equals");
        one.destroy();
        twin.destroy();
      }
    },
  },
  {
    id: "B8",
    title: "`clone` gives the same bytes in a separate secret",
    rests: BYTES,
    run(trial) {
      const secrets = trial.secrets();
      for (const size of SIZES) {
        const secret = secrets.allocate(size);
        write(secret);
        const copy = secret.clone();
        sameBytes(read(copy), sample(size), `a clone of ${size} bytes`);
        write(copy, 7);
        sameBytes(read(secret), sample(size), "the original after its clone was modified");
        secret.destroy();
        sameBytes(read(copy), sample(size, 7), "the clone after its original was destroyed");
        copy.destroy();
      }
    },
  },
  {
    id: "B9",
    title: "`slice` copies the range into a separate secret; an empty or odd range is refused",
    rests: BYTES,
    run(trial) {
      const secrets = trial.secrets();
      for (const size of SIZES) {
        const secret = secrets.allocate(size);
        write(secret);
        for (const [start, end] of [
          [0, size],
          [0, 1],
          [size - 1, size],
          [size >> 1, size],
        ] as const) {
          const part = secret.slice(start, end);
          sameBytes(read(part), sample(size).subarray(start, end), `slice ${start} to ${end}`);
          part.destroy();
        }
        same(secret.slice(size - 1).byteLength, 1, "length of a slice without an end");
        secret.destroy();
      }
      const secret = secrets.allocate(32);
      const before = secrets.stats.live;
      for (const [start, end] of [
        [-1, 4],
        [0, 33],
        [4, 4],
        [5, 4],
        [0.5, 4],
        [0, Number.NaN],
      ] as const) {
        refused("RangeError", `slice ${start} to ${end}`, () => secret.slice(start, end));
      }
      same(secrets.stats.live, before, "live secrets after refused slices");
    },
  },
];
