import type { SecretBuffer } from "../../core/mod.ts";
import { check, refused, same } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import { hasDispose } from "../dispose.ts";
import { defer, write } from "./samples.ts";

/** The rules L1 to L5 are those of `core/contract/lifecycle.ts`. */
export const LIFECYCLE: readonly ConformanceCase[] = [
  {
    id: "L1",
    title: "nothing leaves `destroyed`: every use is ERR_LETHE_DESTROYED, a second destroy nothing",
    run(trial) {
      const [secrets, secret] = fresh(trial);
      secret.destroy();
      secret.destroy();
      if (hasDispose()) secret[Symbol.dispose]();
      const uses: readonly [string, () => unknown][] = [
        ["expose", () => secret.expose(() => undefined)],
        ["modify", () => secret.modify(() => undefined)],
        ["freeze", () => secret.freeze()],
        ["equals", () => secret.equals(secrets.allocate(32))],
        ["equals, as the other", () => secrets.allocate(32).equals(secret)],
        ["clone", () => secret.clone()],
        ["slice", () => secret.slice(1, 2)],
        ["encode", () => secrets.encode(secret, "hex")],
      ];
      for (const [name, use] of uses) refused("ERR_LETHE_DESTROYED", name, use);
      same(secret.state, "destroyed", "state");
      same(secret.byteLength, 32, "byteLength after destroy");
    },
  },
  {
    id: "L2",
    title: "a scope that returned, threw or settled has left the secret `guarded`",
    async run(trial) {
      const [, secret] = fresh(trial);
      for (const scope of ["expose", "modify"] as const) {
        const open = scope === "expose" ? "exposed" : "modifying";
        const result = secret[scope](() => secret.state);
        same(result, open, `state inside ${scope}, given back as its result`);
        same(secret.state, "guarded", `state after ${scope} returned`);
        const thrown = new Error("thrown");
        const caught = caughtFrom(() =>
          secret[scope](() => {
            throw thrown;
          }),
        );
        check(caught === thrown, `${scope} changed the error of its use`);
        same(secret.state, "guarded", `state after ${scope} threw`);
        const wait = defer();
        const pending = secret[scope](async () => {
          await wait.promise;
          return "settled";
        });
        same(secret.state, open, `state while an async ${scope} is pending`);
        wait.resolve();
        same(await pending, "settled", `result of an async ${scope}`);
        same(secret.state, "guarded", `state after an async ${scope}`);
        const reason = await secret[scope](() => Promise.reject(thrown)).catch((error) => error);
        check(reason === thrown, `${scope} changed the reason of a rejection`);
        same(secret.state, "guarded", `state after a rejected ${scope}`);
      }
    },
  },
  {
    id: "L3",
    title: "overlapping exposes share one view, which lives until the last of them ends",
    rests: ["M5"],
    async run(trial) {
      const [, secret] = fresh(trial);
      const [early, late] = [defer(), defer()];
      const views: Uint8Array[] = [];
      const hold = (until: Promise<void>): Promise<void> =>
        secret.expose((bytes) => {
          views.push(bytes);
          return until;
        });
      const first = hold(early.promise);
      const second = hold(late.promise);
      secret.expose((bytes) => views.push(bytes));
      check(new Set(views).size === 1, "overlapping exposes were given different views");
      early.resolve();
      await first;
      same(secret.state, "exposed", "state after the first of two ended");
      same(views[0]?.length, 32, "length of the shared view after the first of two ended");
      late.resolve();
      await second;
      same(secret.state, "guarded", "state after the last ended");
    },
  },
  {
    id: "L4",
    title: "`modify` is exclusive in both directions: ERR_LETHE_BUSY",
    run(trial) {
      const [secrets, secret] = fresh(trial);
      const nothing = (): void => undefined;
      secret.modify(() => {
        refused("ERR_LETHE_BUSY", "expose inside modify", () => secret.expose(nothing));
        refused("ERR_LETHE_BUSY", "modify inside modify", () => secret.modify(nothing));
        refused("ERR_LETHE_BUSY", "freeze inside modify", () => secret.freeze());
        refused("ERR_LETHE_BUSY", "clone inside modify", () => secret.clone());
      });
      secret.expose(() => {
        refused("ERR_LETHE_BUSY", "modify inside expose", () => secret.modify(nothing));
      });
      same(secret.state, "guarded", "state after refusals");
      same(secrets.stats.live, 1, "live secrets after refusals");
    },
  },
  {
    id: "L5",
    title: "a frozen secret is never modified again; all else works, and a copy is not frozen",
    rests: ["M11"],
    run(trial) {
      const [secrets, secret] = fresh(trial);
      check(secret.freeze() === secret, "freeze does not give the secret back");
      same(secret.freeze().frozen, true, "frozen");
      refused("ERR_LETHE_FROZEN", "modify", () => secret.modify(() => undefined));
      for (const copy of [secret.clone(), secret.slice(0, 16)]) {
        same(copy.frozen, false, "frozen of a copy");
        write(copy, 9);
      }
      check(secrets.encode(secret, "hex").byteLength === 64, "a frozen secret cannot be encoded");
      secret.destroy();
      same(secret.state, "destroyed", "state of a frozen secret after destroy");
    },
  },
];

function fresh(trial: Trial): readonly [ReturnType<Trial["secrets"]>, SecretBuffer] {
  const secrets = trial.secrets();
  const secret = secrets.allocate(32);
  write(secret);
  return [secrets, secret];
}

function caughtFrom(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
