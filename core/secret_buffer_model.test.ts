import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory, type FakeRegion } from "../testing/core/fake_memory.ts";
import { type Deferred, defer, thrown } from "../testing/core/samples.ts";
import type { Protection } from "./contract/memory.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";

const BYTES = 8;

interface Model {
  scopes: ("expose" | "modify")[];
  frozen: boolean;
  gone: boolean;
  content: number;
}

interface Real {
  readonly memory: FakeMemory;
  readonly secret: SecretBuffer;
  readonly region: FakeRegion;
  readonly open: { readonly end: Deferred; readonly settled: Promise<unknown> }[];
  readonly views: Uint8Array[];
}

type Run = (model: Model, real: Real) => Promise<void> | void;

/** Runs `act`, then holds everything that can be seen from inside and outside against the model. */
class Command implements fc.AsyncCommand<Model, Real> {
  readonly #name: string;
  readonly #act: Run;

  constructor(name: string, act: Run) {
    this.#name = name;
    this.#act = act;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.#act(model, real);
    agree(model, real);
  }

  toString(): string {
    return this.#name;
  }
}

function agree(model: Model, { memory, secret, region, open, views }: Real): void {
  const { scopes, gone, content } = model;
  const state = gone ? "destroyed" : scopeState(scopes);
  expect(memory.violations).toEqual([]);
  expect(secret.state).toBe(state);
  expect(secret.frozen).toBe(model.frozen);
  expect(open).toHaveLength(scopes.length);
  // Closing under a scope would kill a native call that still writes: the last end closes.
  const ending = gone && scopes.length > 0;
  expect(region.protection).toBe(ending ? "read-write" : PROTECTION[state]);
  expect(region.released).toBe(gone && scopes.length === 0 ? 1 : 0);
  expect(region.bytes).toEqual(new Array(BYTES).fill(gone ? 0 : content));
  const readable = !gone && scopes.length > 0;
  expect(region.live === null).toBe(!readable);
  for (const view of views) if (view !== region.live) expect(view.byteLength).toBe(0);
}

const PROTECTION: Readonly<Record<string, Protection>> = {
  guarded: "no-access",
  exposed: "read-only",
  modifying: "read-write",
  destroyed: "no-access",
};

function scopeState(scopes: Model["scopes"]): string {
  if (scopes.includes("modify")) return "modifying";
  return scopes.length > 0 ? "exposed" : "guarded";
}

function refusal(model: Model, event: "expose" | "modify" | "freeze"): string | null {
  if (model.gone) return "ERR_LETHE_DESTROYED";
  if (event === "modify" && model.frozen) return "ERR_LETHE_FROZEN";
  const busy = event === "modify" ? model.scopes.length > 0 : model.scopes.includes("modify");
  return busy ? "ERR_LETHE_BUSY" : null;
}

/** Calls `call` when the model allows it, or sees it refused with the model's code. */
function attempt(
  model: Model,
  event: "expose" | "modify" | "freeze",
  call: () => unknown,
): boolean {
  const code = refusal(model, event);
  if (code === null) {
    call();
    return true;
  }
  expect(thrown(call).code).toBe(code);
  return false;
}

const open = (event: "expose" | "modify"): fc.Arbitrary<Command> =>
  fc.constant(
    new Command(`open ${event}`, (model, real) => {
      const end = defer();
      attempt(model, event, () => {
        const settled = real.secret[event](async (bytes) => {
          real.views.push(bytes);
          await end.promise;
        }).catch(() => undefined);
        real.open.push({ end, settled });
        model.scopes.push(event);
      });
    }),
  );

const end = fc.tuple(fc.nat(), fc.boolean()).map(
  ([pick, rejects]) =>
    new Command(`end ${pick} ${rejects ? "rejected" : "resolved"}`, async (model, real) => {
      if (model.scopes.length === 0) return;
      const index = pick % model.scopes.length;
      const [scope] = real.open.splice(index, 1);
      model.scopes.splice(index, 1);
      if (rejects) scope?.end.reject(new Error("on purpose"));
      else scope?.end.resolve();
      await scope?.settled;
    }),
);

const inside = (name: string, act: (real: Real) => void): Command =>
  new Command(name, (model, real) => {
    attempt(model, "expose", () =>
      real.secret.expose((bytes) => {
        real.views.push(bytes);
        expect([...bytes]).toEqual(new Array(BYTES).fill(model.content));
        act(real);
        if (name === "destroy inside expose") {
          model.gone = true;
          expect(bytes.byteLength).toBe(0);
        }
      }),
    );
  });

const commands = [
  open("expose"),
  open("expose"),
  open("modify"),
  end,
  end,
  fc.constant(inside("expose", () => undefined)),
  fc.constant(inside("nested expose", ({ secret }) => secret.expose(() => undefined))),
  fc.constant(inside("slice", ({ secret }) => secret.slice(1).destroy())),
  fc.constant(inside("equals itself", ({ secret }) => expect(secret.equals(secret)).toBe(true))),
  fc.constant(inside("destroy inside expose", ({ secret }) => secret.destroy())),
  fc.integer({ min: 1, max: 255 }).map(
    (value) =>
      new Command(`modify ${value}`, (model, { secret, views }) => {
        const done = attempt(model, "modify", () =>
          secret.modify((bytes) => {
            views.push(bytes);
            bytes.fill(value);
          }),
        );
        if (done) model.content = value;
      }),
  ),
  fc.constant(
    new Command("expose that throws", (model, { secret }) => {
      const failing = (): never => {
        throw new Error("on purpose");
      };
      const { code, message } = thrown(() => secret.expose(failing));
      expect(code ?? message).toBe(refusal(model, "expose") ?? "on purpose");
    }),
  ),
  fc.constant(
    new Command("freeze", (model, { secret }) => {
      if (attempt(model, "freeze", () => secret.freeze())) model.frozen = true;
    }),
  ),
  fc.constant(
    new Command("destroy", (model, { secret }) => {
      secret.destroy();
      model.gone = true;
    }),
  ),
];

describe("a secret, whatever is done to it and in whatever order", () => {
  it("follows the model, keeps the rules of the port, and ends wiped and released once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 40 }), async (sequence) => {
        const memory = new FakeMemory();
        const secret = openSecrets({ memory }).allocate(BYTES);
        const real: Real = { memory, secret, region: memory.last, open: [], views: [] };
        const model: Model = { scopes: [], frozen: false, gone: false, content: 0 };
        await fc.asyncModelRun(() => ({ model, real }), sequence);
        secret.destroy();
        for (const scope of real.open) {
          scope.end.resolve();
          await scope.settled;
        }
        agree({ ...model, scopes: [], gone: true }, { ...real, open: [] });
        expect(memory.regions.map(({ released }) => released)).toEqual(memory.regions.map(() => 1));
      }),
      { numRuns: 500 },
    );
  });
});
