import { TextEncoder } from "../../../system/node_builtins.ts";
import type { SecretStatus } from "../vault/entry.ts";
import { secureHeapState } from "../vault/secure_heap.ts";
import type { CustodianVault } from "../vault/vault.ts";

/** Bytes for secrets in one answer: what the field of the channel holds, without the rest of the answer. */
const PAGE_BYTES = 60_000;

/** A part of what a custodian holds, as it goes over the channel. */
export interface StatusPage {
  readonly count: number;
  readonly secrets: readonly SecretStatus[];
  /** Where the next part begins; null after the last secret. */
  readonly next: number | null;
  readonly unlocked: boolean;
  readonly secureHeap: { readonly total: number; readonly used: number };
}

/**
 * As many secrets as one answer holds, whatever their names: from the one with the number `from` on, and
 * `most` at most. Numbers are given in the order in which secrets came, and never again, so that what is
 * deleted between two parts moves nothing.
 */
export function statusPage(vault: CustodianVault, from: number, most: number): string {
  const secrets: SecretStatus[] = [];
  let next: number | null = null;
  let byteLength = 0;
  const encoder = new TextEncoder();
  for (const [number, secret] of vault.status(from)) {
    const needed = encoder.encode(JSON.stringify(secret)).length + 1;
    if (secrets.length >= most || (secrets.length > 0 && byteLength + needed > PAGE_BYTES)) {
      next = number;
      break;
    }
    secrets.push(secret);
    byteLength += needed;
  }
  const { total, used } = secureHeapState();
  const page: StatusPage = {
    count: vault.count,
    secrets,
    next,
    unlocked: vault.unlocked,
    secureHeap: { total, used },
  };
  return JSON.stringify(page);
}
