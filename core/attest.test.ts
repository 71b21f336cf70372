import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory, FakeRegion } from "../testing/core/fake_memory.ts";
import { sample, thrown } from "../testing/core/samples.ts";
import { attest } from "./attest.ts";
import { GUARANTEE_NAMES, guarantees, verified } from "./contract/guarantees.ts";

class Undetaching extends FakeRegion {
  override detach(): void {
    this.live = null;
  }
}
class Unwiping extends FakeRegion {
  override wipe(): void {
    return;
  }
}

/** As one that hands its pages out anew for each wipe. */
class DetachingWipe extends FakeRegion {
  override wipe(): void {
    super.wipe();
    super.detach();
  }
}
class EmptyView extends FakeRegion {
  override view(): Uint8Array<ArrayBuffer> {
    return super.view().subarray(0, 0);
  }
}

/** A memory whose regions are made by `make`. */
function memoryOf(make: (byteLength: number, memory: FakeMemory) => FakeRegion): FakeMemory {
  const memory = new FakeMemory();
  memory.allocate = (byteLength) => {
    const region = make(byteLength, memory);
    memory.regions.push(region);
    return region;
  };
  return memory;
}

describe("attesting a memory", () => {
  it("sees that views detach and bytes are wiped, within the rules of the port", () => {
    const memory = new FakeMemory();
    const attested = attest(memory);
    for (const name of ["detached-views", "wiped-on-destroy"] as const) {
      expect(attested[name]).toMatchObject({ level: "enforced", verified: true });
    }
    expect([memory.violations, memory.last.released, memory.last.zero]).toEqual([[], 1, true]);
  });

  it("sees a view that keeps its length, and require then refuses the memory", () => {
    const memory = memoryOf((byteLength, owner) => new Undetaching(byteLength, owner));
    expect(attest(memory)["detached-views"].level).toBe("none");
    const error = thrown(() => openSecrets({ memory, require: ["detached-views"] }));
    expect(error.code).toBe("ERR_LETHE_REQUIRE");
    expect(error.message).toContain("kept its length");
    expect(openSecrets({ memory }).guarantees["detached-views"].level).toBe("none");
  });

  it("sees bytes that survive a wipe, and require then refuses the memory", () => {
    const memory = memoryOf((byteLength, owner) => new Unwiping(byteLength, owner));
    expect(attest(memory)["wiped-on-destroy"].level).toBe("none");
    const error = thrown(() => openSecrets({ memory, require: ["wiped-on-destroy"] }));
    expect(error.message).toContain("still there after wipe");
  });

  it("believes no wipe that takes the view away, and detaching is judged by another", () => {
    const memory = memoryOf((byteLength, owner) => new DetachingWipe(byteLength, owner));
    const attested = attest(memory);
    expect(attested["detached-views"].level).toBe("enforced");
    expect(attested["wiped-on-destroy"].level).toBe("none");
    const error = thrown(() => openSecrets({ memory, require: ["wiped-on-destroy"] }));
    expect(error.code).toBe("ERR_LETHE_REQUIRE");
    expect(error.message).toContain("a probe's view had 0 of 32 bytes after wipe");
    const secret = openSecrets({ memory }).allocate(8);
    secret.expose((bytes) => expect(bytes).toHaveLength(8));
    secret.destroy();
  });

  it("believes nothing of a view that was empty from the start", () => {
    const attested = attest(memoryOf((byteLength, owner) => new EmptyView(byteLength, owner)));
    expect(attested["detached-views"].evidence).toContain("did not have its length before detach");
    expect(attested["wiped-on-destroy"].evidence).toContain("0 of 32 bytes");
  });

  it("leaves a memory its claim to be wiped on exit, and says none for one without", () => {
    const wiped = verified("its owner wipes it");
    const table = guarantees({ "wiped-on-exit": wiped, "wiped-when-collected": wiped });
    class Claiming extends FakeMemory {
      override readonly guarantees = table;
    }
    const secrets = openSecrets({ memory: new Claiming() });
    expect(secrets.guarantees["wiped-on-exit"]).toEqual(wiped);
    expect(secrets.allocate(8).guarantees["wiped-on-exit"]).toEqual(wiped);
    expect(secrets.guarantees["wiped-when-collected"].level).toBe("best-effort");
    const { level, evidence } = openSecrets({ memory: new FakeMemory() }).guarantees[
      "wiped-on-exit"
    ];
    expect([level, evidence]).toEqual(["none", "no exit handler is installed"]);
  });

  it("gives its region back also when a step of it fails", () => {
    for (let at = 0; at < 6; at++) {
      const memory = new FakeMemory();
      memory.arm({ at, when: "before", error: new Error("on purpose") });
      expect(() => openSecrets({ memory })).toThrow("on purpose");
      expect(memory.last.released).toBe(1);
    }
  });

  it("completes the table with what no memory gives: every guarantee has a row and a reason", () => {
    const { guarantees: table } = openSecrets({ memory: new FakeMemory() });
    expect(Object.keys(table)).toEqual([...GUARANTEE_NAMES]);
    for (const name of GUARANTEE_NAMES) expect(table[name].evidence).not.toBe("");
    expect(table["wiped-on-exit"].level).toBe("none");
    expect(table["wiped-when-collected"].level).toBe("best-effort");
    expect(Object.isFrozen(table)).toBe(true);
  });
});

describe("a memory that gives another region than was asked for", () => {
  it("is refused, and the region given back", () => {
    for (const wrong of [-1, 1]) {
      const memory = memoryOf((byteLength, owner) => new FakeRegion(byteLength, owner));
      const secrets = openSecrets({ memory });
      const { allocate } = memory;
      memory.allocate = (byteLength) => allocate(byteLength + wrong);
      const source = sample(8);
      const { message } = thrown(() => secrets.move(source));
      expect(message).toBe(
        `Cannot make secret of 8 bytes: memory fake gave a region of ${8 + wrong}`,
      );
      expect([source[0], memory.last.released, secrets.stats.live]).toEqual([sample(8)[0], 1, 0]);
    }
  });

  it("is refused when only its view has another length", () => {
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    const secret = secrets.allocate(8);
    const region = memory.last;
    const view = region.view.bind(region);
    for (const wrong of [0, 7, 9]) {
      region.view = () => view() && new Uint8Array(wrong);
      expect(thrown(() => secret.expose(() => undefined)).code).toBe("ERR_LETHE_UNAVAILABLE");
      expect([secret.state, region.protection, region.live]).toEqual([
        "guarded",
        "no-access",
        null,
      ]);
    }
    secret.destroy();
    expect([secrets.stats.exposes, memory.violations]).toEqual([0, []]);
  });

  it("that throws what is not Lethe's lets it through, and counts no secret", () => {
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    const error = new SyntaxError("a bug in an adapter");
    memory.allocate = () => {
      throw error;
    };
    expect(thrown(() => secrets.random(8))).toBe(error);
    expect(secrets.stats.live).toBe(0);
  });
});
