/** Holds and ends secrets as its requests say. No request and no answer has bytes of them. */

import {
  offHeapBytes,
  openEnclaves,
  openSecrets,
  type SecretBuffer,
  type Secrets,
} from "../../../adapters/workerd/mod.ts";
import { deriveInto, mask } from "../../../conformance/forensics/derived_needle.ts";
import { nobleEngine } from "../../../engines/noble/noble_engine.ts";

let secrets: Secrets | undefined;
const held: SecretBuffer[] = [];
const plain: Uint8Array[] = [];

// biome-ignore lint/style/noDefaultExport: the shape of a worker.
export default {
  fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    const seed = Number(searchParams.get("seed"));
    if (pathname === "/hold") return Response.json(hold(seed));
    if (pathname === "/witness") plain.push(derived(seed));
    if (pathname === "/destroy") for (const secret of held) secret.destroy();
    return Response.json(secrets?.stats.live ?? 0);
  },
};

/** One moved, one sealed and opened again, and one at random, of which it tells the masked bytes. */
function hold(seed: number): readonly number[] {
  secrets ??= openSecrets({ engine: nobleEngine() });
  const moved = secrets.move(derived(seed));
  const opened = openEnclaves(secrets)
    .seal(secrets.move(derived(seed + 1)))
    .unseal();
  const random = secrets.random(32);
  held.push(moved, opened, random);
  return random.expose((bytes) => Array.from(mask(seed, bytes)));
}

function derived(seed: number): Uint8Array<ArrayBuffer> {
  const bytes = offHeapBytes(32);
  deriveInto(seed, bytes);
  return bytes;
}
