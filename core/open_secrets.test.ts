import { afterEach, describe, expect, it } from "vitest";
import { HEAP_PROVIDER, openSecrets } from "../memories/heap/mod.ts";
import { FAKE_GUARANTEES, FakeMemory, FakeRegion } from "../testing/core/fake_memory.ts";
import { thrown } from "../testing/core/samples.ts";
import { LetheError } from "./contract/errors.ts";
import { GUARANTEE_NAMES, type Guarantees, guarantees, unverified } from "./contract/guarantees.ts";
import type { SecretMemory } from "./contract/memory.ts";
import type { MemoryProvider } from "./contract/runtime.ts";
import { type SecretsOptions, secretsOpener } from "./open_secrets.ts";

const asked: string[] = [];
afterEach(() => {
  asked.length = 0;
});

function provider(name: string, open: () => SecretMemory): MemoryProvider {
  return {
    name,
    open() {
      asked.push(name);
      return open();
    },
  };
}

class Named extends FakeMemory {
  override readonly name: string;
  override readonly guarantees: Guarantees;
  constructor(name: string, table: Guarantees = FAKE_GUARANTEES) {
    super();
    this.name = name;
    this.guarantees = table;
  }
}

const hidden = unverified("enforced", "a fake");
const gone = provider("gone", () => {
  throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot open gone memory: this kernel has none");
});
const weak = provider(
  "weak",
  () => new Named("weak", guarantees({ hidden: unverified("best-effort", "maybe") })),
);
const strong = provider(
  "strong",
  () => new Named("strong", guarantees({ ...FAKE_GUARANTEES, hidden })),
);
const heap = provider("heap", HEAP_PROVIDER.open);
const open = secretsOpener({ name: "Test", memories: [gone, weak, strong, heap] });

describe("openSecrets chooses", () => {
  it("with auto the first that opens, and says why the earlier ones were passed over", () => {
    const secrets = open();
    expect(secrets.memory).toBe("weak");
    expect(secrets.passedOver).toEqual([
      { memory: "gone", reason: "Cannot open gone memory: this kernel has none" },
    ]);
    expect(asked).toEqual(["gone", "weak"]);
  });

  it("with auto the first that has all that is required", () => {
    const secrets = open({ require: ["hidden", "detached-views"] });
    expect(secrets.memory).toBe("strong");
    expect(secrets.passedOver.map(({ memory }) => memory)).toEqual(["gone", "weak"]);
    expect(secrets.passedOver[1]?.reason).toMatch(
      /requires hidden, which is best-effort here \(maybe\); choose/,
    );
    expect(Object.isFrozen(secrets.passedOver)).toBe(true);
  });

  it("by name that one and no other", () => {
    expect(open({ memory: "heap" }).memory).toBe("heap");
    expect(asked).toEqual(["heap"]);
    expect(thrown(() => open({ memory: "gone" })).code).toBe("ERR_LETHE_UNAVAILABLE");
    const { code, message } = thrown(() => open({ memory: "pages" }));
    expect(code).toBe("ERR_LETHE_UNAVAILABLE");
    expect(message).toBe('Cannot open memory "pages": Test has gone, weak, strong, heap');
  });

  it("by name as one that was named, and with auto as one that was not", () => {
    const ways: unknown[] = [];
    const telling = {
      name: "telling",
      open: (way?: unknown) => {
        ways.push(way);
        return new FakeMemory();
      },
    };
    const opening = secretsOpener({ name: "Test", memories: [telling, heap] });
    opening({ memory: "telling" });
    opening();
    expect(ways).toEqual(["by-name", undefined]);
  });

  it("nothing but a name or a memory", () => {
    for (const [wrong, kind] of [
      [null, "null"],
      [5, "a number"],
      [{}, "an object"],
      [{ allocate: 1 }, "an object"],
    ] as const) {
      const error = thrown(() => open({ memory: wrong as never }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(
        `Cannot open secrets as memory must be a name or a SecretMemory: current value is ${kind}`,
      );
    }
  });

  it("the code of what a memory lacks before that of one that cannot be had, in any order", () => {
    const code = (...memories: readonly MemoryProvider[]): unknown =>
      thrown(() => secretsOpener({ name: "Test", memories })({ require: ["locked"] })).code;
    expect([code(weak, gone), code(gone, weak), code(gone)]).toEqual([
      "ERR_LETHE_LOCK",
      "ERR_LETHE_LOCK",
      "ERR_LETHE_UNAVAILABLE",
    ]);
    expect(code()).toBe("ERR_LETHE_UNAVAILABLE");
    const two = secretsOpener({ name: "Test", memories: [gone, { ...gone, name: "lost" }] });
    expect(thrown(() => two()).message.split("\n")).toEqual([
      "Cannot open secrets on Test: no memory has all that is required",
      "  gone: Cannot open gone memory: this kernel has none",
      "  lost: Cannot open gone memory: this kernel has none",
    ]);
    const other = thrown(() => open({ require: ["isolated"] }));
    expect(other.code).toBe("ERR_LETHE_REQUIRE");
    expect(other.message).toMatch(
      /^Cannot open secrets on Test: no memory has all that is required\n {2}gone: .*\n {2}weak: Cannot open weak memory: it requires isolated, which is not given here/,
    );
  });

  it("an error with every reason when none has it", () => {
    const error = thrown(() => open({ require: ["isolated"] }));
    for (const name of ["gone", "weak", "strong", "heap"]) {
      expect(error.message).toContain(`\n  ${name}: `);
    }
    expect(error).toBeInstanceOf(LetheError);
  });

  it("with auto a willing one before a stronger one that declines, and says why it does", () => {
    const shy = { ...strong, declines: () => "Cannot open strong unasked: it prints" };
    const opening = secretsOpener({ name: "Test", memories: [shy, weak, heap] });
    const secrets = opening();
    expect(secrets.memory).toBe("weak");
    expect(secrets.passedOver).toEqual([
      { memory: "strong", reason: "Cannot open strong unasked: it prints" },
    ]);
    expect(asked).toEqual(["weak"]);
    expect(opening({ memory: "strong" }).memory).toBe("strong");
    const hidden = opening({ require: ["hidden"] });
    expect([hidden.memory, hidden.passedOver]).toEqual(["strong", []]);
  });

  it("with auto one that declines before heap, the last resort", () => {
    const shy = { ...strong, declines: () => "Cannot open strong unasked: it prints" };
    const secrets = secretsOpener({ name: "Test", memories: [shy, gone, heap] })();
    expect([secrets.memory, secrets.passedOver]).toEqual(["strong", []]);
    expect(asked).toEqual(["gone", "strong"]);
    const broken = { ...gone, declines: () => "Cannot open gone unasked: it prints" };
    const last = secretsOpener({ name: "Test", memories: [broken, heap] })();
    expect([last.memory, last.passedOver[0]?.reason]).toEqual([
      "heap",
      "Cannot open gone memory: this kernel has none",
    ]);
    const willing = { ...strong, declines: () => null };
    const opening = secretsOpener({ name: "Test", memories: [willing, weak, heap] });
    expect(opening().memory).toBe("strong");
  });

  it("no other memory when one fails in a way that is not Lethe's", () => {
    const broken = provider("broken", () => {
      throw new RangeError("a bug in an adapter");
    });
    const opening = secretsOpener({ name: "Test", memories: [broken, heap] });
    expect(() => opening()).toThrow("a bug in an adapter");
  });
});

describe("require", () => {
  it("refuses each guarantee that heap does not enforce, and no other", () => {
    const { guarantees: table } = openSecrets();
    for (const name of GUARANTEE_NAMES) {
      const opening = (): unknown => openSecrets({ memory: "heap", require: [name] });
      if (table[name].level === "enforced") expect(opening).not.toThrow();
      else expect(thrown(opening).code).toMatch(/^ERR_LETHE_(REQUIRE|LOCK)$/);
    }
  });

  it("holds for each secret: a region that is weaker than its memory is given back", () => {
    const memory = new Named("fake");
    const secrets = openSecrets({ memory, require: ["locked"] });
    const region = new FakeRegion(8, memory);
    memory.allocate = () => Object.assign(region, { guarantees: guarantees({}) });
    const { code, message } = thrown(() => secrets.random(8));
    expect(code).toBe("ERR_LETHE_LOCK");
    expect(message).toMatch(/^Cannot make secret of 8 bytes: it requires locked, /);
    expect([region.released, region.steps, secrets.stats.live]).toEqual([1, ["release"], 0]);
  });

  it("is what was checked, whatever the caller's list says later", () => {
    const required: SecretsOptions["require"] & unknown[] = ["off-heap"];
    const secrets = openSecrets({ memory: new Named("fake"), require: required });
    required.push("isolated");
    expect(secrets.random(8).state).toBe("guarded");
    secrets.purge();
    for (const wrong of [
      "locked",
      ["lock"],
      [undefined],
      new Array(1),
      null,
      {},
      new Set(["locked"]),
    ]) {
      expect(thrown(() => openSecrets({ require: wrong as never }))).toBeInstanceOf(TypeError);
    }
  });
});

describe("options", () => {
  it("that are wrong are a TypeError, never a default", () => {
    const wrong = [null, "secretmem", 1, { memory: 1 }, { memory: {} }, { memory: null }];
    for (const options of [...wrong, { onMisuse: "abort" }, { onMisuse: null }]) {
      expect(thrown(() => openSecrets(options as never))).toBeInstanceOf(TypeError);
    }
  });

  it("are read once, and not from a polluted prototype", () => {
    let reads = 0;
    const options = {
      get memory() {
        reads += 1;
        return reads === 1 ? "strong" : "heap";
      },
    };
    expect([open(options).memory, reads]).toEqual(["strong", 1]);
    const polluted = Object.prototype as { memory?: string; hidden?: unknown };
    try {
      polluted.memory = "heap";
      polluted.hidden = hidden;
      expect(open().memory).toBe("weak");
      expect(guarantees({}).hidden.level).toBe("none");
    } finally {
      delete polluted.memory;
      delete polluted.hidden;
    }
  });
});
