import process from "node:process";
import { describe, expect, it } from "vitest";
import { KEY_BYTES } from "../../../core/contract/sizes.ts";
import { LetheError } from "../../../core/mod.ts";
import { pause } from "../../../system/timers.ts";
import type { FakeRegion } from "../../../testing/core/fake_memory.ts";
import {
  exposes,
  PASSWORD,
  SECRET,
  Stage,
} from "../../../testing/features/custodian/server_stage.ts";
import { SESSION_KEY_BYTES } from "../protocol/limits.ts";

const VAULT_KEY_END = SESSION_KEY_BYTES + KEY_BYTES;

describe.each([1000, 0])("a server that relocks after %i ms", (relockMilliseconds) => {
  it("opens one page and derives its key once for all that came together, and writes once", () => {
    const stage = new Stage(relockMilliseconds);
    stage.send(...exposes(stage, 1)); // the key of the vault is derived
    stage.answers();
    const frames = exposes(stage, 16);
    const before = stage.page.steps.length;
    stage.hashes = 0;
    stage.send(...frames);
    expect(stage.hashes).toBe(relockMilliseconds === 0 ? 1 : 0);
    expect(stage.page.steps.slice(before)).toEqual([
      "protect read-write",
      "view",
      "detach",
      "protect no-access",
    ]);
    expect([stage.written.length, stage.open]).toEqual([1, []]);
    const answer = { kind: "response", secret: [...SECRET] };
    expect(stage.answers()).toEqual(Array.from({ length: 16 }, () => answer));
    expect(stage.memory.violations).toEqual([]);
  });

  it("has wiped each secret when its answer is written, and then its key if it relocks", () => {
    const stage = new Stage(relockMilliseconds);
    const seen: number[][] = [];
    stage.onWrite = () => seen.push(stage.page.bytes.slice(VAULT_KEY_END));
    stage.send(...exposes(stage, 3));
    expect(seen).toHaveLength(1);
    expect(seen[0]?.every((byte) => byte === 0)).toBe(true);
    const rest = stage.page.bytes.slice(SESSION_KEY_BYTES, VAULT_KEY_END);
    expect(rest.every((byte) => byte === 0)).toBe(relockMilliseconds === 0);
  });

  it("has only the password open while it computes Argon2id", async () => {
    const stage = new Stage(relockMilliseconds);
    const open: number[][] = [];
    stage.onHash = () => open.push(stage.open);
    const written = new Promise<void>((resolve) => {
      stage.onWrite = resolve;
    });
    stage.send(stage.request("hashPassword", { name: "p", passes: 1, memoryBytes: 8192 }));
    await written;
    expect(open).toEqual([[PASSWORD.length]]);
    expect([stage.open, stage.memory.violations]).toEqual([[], []]);
  });

  it("ends with every key wiped for a secret that nobody sealed, and for a close", () => {
    for (const way of ["forged secret", "close"]) {
      const stage = new Stage(relockMilliseconds);
      const frames = [...exposes(stage, 1), stage.request("equals", { name: "k" }, SECRET)];
      const last = way === "close" ? stage.request("close", {}) : (frames.pop() as Uint8Array);
      if (way !== "close") (last[last.length - 1] as number) ^= 1;
      stage.send(...frames, last);
      expect(stage.written.length).toBe(way === "close" ? 1 : 0);
      expect(stage.ends).toEqual(way === "close" ? [] : ["refused"]);
      expect(stage.secrets.stats.live).toBe(0);
      expect(stage.memory.regions.every(({ zero, released }) => zero && released === 1)).toBe(true);
      expect(stage.memory.violations).toEqual([]);
    }
  });

  it("ends the rest when the end of one thing fails, whichever call of the memory it is", () => {
    const error = new LetheError("ERR_LETHE_PROTECT", "on purpose");
    for (let at = 0, failed = true; failed; at++) {
      const stage = new Stage(relockMilliseconds);
      stage.send(...exposes(stage, 1));
      const broken = new Set<FakeRegion>();
      stage.memory.arm({ at, when: "before", error });
      try {
        stage.end();
      } catch (thrown) {
        expect(thrown).toMatchObject({ message: "on purpose" });
      }
      failed = stage.memory.calls.length > at;
      expect(at).toBeLessThan(100);
      for (const region of stage.memory.regions) if (!region.zero) broken.add(region);
      expect(broken.size).toBeLessThanOrEqual(failed ? 1 : 0);
      expect(stage.ends).toEqual(["closed"]);
    }
  });
});

it("relocks nothing, and throws nothing, after a purge", async () => {
  const errors: unknown[] = [];
  const note = (error: unknown) => errors.push(error);
  process.prependOnceListener("uncaughtException", note);
  const stage = new Stage(1);
  stage.send(...exposes(stage, 1));
  stage.secrets.purge();
  await pause(10);
  process.off("uncaughtException", note);
  expect(errors).toEqual([]);
});
