/** What Lethe waits for when its secrets end, for purged.ts: streams, wrappers that are asked, key services. */
import { createServer } from "node:http";
import type { Secrets } from "../../../../core/mod.ts";
import { openEnclaves } from "../../../../features/enclave/mod.ts";
import { doubled, openEnvelopes } from "../../../../features/envelopes/mod.ts";
import { cached } from "../../../../features/key_cache/mod.ts";
import { openAwsKmsService, openTransitService } from "../../../../features/key_services/mod.ts";

type End = () => void;
type Case = (secrets: Secrets, end: End) => Promise<unknown>;
/** A pair of streams as these cases use them. */
interface Pair {
  readonly readable: unknown;
  readonly writable: unknown;
}

const LONG = 200_000;
const plain = (length: number): Uint8Array => new Uint8Array(length).fill(7);
const tick = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 20);
  });

/** Writes the pieces, reads so many chunks, ends the secrets, and reads on to the end. */
async function streamed(pair: Pair, pieces: readonly unknown[], reads: number, end: End) {
  const reader = (pair.readable as ReadableStream).getReader();
  write(pair, pieces);
  for (let read = 0; read < reads; read++) (await reader.read()).value?.destroy?.();
  await tick();
  end();
  for (;;) if ((await reader.read()).done) return;
}

function write(pair: Pair, pieces: readonly unknown[]): void {
  const writer = (pair.writable as WritableStream).getWriter();
  for (const piece of [...pieces.map((piece) => writer.write(piece)), writer.close()]) {
    piece.catch(() => undefined);
  }
}

async function all(pair: Pair, piece: Uint8Array): Promise<readonly unknown[]> {
  write(pair, [piece]);
  return await Array.fromAsync(pair.readable as AsyncIterable<unknown>);
}

/** @param keep secrets that stay: for those of the cases that are not to end. */
export function waitsOf(keep: Secrets): Readonly<Record<string, Case>> {
  const enclaves = openEnclaves(keep);
  const envelopes = openEnvelopes(keep);
  const identity = envelopes.createIdentity();
  const to = [envelopes.parseRecipient(identity.recipient)];
  const slow = {
    name: "slow",
    version: null,
    residue: null,
    wrap: async (key: Parameters<typeof identity.wrap>[0]) => {
      const stanzas = await identity.wrap(key);
      await tick();
      return stanzas;
    },
    unwrap: async (...given: Parameters<typeof identity.unwrap>) => {
      await tick();
      return await identity.unwrap(...given);
    },
  };
  const sealed = envelopes.seal(plain(8), to);
  const during = async (call: (envelope: Uint8Array) => Promise<unknown>, end: End) => {
    const pending = call(await sealed);
    end();
    return await pending;
  };
  return {
    async "the key of a stream that is unsealed"(secrets, end) {
      const key = secrets.random(32);
      const chunks = await all(enclaves.sealStream({ key }), plain(LONG));
      await streamed(enclaves.unsealStream({ key }), chunks, 1, end);
    },
    "the key of a stream that is sealed": (secrets, end) =>
      streamed(enclaves.sealStream({ key: secrets.random(32) }), [plain(LONG)], 1, end),
    async "enclaves that unseal"(secrets, end) {
      const own = openEnclaves(secrets);
      await streamed(own.unsealStream(), await all(own.sealStream(), plain(LONG)), 1, end);
    },
    "enclaves before the room": (secrets, end) =>
      streamed(openEnclaves(secrets).sealStream(), [plain(LONG)], 1, end),
    "enclaves within": (secrets, end) =>
      streamed(openEnclaves(secrets).sealStream(), [plain(LONG)], 2, end),
    "a piece that waits": (secrets, end) =>
      streamed(enclaves.sealStream(), [secrets.random(100)], 1, end),
    async "an envelope that is opened"(secrets, end) {
      const chunks = await all(envelopes.sealStream(to), plain(LONG));
      await streamed(openEnvelopes(secrets).openStream([identity]), chunks, 1, end);
    },
    async "an envelope before it is opened"(secrets, end) {
      const chunks = await all(envelopes.sealStream(to), plain(8));
      await streamed(openEnvelopes(secrets).openStream([identity]), chunks, 0, end);
    },
    "an envelope before it is sealed": (secrets, end) =>
      streamed(openEnvelopes(secrets).sealStream(to), [plain(8)], 0, end),
    "an envelope after its header": (secrets, end) =>
      streamed(openEnvelopes(secrets).sealStream(to), [plain(8)], 1, end),
    "an envelope's piece": (secrets, end) =>
      streamed(envelopes.sealStream(to), [secrets.random(100)], 1, end),
    "a secret of others": (secrets, end) =>
      during(() => envelopes.seal(secrets.random(8), [slow]), end),
    "seal, asking": (secrets, end) =>
      during(() => openEnvelopes(secrets).seal(plain(8), [slow]), end),
    "open, asking": (secrets, end) =>
      during((envelope) => openEnvelopes(secrets).open(envelope, [slow]), end),
    "reseal, asking": (secrets, end) =>
      during((envelope) => openEnvelopes(secrets).reseal(envelope, [slow], to), end),
    "readdress, asking": (secrets, end) =>
      during((envelope) => openEnvelopes(secrets).readdress(envelope, [slow], to), end),
    "a cache, asking": (secrets, end) =>
      during((envelope) => {
        const limits = { maxAge: 60, uses: 9, entries: 9 };
        return envelopes.open(envelope, [cached(secrets, slow, limits)]);
      }, end),
    "Transit, before its retry": (secrets, end) =>
      refused(end, (address) =>
        openTransitService(secrets, { ...address, key: "k", token: plain(20).fill(97) }),
      ),
    "AWS, before its retry": (secrets, end) =>
      refused(end, ({ address: endpoint, httpOnLoopback }) =>
        openAwsKmsService(secrets, {
          key: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
          credentials: { accessKeyId: "AKIAAAAAAAAAAAAAAAAA", secretAccessKey: plain(40).fill(97) },
          endpoint,
          httpOnLoopback,
        }),
      ),
  };

  /** Seals for a service that answers 503, and ends the secrets before it is asked again. */
  async function refused(
    end: End,
    open: (at: { address: string; httpOnLoopback: true }) => ReturnType<typeof openTransitService>,
  ): Promise<unknown> {
    const server = createServer((request, response) => {
      request.resume();
      request.on("end", () => {
        response.writeHead(503, { "content-type": "application/json", connection: "close" });
        response.end("{}", () => setTimeout(end, 0));
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as { readonly port: number };
    const service = open({ address: `http://127.0.0.1:${port}`, httpOnLoopback: true });
    return await envelopes
      .seal(plain(8), [doubled(identity, service)])
      .finally(() => server.close());
  }
}
