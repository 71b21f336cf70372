import { describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { settle } from "../../testing/features/rotation/fake_clock.ts";
import { codeOf, MINUTE, Stage, version } from "../../testing/features/rotation/stage.ts";
import { rotatingBy } from "./rotating.ts";

describe("a purge", () => {
  it("ends what serves, also by a user of it, until it is asked to read", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE, { pollEvery: 1000 });
    stage.secrets.purge();
    expect(codeOf(() => version(rotating))).toBe("ERR_LETHE_DESTROYED");
    expect(rotating.state).toBe("purged");
    const { reads } = stage;
    await stage.advance(10 * MINUTE);
    await stage.notice();
    expect([stage.reads, stage.live]).toEqual([reads, 0]);
    const asked = rotating.refresh();
    await settle();
    stage.source.end = null;
    await stage.fail();
    await expect(asked).rejects.toMatchObject({ code: "ERR_LETHE_SOURCE_FAILED" });
    const again = rotating.refresh();
    await settle();
    await stage.answer();
    await again;
    expect(version(rotating)).toBe("2");
    rotating.use((current) => current.field("user").destroy());
    expect(rotating.state).toBe("purged");
    expect(stage.live).toBe(0);
  });

  it("is not undone by a read that was under way", async () => {
    for (const misuse of ["throw", "crash"] as const) {
      const stage = new Stage();
      Object.assign(stage, { secrets: openSecrets({ onMisuse: misuse }) });
      const rotating = await stage.start(null);
      await stage.notice();
      stage.secrets.purge();
      await stage.answer();
      expect([rotating.state, stage.live]).toEqual(["purged", 0]);
    }
  });
});

describe("close", () => {
  it("ends reads and scopes to come, and those who wait", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE);
    await stage.rotate(MINUTE);
    const asked = rotating.refresh();
    asked.catch(() => undefined);
    await settle();
    const [read] = stage.source.pending;
    rotating.close();
    rotating.close();
    await expect(asked).rejects.toMatchObject({ code: "ERR_LETHE_DESTROYED" });
    await expect(rotating.refresh()).rejects.toMatchObject({ code: "ERR_LETHE_DESTROYED" });
    expect(codeOf(() => version(rotating))).toBe("ERR_LETHE_DESTROYED");
    expect([read?.signal?.aborted, stage.source.onChange]).toEqual([true, null]);
    read?.answer();
    await settle();
    expect([stage.live, stage.clock.timers, rotating.state]).toEqual([0, 0, "closed"]);
    expect(String(rotating)).toBe("RotatingSecret(closed, redacted)");
  });

  it("comes with an error at the first read, which is the source's own", async () => {
    const stage = new Stage();
    const opened = rotatingBy(stage.clock)(stage.secrets, stage.source, "reference");
    opened.catch(() => undefined);
    await settle();
    await stage.fail();
    await expect(opened).rejects.toMatchObject({ code: "ERR_LETHE_SOURCE_FAILED" });
    expect([stage.clock.timers, stage.source.onChange]).toEqual([0, null]);
  });
});
