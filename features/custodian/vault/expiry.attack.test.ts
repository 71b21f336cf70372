import { expect, it } from "vitest";
import type { Clocks } from "../../../system/deadline.ts";
import { thrown } from "../../../testing/core/samples.ts";
import { openTools } from "../../../testing/features/custodian/pair.ts";
import { ANY_TYPE } from "./entry.ts";
import { CustodianVault } from "./vault.ts";
import { VaultKey } from "./vault_key.ts";
import { openSharedRegion } from "./workspace.ts";

const HOUR = 3_600_000;

it.each([
  ["somebody sets the time back", { wall: -HOUR, monotonic: 10_000 }],
  ["the machine slept", { wall: HOUR, monotonic: 0 }],
])("a secret has expired when %s", (_, jump) => {
  const context = openTools();
  const now = { wall: 1e12, monotonic: 5000 };
  const clocks: Clocks = { wall: () => now.wall, monotonic: () => now.monotonic };
  const key = new VaultKey(context, null);
  const vault = new CustodianVault(context, key, 0, openSharedRegion(context), clocks);
  const policy = { mayLeave: false, uses: Infinity, expires: now.wall + 9000 };
  vault.add("brief", "key", policy, 32, (bytes) => bytes.fill(7));
  const use = (): number => vault.use("brief", ANY_TYPE, "stay", (bytes) => bytes.length);
  expect(use()).toBe(32);
  now.wall += jump.wall;
  now.monotonic += jump.monotonic;
  expect(thrown(use).code).toBe("ERR_LETHE_POLICY");
  vault.destroy();
});
