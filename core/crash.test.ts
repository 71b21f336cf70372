import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { ascii, defer, sample, thrown } from "../testing/core/samples.ts";
import { LetheError, type LetheErrorCode, MISUSE } from "./contract/errors.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import type { Secrets } from "./contract/secrets.ts";
import { type SecretsOptions, secretsOpener } from "./open_secrets.ts";

class Aborted extends Error {}

interface Scene {
  readonly memory: FakeMemory;
  readonly secrets: Secrets;
  readonly others: Secrets;
  readonly lines: string[];
  /** How many secrets of anyone were live when the process would have died. */
  readonly liveAtAbort: number[];
}

/** Secrets that crash into an abort that throws, beside secrets of another that do not. */
function scene(options: SecretsOptions = { onMisuse: "crash" }): Scene {
  const memory = new FakeMemory();
  const lines: string[] = [];
  const liveAtAbort: number[] = [];
  const abort = (line: string): never => {
    lines.push(line);
    liveAtAbort.push(secrets.stats.live + others.stats.live);
    throw new Aborted(line);
  };
  const provider = { name: "fake", open: () => memory };
  const secrets = secretsOpener({ name: "test", memories: [provider], abort })(options);
  const others = openSecrets();
  for (const any of [secrets, others]) any.move(sample(8));
  return { memory, secrets, others, lines, liveAtAbort };
}

function crashes(
  code: LetheErrorCode,
  misuse: (secret: SecretBuffer, scene: Scene) => unknown,
): void {
  const set = scene();
  const secret = set.secrets.move(sample(8));
  expect(thrown(() => misuse(secret, set))).toBeInstanceOf(Aborted);
  expect(set.lines).toHaveLength(1);
  expect(set.lines[0]).toMatch(new RegExp(`^lethe: ${code}: [^\n]+$`));
  expect(set.liveAtAbort).toEqual([0]);
  expect(set.memory.regions.every(({ zero }) => zero)).toBe(true);
  expect(set.memory.violations).toEqual([]);
}

const use = (): void => undefined;

describe('onMisuse "crash" destroys every secret of every Secrets, writes one line, then aborts', () => {
  it("on use after destroy, of every kind", () => {
    const uses: readonly ((secret: SecretBuffer, secrets: Secrets) => unknown)[] = [
      (secret) => secret.expose(use),
      (secret) => secret.modify(use),
      (secret) => secret.freeze(),
      (secret) => secret.clone(),
      (secret) => secret.equals(sample(8)),
      (secret, secrets) => secrets.encode(secret, "hex"),
    ];
    for (const late of uses) {
      crashes("ERR_LETHE_DESTROYED", (secret, { secrets }) => {
        secret.destroy();
        late(secret, secrets);
      });
    }
  });

  it("on use of disposed Secrets", () => {
    crashes("ERR_LETHE_DESTROYED", (_, { secrets }) => {
      secrets[Symbol.dispose]();
      secrets.allocate(8);
    });
  });

  it("on modify after freeze, also inside a scope of the same secret", () => {
    crashes("ERR_LETHE_FROZEN", (secret) => secret.freeze().modify(use));
    crashes("ERR_LETHE_FROZEN", (secret) => secret.expose(() => secret.freeze().modify(use)));
  });

  it("on a damaged canary, on destroy and when a late scope ends", async () => {
    const damaged = new LetheError("ERR_LETHE_CANARY", "damaged");
    crashes("ERR_LETHE_CANARY", (secret, { memory }) => {
      memory.arm({ at: 4, when: "after", error: damaged });
      secret.destroy();
    });
    const { secrets, memory, lines, liveAtAbort } = scene();
    const secret = secrets.random(8);
    const wait = defer();
    const pending = secret.expose(() => wait.promise);
    secret.destroy();
    memory.arm({ at: 4, when: "after", error: damaged });
    wait.resolve();
    await expect(pending).rejects.toBeInstanceOf(Aborted);
    expect([lines, liveAtAbort]).toEqual([["lethe: ERR_LETHE_CANARY: damaged"], [0]]);
  });

  it("on a wipe that never takes, once, although the crash wipes that secret again", () => {
    const { secrets, memory, lines, liveAtAbort } = scene();
    const held = [1, 2, 3].map(() => secrets.move(sample(8)));
    const region = memory.regions.at(-2);
    if (region === undefined) throw new Error("no region");
    region.wipe = () => {
      throw new LetheError("ERR_LETHE_WIPE", "it never takes");
    };
    expect(thrown(() => held[1]?.destroy())).toBeInstanceOf(Aborted);
    expect([lines, liveAtAbort]).toEqual([["lethe: ERR_LETHE_WIPE: it never takes"], [1]]);
    expect(held.map(({ state }) => state)).toEqual(["destroyed", "guarded", "destroyed"]);
    expect(region.released).toBe(0);
  });

  it("again, when the abort of the first crash came back", () => {
    const { secrets, lines } = scene();
    const secret = secrets.random(8);
    secret.destroy();
    for (const _ of [1, 2]) expect(thrown(() => secret.expose(use))).toBeInstanceOf(Aborted);
    expect(lines).toHaveLength(2);
  });

  it("and throws where the runtime has no abort", () => {
    const provider = { name: "fake", open: () => new FakeMemory() };
    const secrets = secretsOpener({ name: "test", memories: [provider] })({ onMisuse: "crash" });
    const [secret, other] = [secrets.random(8), secrets.random(8)];
    secret.destroy();
    expect(thrown(() => secret.expose(use)).code).toBe("ERR_LETHE_DESTROYED");
    expect(other.state).toBe("destroyed");
  });
});

describe("what is not misuse", () => {
  it("throws under crash as well: wrong arguments, busy, malformed text, a memory that is full", () => {
    const { secrets, memory, lines } = scene();
    const secret = secrets.random(8);
    expect(thrown(() => secrets.allocate(0))).toBeInstanceOf(RangeError);
    expect(thrown(() => secrets.move("x" as never))).toBeInstanceOf(TypeError);
    expect(thrown(() => secret.modify(() => secret.expose(use))).code).toBe("ERR_LETHE_BUSY");
    expect(thrown(() => secrets.decode(ascii("zz"), "hex")).code).toBe("ERR_LETHE_ENCODING");
    memory.arm({ at: 0, when: "before", error: new LetheError("ERR_LETHE_PROTECT", "no") });
    expect(thrown(() => secret.expose(use)).code).toBe("ERR_LETHE_PROTECT");
    expect([lines, secret.state]).toEqual([[], "guarded"]);
    secrets.purge();
  });

  it("is everything under throw, which destroys nothing else", () => {
    const { secrets, others, lines } = scene({});
    const secret = secrets.random(8);
    secret.destroy();
    expect(thrown(() => secret.expose(use)).code).toBe("ERR_LETHE_DESTROYED");
    expect([lines, secrets.stats.live, others.stats.live]).toEqual([[], 1, 1]);
    for (const any of [secrets, others]) any.purge();
  });

  it("is every code outside the list", () => {
    expect([...MISUSE].sort()).toEqual([
      "ERR_LETHE_CANARY",
      "ERR_LETHE_DESTROYED",
      "ERR_LETHE_FORGED",
      "ERR_LETHE_FROZEN",
      "ERR_LETHE_KEY_SIZE",
      "ERR_LETHE_WIPE",
    ]);
  });
});
