import { describe, expect, it } from "vitest";
import { thrown } from "../testing/core/samples.ts";
import type { CryptoEngine, EngineProvider } from "./contract/engine.ts";
import { LetheError } from "./contract/errors.ts";
import type { Secrets } from "./contract/secrets.ts";
import { checkEngine, chooseEngine } from "./engine_choice.ts";
import { Engines, enginesOfSecrets } from "./engines.ts";

const engine = (name: string, operations: readonly string[], residue: object = {}): CryptoEngine =>
  ({ name, operations: new Set(operations), residue }) as unknown as CryptoEngine;

it("an engine is a name, or an object with a name and operations", () => {
  const own = engine("own", ["aead"]);
  expect([checkEngine("sodium", "seal"), checkEngine(own, "seal")]).toEqual(["sodium", own]);
  for (const [wrong, kind] of [
    [null, "null"],
    [undefined, "undefined"],
    [5, "a number"],
    [{}, "an object"],
    [{ name: "own" }, "an object"],
    [{ name: "own", operations: null }, "an object"],
    [{ name: "own", operations: ["aead"] }, "an array"],
    [{ name: 1, operations: new Set() }, "an object"],
    [{ operations: new Set() }, "an object"],
  ] as const) {
    const error = thrown(() => checkEngine(wrong, "seal"));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^Cannot seal as engine must be a name or a CryptoEngine: curr/);
    if (kind !== "an array") expect(error.message.endsWith(kind)).toBe(true);
  }
});

it("of a runtime are its own, and none is chosen unless it is named", () => {
  const providers = [{ name: "own", open: () => engine("own", []) }];
  const choice = chooseEngine({ name: "Test", engines: providers }, "auto", "seal");
  expect(choice).toEqual({ runtime: "Test", providers, wanted: "auto" });
  expect(chooseEngine({ name: "Test" }, "own", "seal")).toEqual({
    runtime: "Test",
    providers: [],
    wanted: "own",
  });
});

it("a choice is kept until another is made", () => {
  const engines = new Engines({ runtime: "Test", providers: [], wanted: "auto" });
  expect(engines.choosing(undefined, "seal")).toBe(engines);
  const own = engine("own", ["aead"]);
  const need = { verb: "seal", operations: ["aead"] } as const;
  const chosen = engines.choosing(own, "seal").choose(need);
  expect(chosen).toEqual({ engine: own, passedOver: [] });
  expect(Object.isFrozen(chosen.passedOver)).toBe(true);
  expect(() => engines.choosing(5, "seal")).toThrow(TypeError);
  expect(thrown(() => engines.choose(need)).message).toMatch(
    /^Cannot seal: Test has no engine for/,
  );
});

it("an engine that lacks something is refused with what it lacks", () => {
  const leaky = engine("leaky", ["aead", "argon2id"], { argon2id: "a block" });
  const engines = new Engines({ runtime: "Test", providers: [], wanted: leaky });
  const refused = (operations: readonly string[], clean?: boolean): string => {
    const need = { verb: "seal", operations, ...(clean === undefined ? {} : { clean }) };
    const error = thrown(() => engines.choose(need as never));
    expect([error instanceof LetheError, error.code]).toEqual([true, "ERR_LETHE_UNAVAILABLE"]);
    return error.message;
  };
  const behind = "; pass another one as the option engine";
  expect(refused(["aead", "box"])).toBe(`Cannot seal: engine leaky has no box${behind}`);
  expect(refused(["box", "subkey"])).toBe(`Cannot seal: engine leaky has no box, subkey${behind}`);
  expect(refused(["argon2id"], true)).toBe(
    `Cannot seal: engine leaky leaves residue of argon2id${behind}`,
  );
  for (const clean of [undefined, false]) {
    const need = { verb: "seal", operations: ["argon2id"], ...(clean === false ? { clean } : {}) };
    expect(engines.choose(need as never).engine).toBe(leaky);
  }
  const need = { verb: "seal", operations: ["aead"], clean: true } as const;
  expect(engines.choose(need).engine).toBe(leaky);
});

it("with auto those that lack something are passed over, and each is opened once", () => {
  let opened = 0;
  const provider = (name: string, operations: readonly string[]) => ({
    name,
    open: () => {
      opened += 1;
      return engine(name, operations);
    },
  });
  const providers = [provider("first", []), provider("second", ["aead"])];
  const engines = new Engines({ runtime: "Test", providers, wanted: "auto" });
  const need = { verb: "seal", operations: ["aead"] } as const;
  const { passedOver, ...chosen } = engines.choose(need);
  expect(chosen.engine.name).toBe("second");
  expect(passedOver).toEqual([{ engine: "first", reason: "has no aead" }]);
  expect([engines.choose(need).engine, opened]).toEqual([chosen.engine, 2]);
  const named = engines.choosing("first", "seal");
  expect(thrown(() => named.choose(need)).message).toMatch(
    /^Cannot seal: Test has no .*has no aead$/s,
  );
  expect(thrown(() => engines.choosing("third", "seal").choose(need)).message).toMatch(
    /^Cannot seal: Test loads no engine "third" by itself, but first, second; pass one/,
  );
});

describe("where there is no engine, the error names what its caller can do", () => {
  const failing = { name: "failing", open: (): never => fails("Cannot load it; install it") };
  const fails = (message: string): never => {
    throw new LetheError("ERR_LETHE_UNAVAILABLE", message);
  };
  const said = (
    providers: readonly EngineProvider[],
    passed?: "option" | "secrets" | "nowhere",
    more: object = {},
  ): string => {
    const engines = new Engines({ runtime: "Test", providers, wanted: "auto" });
    const need = { verb: "seal", operations: [], ...(passed === undefined ? {} : { passed }) };
    return thrown(() => engines.choose({ ...need, ...more } as never)).message;
  };
  const both = "await openLibsodiumEngine() of lethe/libsodium, or nobleEngine() of lethe/noble";

  it.each([
    [undefined, `, or in a program pass one as the option engine: ${both}`],
    ["option", `, or in a program pass one as the option engine: ${both}`],
    ["secrets", `, or in a program pass one to openSecrets as the option engine: ${both}`],
    ["nowhere", "; no other can be passed"],
  ] as const)("whose engines are passed by %s", (passed, other) => {
    expect(said([failing], passed)).toBe(
      `Cannot seal: Test has no engine for it; make one of these available${other}\n  failing: Cannot load it; install it`,
    );
  });

  it("where the runtime has none that it could load", () => {
    expect(said([], "secrets")).toBe(
      `Cannot seal: Test has no engine for it; pass one to openSecrets as the option engine: ${both}`,
    );
    expect(said([], "nowhere")).toMatch(/; no other can be passed$/);
  });

  it("names none that leaves residue where that is refused", () => {
    expect(said([failing], "option", { clean: true })).not.toContain("noble");
  });

  it("names the place of one that lacks something", () => {
    const engines = new Engines({ runtime: "Test", providers: [], wanted: engine("own", []) });
    const message = (passed: string): string =>
      thrown(() => engines.choose({ verb: "seal", operations: ["aead"], passed } as never)).message;
    expect(message("secrets")).toMatch(/no aead; pass another one to openSecrets as the option/);
    expect(message("nowhere")).toMatch(/no aead; pass another one to openSecrets as the option/);
  });
});

it("those of secrets that somebody else made are none, and one for the same secrets", () => {
  const foreign = { memory: "foreign" } as Secrets;
  const engines = enginesOfSecrets(foreign);
  expect(enginesOfSecrets(foreign)).toBe(engines);
  expect(thrown(() => engines.choose({ verb: "seal", operations: [] })).message).toMatch(
    /^Cannot seal: foreign memory has no engine for it; pass one/,
  );
});
