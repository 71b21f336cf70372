import { expect, it } from "vitest";
import { thrown } from "../../../testing/core/samples.ts";
import { openTools } from "../../../testing/features/custodian/pair.ts";
import { CustodianVault } from "../vault/vault.ts";
import { VaultKey } from "../vault/vault_key.ts";
import { openSharedRegion } from "../vault/workspace.ts";
import { sign } from "./crypto_handlers.ts";
import type { HandlerContext } from "./handler_context.ts";

it("a custodian signs with no key whose public half is not its seed's", () => {
  const context = openTools();
  const vault = new CustodianVault(
    context,
    new VaultKey(context, null),
    0,
    openSharedRegion(context),
  );
  const handling: HandlerContext = {
    ...context,
    vault,
    prompts: new Set(),
    prompt: () => Promise.reject(new Error("not asked")),
  };
  const [publicKey, pair] = [new Uint8Array(32), new Uint8Array(64)];
  context.engine.signKeyPair(publicKey, pair, new Uint8Array(32).fill(7));
  const add = (name: string): void =>
    vault.add(name, "ed25519", { mayLeave: false, uses: 9, expires: Infinity }, 64, (bytes) =>
      bytes.set(pair),
    );
  add("good");
  pair[63] = (pair[63] as number) ^ 128;
  add("bad");
  const replies: number[] = [];
  const ask = (name: string): void =>
    void sign(handling, {
      fields: { name, data: new Uint8Array([1]) },
      arrival: null,
      reply: ({ data }) => void replies.push(data?.length ?? 0),
    });
  ask("good");
  expect(thrown(() => ask("bad")).code).toBe("ERR_LETHE_KEY_INVALID");
  expect(replies).toEqual([64]);
  vault.destroy();
});
