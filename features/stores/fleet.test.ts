import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Identity } from "../../core/contract/key_wrapper.ts";
import { Fleet } from "../../testing/features/stores/fleet.ts";
import { SOAK } from "../../testing/tier.ts";
import { doubled, openEnvelopes } from "../envelopes/mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const [site, other] = [envelopes.createIdentity(), envelopes.createIdentity()];
/** Seconds until a machine sees a publication: its poll, the pause after a failure, and a step of the test. */
const POLL = 30;
const SLACK = 2;

function fleetOf(count: number, identities: readonly Identity[], luck = (n: number) => n / count) {
  return new Fleet(count, identities, { secrets, pollEvery: POLL * 1000, luck });
}

const versions = (fleet: Fleet): number[] => fleet.machines.map(({ version }) => version);

describe("a fleet", () => {
  it("serves a new version after one poll, and one that is cut off the old one until its end", {
    timeout: 600_000,
  }, async () => {
    const parameters = fc.record({
      cutAt: fc.integer({ min: 1, max: 100 }),
      cutFor: fc.integer({ min: 1, max: 400 }),
      publishAt: fc.integer({ min: 1, max: 150 }),
      validFor: fc.integer({ min: 90, max: 300 }),
      luck: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    const property = fc.asyncProperty(
      parameters,
      async ({ cutAt, cutFor, publishAt, validFor, luck }) => {
        const fleet = fleetOf(2, [site], () => luck);
        const [connected, cut] = fleet.machines;
        if (connected === undefined || cut === undefined) throw new Error("no machines");
        await fleet.publish([site], validFor * 1000);
        await fleet.start();
        const longLived = 10_000;
        await fleet.run(cutAt + cutFor + 2 * 60 + 150, () => {
          const now = fleet.seconds;
          cut.isCutOff = now >= cutAt && now < cutAt + cutFor;
          if (now === publishAt) void fleet.publish([site], longLived * 1000);
          const isOut = now > publishAt + POLL + SLACK;
          // Connected: the old one at first, the new one after a poll at the latest.
          if (isOut) expect(connected.version).toBe(2);
          if (now < publishAt && now < validFor) expect(connected.version).toBe(1);
          // Cut off: never beyond the end; never without service before.
          if (cut.version === 1) expect(now).toBeLessThanOrEqual(validFor + 1);
          if (now < validFor) expect(cut.version).toBeGreaterThan(0);
          // Again on the network: after a poll and the longest pause between two attempts.
          if (isOut && now > cutAt + cutFor + 60 + POLL + SLACK) expect(cut.version).toBe(2);
        });
        fleet.close();
      },
    );
    await fc.assert(property, { numRuns: SOAK ? 100 : 5 });
    expect(secrets.stats.live).toBe(2); // the identities
  });

  it("without a store serves until the end; a machine that starts then cannot begin", async () => {
    const fleet = fleetOf(3, [site]);
    const [first, second] = fleet.machines;
    await fleet.publish([site], 120_000);
    await fleet.start();
    fleet.store.fail("ERR_LETHE_STORE_UNAVAILABLE");
    await fleet.run(60);
    expect(versions(fleet)).toEqual([1, 1, 1]);
    expect(await first?.start()).toBe("ERR_LETHE_SOURCE_UNAVAILABLE");
    await fleet.run(61);
    expect(versions(fleet)).toEqual([0, 0, 0]);
    fleet.store.recover();
    await fleet.publish([site], 120_000);
    await fleet.run(60 + POLL + SLACK);
    expect(versions(fleet)).toEqual([0, 2, 2]);
    expect(second?.lastCode).toMatch(/UNAVAILABLE|EXPIRED/);
    fleet.close();
  });

  it("without one of its machines serves the next version, which that one never opens", async () => {
    const fleet = fleetOf(2, [site, other]);
    const out = fleet.machines[1];
    await fleet.publish([site, other], 120_000);
    await fleet.start();
    await fleet.publish([site], 500_000);
    await fleet.run(POLL + SLACK);
    expect(versions(fleet)).toEqual([2, 1]);
    expect(out?.lastCode).toBe("ERR_LETHE_SOURCE_DENIED");
    await fleet.run(121 - POLL);
    expect(versions(fleet)).toEqual([2, 0]);
    expect(await out?.start()).toBe("ERR_LETHE_SOURCE_DENIED");
    fleet.close();
  });

  it("goes on without the service of doubled, and starts again by a recipient that needs none", async () => {
    let isLost = false;
    const flip = async (bytes: Uint8Array): Promise<Uint8Array> => {
      if (isLost) throw new Error("no service");
      return bytes.map((byte) => byte ^ 255);
    };
    const service = { name: "example/key", version: "1", encrypt: flip, decrypt: flip };
    const both = doubled(envelopes.createIdentity(), service);
    const fleet = fleetOf(2, [both, site]);
    await fleet.publish([both, site], 500_000);
    await fleet.start();
    isLost = true;
    await fleet.run(2 * POLL);
    expect(versions(fleet)).toEqual([1, 1]);
    expect(fleet.machines[0]?.lastCode).toBe("ERR_LETHE_SOURCE_FAILED");
    const again = await Promise.all(fleet.machines.map((machine) => machine.start()));
    expect(again).toEqual(["ERR_LETHE_SOURCE_FAILED", "started"]);
    fleet.close();
  });

  it.skipIf(!SOAK)(
    "of 10,000 machines asks the store evenly, and all follow within a poll",
    {
      timeout: 1_200_000,
    },
    async () => {
      // Machines that started in the same second: jitter alone parts them.
      const fleet = fleetOf(10_000, [site], (number) => ((number * 7919) % 10_000) / 10_000);
      await fleet.publish([site], 10_000_000);
      await fleet.start();
      await fleet.run(4 * POLL);
      const before = fleet.seconds;
      await fleet.publish([site], 10_000_000);
      const served: number[] = [];
      await fleet.run(POLL + SLACK, () => {
        served.push(versions(fleet).filter((version) => version === 2).length);
      });
      expect(served.at(-1)).toBe(10_000);
      const half = served.findIndex((count) => count >= 5000) + 1;
      const reads = Array.from(fleet.reads.slice(before - 2 * POLL, before), (count) => count ?? 0);
      const most = Math.max(...reads);
      expect(half).toBeLessThanOrEqual(POLL);
      expect(most).toBeLessThan(5 * (10_000 / POLL));
      process.stderr.write(`half after ${half} s, at most ${most} reads in a second\n`);
      fleet.close();
    },
  );
});
