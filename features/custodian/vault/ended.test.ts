import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clocks } from "../../../system/deadline.ts";
import { thrown } from "../../../testing/core/samples.ts";
import { openTools } from "../../../testing/features/custodian/pair.ts";
import { SOAK } from "../../../testing/tier.ts";
import { MOST_SECRETS } from "../protocol/limits.ts";
import { MOST_ENDED } from "./ended_names.ts";
import { ANY_TYPE } from "./entry.ts";
import { CustodianVault } from "./vault.ts";
import { VaultKey } from "./vault_key.ts";
import { openSharedRegion } from "./workspace.ts";

const NOW = 1e12;
const now = { wall: NOW, monotonic: 0 };
const clocks: Clocks = { wall: () => now.wall, monotonic: () => now.monotonic };
let vault: CustodianVault;

beforeEach(() => {
  Object.assign(now, { wall: NOW, monotonic: 0 });
  const context = openTools();
  const page = openSharedRegion(context);
  vault = new CustodianVault(context, new VaultKey(context, null), 0, page, clocks);
});
afterEach(() => vault.destroy());

function add(name: string, policy: { uses?: number; expires?: number } = {}, length = 32): void {
  const { uses = Infinity, expires = Infinity } = policy;
  vault.add(name, "key", { mayLeave: false, uses, expires }, length, (bytes) => bytes.fill(7));
}

function use(name: string): number {
  return vault.use(name, ANY_TYPE, "stay", (bytes) => bytes.length);
}

function pass(milliseconds: number): void {
  now.wall += milliseconds;
  now.monotonic += milliseconds;
}

/** Without a timer: the clock of the test moves, that of the machine does not. */
const ENDS = [
  ["its last use is spent", () => add("brief", { uses: 1 }), () => use("brief")],
  ["it has expired", () => add("brief", { expires: NOW + 100 }), () => pass(100)],
  [
    "it has expired",
    () => add("brief", { expires: NOW + 100 }),
    () => {
      now.wall += 100; // the machine slept: no timer comes for a while
    },
  ],
] as const;

describe.each(ENDS)("a secret that has ended because %s", (reason, make, end) => {
  beforeEach(() => {
    make();
    end();
  });

  it("gives its name back, and is another one then", () => {
    add("brief", {}, 16);
    expect(use("brief")).toBe(16);
    expect(use("brief")).toBe(16);
  });

  it("says so of each use, and is not among the secrets", () => {
    for (let call = 0; call < 2; call++) {
      const error = thrown(() => use("brief"));
      expect(error).toMatchObject({ code: "ERR_LETHE_POLICY" });
      expect(error.message).toContain(reason);
    }
    expect([...vault.status()]).toEqual([]);
    expect(vault.count).toBe(0);
  });

  it("is forgotten when it is deleted, once", () => {
    expect(() => use("brief")).toThrow(reason);
    vault.delete("brief");
    expect(thrown(() => use("brief")).code).toBe("ERR_LETHE_NAME");
    expect(thrown(() => vault.delete("brief")).code).toBe("ERR_LETHE_NAME");
  });

  it("does not come back as the reason of the one that took its name", () => {
    add("brief");
    vault.delete("brief");
    expect(thrown(() => use("brief")).code).toBe("ERR_LETHE_NAME");
  });
});

it("remembers as many as it says, the last ones", () => {
  for (let at = 0; at <= MOST_ENDED; at++) {
    add(`${at}`, { uses: 1 });
    use(`${at}`);
  }
  expect(thrown(() => use("0")).code).toBe("ERR_LETHE_NAME");
  expect(thrown(() => use("1")).code).toBe("ERR_LETHE_POLICY");
  expect(thrown(() => use(`${MOST_ENDED}`)).code).toBe("ERR_LETHE_POLICY");
});

it("is in nobody's way when it has expired, before a timer ends it", () => {
  add("brief", { expires: NOW + 100 });
  add("lasting");
  pass(100);
  add("other");
  expect(vault.count).toBe(2);
  expect(() => use("brief")).toThrow("it has expired");
});

it.skipIf(!SOAK)("makes room: more come one after another than there is room for at a time", () => {
  for (let at = 0; at <= MOST_SECRETS; at++) {
    add(`${at}`, at % 2 === 0 ? { uses: 1 } : { expires: now.wall + 10 }, 1);
    if (at % 2 === 0) use(`${at}`);
    else pass(10);
  }
  expect(vault.count).toBe(0);
});
