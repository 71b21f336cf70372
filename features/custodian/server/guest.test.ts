import { describe, expect, it } from "vitest";
import { pause } from "../../../system/timers.ts";
import { SECRET, Stage } from "../../../testing/features/custodian/server_stage.ts";
import type { Guest } from "./guest.ts";

/** Gives back what it is sent, and counts how often it was ended. */
class EchoGuest implements Guest {
  ends = 0;

  answer({ fields, arrival, reply }: Parameters<Guest["answer"]>[0]): void {
    if (fields.type === "fails") throw new Error("quotes a secret");
    const bytes = new Uint8Array(arrival?.byteLength ?? 0);
    arrival?.openInto(bytes);
    reply({ text: fields.text ?? "" }, bytes);
  }

  destroy(): void {
    this.ends += 1;
  }
}

async function opened(): Promise<{ readonly stage: Stage; readonly guest: EchoGuest }> {
  const guest = new EchoGuest();
  const stage = new Stage(0, guest);
  stage.send(stage.request("open", { type: "guest" }));
  while (stage.written.length === 0) await pause(1);
  expect(stage.answers()).toEqual([{ kind: "response", secret: null }]);
  return { stage, guest };
}

describe("a guest", () => {
  it("answers what is asked, with secrets both ways, and says nothing of its own errors", async () => {
    const { stage } = await opened();
    stage.send(
      stage.request("guest", { text: "a" }, SECRET),
      stage.request("guest", { type: "fails" }),
    );
    const [first, second] = stage.messages();
    expect(first).toMatchObject({ message: { fields: { text: "a" } }, secret: [...SECRET] });
    expect(second?.message).toMatchObject({
      kind: "refusal",
      fields: { message: "Cannot do that: the custodian failed at it" },
    });
    expect([stage.open, stage.ends, stage.memory.violations]).toEqual([[], [], []]);
  });

  it.each(["put", "expose", "generate", "status", "prompt", "open"] as const)(
    "GUEST-1: has no vault beside it: %s ends the process",
    async (operation) => {
      const { stage, guest } = await opened();
      stage.send(stage.request(operation, { name: "k" }, operation === "put" ? SECRET : null));
      expect(stage.ends).toEqual(["refused"]);
      expect(stage.written).toEqual([]);
      expect(guest.ends).toBeGreaterThan(0);
    },
  );

  it("GUEST-1: is not beside a vault", () => {
    const stage = new Stage(0);
    stage.send(stage.request("guest", { type: "load" }, SECRET));
    expect([stage.ends, stage.written]).toEqual([["refused"], []]);
  });

  it("GUEST-1: is not asked before it was opened, nor in the place of a vault later", () => {
    const early = new Stage(0, new EchoGuest());
    early.send(early.request("guest", {}));
    expect(early.ends).toEqual(["refused"]);
    const late = new Stage(0);
    late.send(late.request("open", { type: "guest" }));
    expect(late.ends).toEqual(["refused"]);
  });

  it("is ended with its process: closed, or without its application", async () => {
    const closed = await opened();
    closed.stage.send(closed.stage.request("close", {}));
    expect(closed.guest.ends).toBe(1);
    const left = await opened();
    left.stage.end();
    expect([left.guest.ends, left.stage.ends]).toEqual([1, ["closed"]]);
  });

  it("is ended when it comes after the application has gone", async () => {
    const guest = new EchoGuest();
    const stage = new Stage(0, guest);
    stage.send(stage.request("open", { type: "guest" }));
    stage.end();
    while (guest.ends === 0) await pause(1);
    expect(stage.written).toEqual([]);
  });
});
