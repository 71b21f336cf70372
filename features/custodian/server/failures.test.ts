import { describe, expect, it } from "vitest";
import { LetheError } from "../../../core/mod.ts";
import { exposes, Stage } from "../../../testing/features/custodian/server_stage.ts";

describe("a call that fails", () => {
  const data = Uint8Array.of(1, 2, 3);

  it("is refused without a word of what failed, and the others go on", () => {
    const stage = new Stage(1000);
    let calls = 0;
    stage.onMac = () => {
      calls += 1;
      if (calls === 2) throw new Error("of a library, which may quote what it was given");
    };
    const mac = (): Uint8Array => stage.request("hmac", { name: "k", data });
    stage.send(mac(), mac(), mac(), stage.request("status", {}));
    const messages = stage.messages().map(({ message }) => message);
    expect(messages.map(({ kind }) => kind)).toEqual([
      "response",
      "refusal",
      "response",
      "response",
    ]);
    expect(messages[1]?.fields).toMatchObject({
      code: "ERR_LETHE_CUSTODIAN",
      message: "Cannot do that: the custodian failed at it",
    });
    expect([stage.ends, stage.memory.violations]).toEqual([[], []]);
  });

  it("is refused in as many bytes as there are, however long its message is", async () => {
    const stage = new Stage(1000);
    const written = new Promise<void>((resolve) => {
      stage.onWrite = resolve;
    });
    const error = new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot ${"é".repeat(3000)}`);
    stage.onPrompt = () => Promise.reject(error);
    stage.send(stage.request("prompt", { name: "long", text: "?" }));
    await written;
    stage.send(stage.request("expose", { name: "\u0001".repeat(256) }));
    const [long, named] = stage.messages().map(({ message }) => message);
    expect([long?.kind, named?.kind, stage.ends]).toEqual(["refusal", "refusal", []]);
    expect(long?.fields.message).toBe(`Cannot ${"é".repeat(1020)}`);
    expect(named?.fields.message).toContain("\\u0001".repeat(256));
  });

  it("waits for a person without holding up the others, and 64 at most do", () => {
    const stage = new Stage(1000);
    const prompts = Array.from({ length: 70 }, (_, index) =>
      stage.request("prompt", { name: `prompt ${index}`, text: "?" }),
    );
    stage.send(...prompts, stage.request("hmac", { name: "k", data }));
    const messages = stage.messages().map(({ message }) => message);
    expect(stage.prompts).toBe(64);
    expect(messages.map(({ kind }) => kind)).toEqual([...Array(6).fill("refusal"), "response"]);
    expect(messages[0]?.fields.code).toBe("ERR_LETHE_EXHAUSTED");
  });
});

describe("the end of a server", () => {
  it("is its own fault when it cannot seal an answer, and then the peer's or the application's", () => {
    const faulty = new Stage(1000);
    faulty.onSeal = () => {
      throw new Error("of the engine");
    };
    faulty.send(...exposes(faulty, 1));
    const peer = new Stage(1000);
    peer.send(Uint8Array.from({ length: 200 }, (_, index) => index));
    const closed = new Stage(1000);
    closed.end();
    expect([faulty.ends, peer.ends, closed.ends]).toEqual([["failed"], ["refused"], ["closed"]]);
    for (const stage of [faulty, peer, closed]) {
      expect(stage.secrets.stats.live).toBe(0);
      expect(stage.memory.regions.every(({ zero }) => zero)).toBe(true);
    }
  });

  it("is not a fault when calls come behind the one that closed it", () => {
    const stage = new Stage(1000);
    const late = exposes(stage, 2);
    const close = stage.request("close", {});
    const [first = new Uint8Array(0), second = new Uint8Array(0)] = late;
    stage.send(first, second, close);
    stage.send(stage.request("status", {}));
    stage.end();
    expect(stage.ends).toEqual(["closed"]);
  });
});
