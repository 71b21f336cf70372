import process from "node:process";
import { describe, expect, it } from "vitest";
import { openCustodian, openSecrets } from "../../../adapters/node/mod.ts";
import { runtime } from "../../../adapters/node/runtime.ts";
import { faultyCommand } from "../../../testing/features/custodian/faulty.ts";
import { isRunning } from "../../../testing/features/custodian/stage.ts";
import { SOAK } from "../../../testing/tier.ts";
import { custodianOpener } from "../mod.ts";
import { ReceiveBuffers } from "./receive_buffers.ts";

const secrets = openSecrets();
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe("the end", () => {
  it("by close() rejects what waits and everything after it, and gives status 0", async () => {
    const other = await openCustodian({ secrets });
    await other.generate("key", "key", { mayLeave: true });
    const waiting = Array.from({ length: 400 }, () => other.expose("key", (bytes) => bytes.length));
    const settled = Promise.allSettled(waiting);
    const [first, second] = [other.close(), other.close()];
    expect(await first).toEqual({ code: 0, signal: null });
    expect(await second).toBe(await first);
    for (const result of await settled) {
      if (result.status === "fulfilled") expect(result.value).toBe(32);
      else expect(result.reason).toEqual(code("ERR_LETHE_CUSTODIAN"));
    }
    await expect(other.status()).rejects.toEqual(code("ERR_LETHE_CUSTODIAN"));
  });

  it.runIf(SOAK)(
    "by close() kills one that does not answer, after the time that it was given",
    async () => {
      const other = await openCustodian({ secrets, closeMilliseconds: 300 });
      process.kill(other.pid, "SIGSTOP");
      const start = performance.now();
      expect(await other.close()).toEqual({ code: null, signal: "SIGKILL" });
      expect(performance.now() - start).toBeGreaterThan(290);
    },
  );

  it("of the channel alone rejects what waits and everything after it at once", async () => {
    const command = faultyCommand("node-24", "hangup");
    const other = await custodianOpener({ runtime, way: command })({
      secrets,
      closeMilliseconds: 300,
    });
    process.kill(other.pid, "SIGUSR2");
    const said = (): Promise<string> =>
      other.status().then(
        () => "it answers",
        ({ message }) => message,
      );
    await expect.poll(said).toContain("its channel closed");
    await expect(other.generate("key", "key")).rejects.toEqual(code("ERR_LETHE_CUSTODIAN"));
    expect(isRunning(other.pid)).toBe(true);
    expect(await other.close()).toEqual({ code: null, signal: "SIGKILL" });
  });

  it("leaves no secret of the channel behind", async () => {
    const own = openSecrets();
    const other = await openCustodian({ secrets: own });
    await other.generate("key", "key", { mayLeave: true });
    await other.expose("key", (bytes) => bytes.length);
    await other.close();
    expect(own.stats.live).toBe(0);
  });

  it.runIf(SOAK)("leaves what is lent to its scope, and destroys it then", async () => {
    const own = openSecrets();
    const other = await openCustodian({ secrets: own });
    await other.generate("key", "key", { mayLeave: true });
    let end = (): void => undefined;
    let late: Uint8Array | undefined;
    let used: Promise<number> | undefined;
    await new Promise<void>((begun) => {
      used = other.expose("key", async (bytes) => {
        late = bytes;
        begun();
        await new Promise<void>((resolve) => {
          end = resolve;
        });
        return bytes.length;
      });
    });
    await other.close();
    expect([late?.length, own.stats.live]).toEqual([32, 1]);
    end();
    expect(await used).toBe(32);
    expect([late?.length, own.stats.live]).toEqual([0, 0]);
  });

  it("of every secret here, inside a use, lends the next one no empty bytes", async () => {
    const own = openSecrets();
    const buffers = new ReceiveBuffers(own);
    const arrival = { byteLength: 4, openInto: (bytes: Uint8Array) => void bytes.fill(1) };
    const first = buffers.lend(arrival, () => own.purge());
    const lengths: number[] = [];
    const next = buffers.lend(arrival, ({ length }) => lengths.push(length));
    await first;
    await expect(next).rejects.toEqual(code("ERR_LETHE_DESTROYED"));
    expect([lengths, own.stats.live]).toEqual([[], 0]);
  });

  it.runIf(SOAK)("of every secret here, inside a use, leaves that its result", async () => {
    const own = openSecrets();
    const other = await openCustodian({ secrets: own });
    await other.generate("key", "key", { mayLeave: true });
    const used = other.expose("key", (bytes) => {
      own.purge();
      return bytes.length;
    });
    expect(await used).toBe(0);
    expect(own.stats.live).toBe(0);
    // The keys of the channel are gone too: that ends the custodian, and nothing else.
    await expect(other.status()).rejects.toEqual(code("ERR_LETHE_CUSTODIAN"));
    expect(await other.ended).toEqual({ code: 0, signal: null });
  });
});
