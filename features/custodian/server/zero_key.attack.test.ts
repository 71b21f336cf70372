import { expect, it } from "vitest";
import { thrown } from "../../../testing/core/samples.ts";
import { openTools } from "../../../testing/features/custodian/pair.ts";
import type { Fields } from "../protocol/fields.ts";
import { CustodianVault } from "../vault/vault.ts";
import { VaultKey } from "../vault/vault_key.ts";
import { openSharedRegion } from "../vault/workspace.ts";
import { decrypt, derive, encrypt, hmac, isAuthentic, verifyHmac } from "./crypto_handlers.ts";
import type { Handler } from "./handler_context.ts";

const data = new Uint8Array(60).fill(5);
const USES: Readonly<Record<string, readonly [Handler, Fields]>> = {
  encrypt: [encrypt, { data }],
  decrypt: [decrypt, { data }],
  isAuthentic: [isAuthentic, { data }],
  "isAuthentic of nothing": [isAuthentic, { data: data.subarray(0, 40) }],
  hmac: [hmac, { data }],
  "hmac, sha512": [hmac, { data, hash: "sha512" }],
  verifyHmac: [verifyHmac, { data, tag: data.subarray(0, 32) }],
  derive: [derive, { data, other: "fresh" }],
};

it.each(Object.entries(USES))(
  "a custodian refuses to %s with a key of zeros",
  (_, [use, fields]) => {
    const context = openTools();
    const region = openSharedRegion(context);
    const vault = new CustodianVault(context, new VaultKey(context, null), 0, region);
    const policy = { mayLeave: true, uses: 9, expires: Infinity };
    for (const [name, byte] of [
      ["zeros", 0],
      ["key", 1],
    ] as const) {
      vault.add(name, "key", policy, 32, (bytes) => bytes.fill(byte));
    }
    const replies: unknown[] = [];
    const ask = (name: string): void =>
      void use(
        {
          ...context,
          vault,
          prompts: new Set(),
          prompt: () => Promise.reject(new Error("not asked")),
        },
        { fields: { ...fields, name }, arrival: null, reply: (reply) => void replies.push(reply) },
      );
    expect(thrown(() => ask("zeros")).code).toBe("ERR_LETHE_KEY_INVALID");
    expect(replies).toEqual([]);
    const other = use === decrypt ? thrown(() => ask("key")).code : ask("key");
    expect(other).toBe(use === decrypt ? "ERR_LETHE_FORGED" : undefined);
    vault.destroy();
  },
);
