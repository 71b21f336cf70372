/**
 * A worker that holds secrets and plain copies of several lengths, derived from the seeds in its
 * address onwards.
 */

import { offHeapBytes, openSecrets, type SecretBuffer } from "../../../adapters/web/mod.ts";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import { browser } from "./browser_globals.ts";
import { HELD_LENGTHS } from "./held_lengths.ts";

const query = new URLSearchParams(browser.location.search);
const scope = globalThis as unknown as {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
};

function derived(seed: number, byteLength: number): Uint8Array<ArrayBuffer> {
  const bytes = offHeapBytes(byteLength);
  deriveInto(seed, bytes);
  return bytes;
}

const secrets = openSecrets();
const held: SecretBuffer[] = [];
const plain: Uint8Array[] = [];
for (const [index, byteLength] of HELD_LENGTHS.entries()) {
  held.push(secrets.move(derived(Number(query.get("secret")) + index, byteLength)));
  plain.push(derived(Number(query.get("plain")) + index, byteLength));
}

scope.onmessage = ({ data }) => {
  if (data === "purge and close") secrets.purge();
  scope.postMessage(`ended with ${held.length} secrets and ${plain.length} plain copies`);
  browser.close();
};
scope.postMessage("held");
