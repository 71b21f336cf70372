import { describe, expect, it } from "vitest";
import { both, MINUTE, Stage } from "../../testing/features/rotation/stage.ts";

describe("the version before", () => {
  it("can be used while the two overlap, and is destroyed then", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null, { overlap: 5000 });
    await stage.rotate(null);
    expect([both(rotating), stage.live]).toEqual([["3", "2"], 4]);
    await stage.advance(4999);
    expect(both(rotating)).toEqual(["3", "2"]);
    await stage.advance(1);
    expect(stage.live).toBe(2); // by the timer, without a use
    expect(both(rotating)).toEqual(["3", undefined]);
    expect(stage.events).toEqual([
      { kind: "rotated", version: "3", previous: "2" },
      { kind: "retired", version: "2" },
    ]);
  });

  it("gives way to a third, and to none at once with an overlap of 0", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null);
    await stage.rotate(null);
    await stage.rotate(null);
    expect([both(rotating), stage.live]).toEqual([["4", "3"], 4]);
    const without = new Stage();
    const other = await without.start(null, { overlap: 0 });
    await without.rotate(null);
    expect([both(other), without.live]).toEqual([["3", undefined], 2]);
  });

  it("is not lent once it has expired itself", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE, { overlap: 10 * MINUTE });
    await stage.rotate(null);
    expect(both(rotating)).toEqual(["3", "2"]);
    stage.clock.jump(MINUTE);
    expect(both(rotating)).toEqual(["3", undefined]);
    expect(stage.live).toBe(2);
  });

  it("lives on in a scope that is open, and no longer", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null, { overlap: 0 });
    let end = (): void => undefined;
    const scope = rotating.use(async (current) => {
      const secret = current.field("user");
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return secret.expose(([first]) => first);
    });
    await stage.rotate(null);
    await stage.rotate(null);
    expect(stage.live).toBe(4);
    end();
    expect(await scope).toBe(2);
    expect(stage.live).toBe(2);
    for (const ending of [() => Promise.reject(new Error("no")), fail]) {
      await Promise.resolve()
        .then(() => rotating.use(ending))
        .catch(() => undefined);
    }
    await stage.rotate(null);
    expect(stage.live).toBe(2);
  });
});

function fail(): never {
  throw new Error("no");
}

describe("another version of the same bytes", () => {
  it("renews what serves, whatever it is called, and keeps the version before it", async () => {
    const stage = new Stage();
    const rotating = await stage.start(MINUTE, { overlap: 10 * MINUTE });
    await stage.rotate(MINUTE);
    let end = (): void => undefined;
    const scope = rotating.use(async ({ version: before, field }) => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return [before, typeof field];
    });
    stage.source.names = "again ";
    stage.source.end = stage.clock.wall() + 5 * MINUTE;
    await stage.notice();
    await stage.answer();
    expect(both(rotating)).toEqual(["again 3", "2"]);
    expect(stage.live).toBe(4);
    expect(stage.events.at(-1)).toEqual({ kind: "renewed", version: "again 3" });
    end();
    expect(await scope).toEqual(["3", "function"]);
    await stage.advance(MINUTE);
    expect(rotating.version).toBe("again 3");
  });
});
